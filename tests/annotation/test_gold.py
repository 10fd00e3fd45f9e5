"""Gold: what counts as right, and what is counted of it."""

from __future__ import annotations

from collections import Counter

import pytest

from jointbert.annotation import Project
from jointbert.utterance import Span, Utterance

TEXT = "fly to Rome"
CITY, DATE = Span.of(TEXT, "city", 7, 11), Span.of(TEXT, "date", 7, 11)


@pytest.fixture
def fly(project: Project) -> int:
    """The number of an utterance without an answer."""
    project.add([Utterance(TEXT, tokens=((0, 3), (4, 6), (7, 11)))], "ann")
    return project.find()[0].id


def test_one_accepted_answer_is_gold_with_number_place_and_tokens(project: Project, fly: int) -> None:
    project.answer(fly, "ann", "accepted", "book", [CITY])
    [gold] = project.labelled()
    assert gold == Utterance(TEXT, "book", (CITY,), str(fly), ((0, 3), (4, 6), (7, 11)))
    assert gold.where == f"utterance {fly}"


@pytest.mark.parametrize("status", ["draft", "rejected", "skipped"])
def test_other_answers_are_no_gold(project: Project, fly: int, status: str) -> None:
    project.answer(fly, "ann", status, "book")
    assert project.labelled() == [] and project.item(fly, "ann").gold is None
    assert project.labelled_count() == 0


def test_two_that_agree_are_gold_and_two_that_do_not_are_none(project: Project, fly: int) -> None:
    project.answer(fly, "ann", "accepted", "book", [CITY])
    bob = project.answer(fly, "bob", "accepted", "book", [CITY])
    assert len(project.labelled()) == project.labelled_count() == 1
    bob = project.answer(fly, "bob", "accepted", "cancel", [CITY], bob.version)
    assert project.labelled() == [] and project.labelled_count() == 0
    bob = project.answer(fly, "bob", "accepted", "book", [DATE], bob.version)
    assert project.labelled() == []
    project.answer(fly, "bob", "skipped", version=bob.version)
    assert len(project.labelled()) == 1, "who skips does not disagree"


def test_a_canonical_value_is_no_disagreement_and_is_kept(project: Project, fly: int) -> None:
    project.answer(fly, "ann", "accepted", "book", [CITY])
    project.answer(fly, "bob", "accepted", "book", [Span.of(TEXT, "city", 7, 11, canonical="ROM")])
    [gold] = project.labelled()
    assert gold.spans[0].canonical == "ROM" and project.labelled_count() == 1


def test_a_part_of_the_data(project: Project, fly: int) -> None:
    project.add([Utterance("bye", "cancel")], "ann", split="dev")
    project.answer(fly, "ann", "accepted", "book")
    assert [gold.text for gold in project.labelled()] == [TEXT, "bye"]
    assert [gold.text for gold in project.labelled("dev")] == ["bye"]
    assert project.labelled("test") == [] and project.labelled_count() == 2


def test_a_decision_counts_once_with_answers_or_without(project: Project, fly: int) -> None:
    answer = project.answer(fly, "ann", "accepted", "book", [CITY])
    project.answer(fly, "bob", "accepted", "cancel", [CITY])
    project.decide(fly, "cem", "book", [CITY])
    assert project.label_counts() == {"intent": Counter(book=1), "slot": Counter(city=1)}
    assert len(project.labelled()) == project.labelled_count() == 1
    project.answer(fly, "ann", "rejected", version=answer.version)
    assert len(project.labelled()) == project.labelled_count() == 1, "a decision needs no answer"


def test_counts_and_lengths(project: Project, fly: int) -> None:
    project.answer(fly, "ann", "accepted", "book", [CITY])
    project.add([Utterance("stop it", "cancel"), Utterance("no", "cancel"), Utterance("文字")], "ann")
    assert project.label_counts() == {"intent": Counter(book=1, cancel=2), "slot": Counter(city=1)}
    assert project.lengths() == [11, 7, 2, 2]


def test_the_linter_looks_at_gold_by_its_parts(project: Project) -> None:
    assert project.check() == []
    same = [Utterance("stop", "cancel"), Utterance("stop ", "book")]
    project.add(same, "ann")
    found = project.check()
    assert "few-utterances" in {problem.rule for problem in found}
    [contradiction] = [problem for problem in found if problem.rule == "two-intents"]
    assert "utterance " in str(contradiction)
