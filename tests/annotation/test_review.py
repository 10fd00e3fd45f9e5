"""Review: which utterances are in conflict, what answers have in common, and decisions."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from jointbert.annotation import Answer, Project
from jointbert.annotation.review import merge
from jointbert.errors import EditConflictError, StoreError
from jointbert.utterance import Span, Utterance

TEXT = "fly from Rome to Oslo"
ROME, OSLO = Span.of(TEXT, "city", 9, 13), Span.of(TEXT, "city", 17, 21)
WIDE = Span.of(TEXT, "city", 4, 13)


@pytest.fixture
def disputed(project: Project) -> Project:
    """Utterance 1: other intents; 2: other spans; 3: the same; 4: one answer is no accepted one."""
    project.add([Utterance(TEXT), Utterance(TEXT + "!"), Utterance(TEXT + "?"), Utterance("hm")], "ann")
    project.answer(1, "ann", "accepted", "book", [ROME])
    project.answer(1, "bob", "accepted", "cancel", [ROME])
    project.answer(2, "ann", "accepted", "book", [ROME])
    project.answer(2, "bob", "accepted", "book", [ROME, OSLO])
    for who in ("ann", "bob"):
        project.answer(3, who, "accepted", "book", [ROME])
    project.answer(4, "ann", "accepted", "book")
    project.answer(4, "bob", "rejected")
    return project


def test_answers_that_differ_in_intent_or_spans_are_in_conflict(disputed: Project) -> None:
    found = disputed.conflicts()
    assert [conflict.utterance_id for conflict in found] == [1, 2]
    assert [answer.annotator for answer in found[0].answers] == ["ann", "bob"]
    assert found[0].text == TEXT and found[0].decision is None
    assert disputed.conflicts(decided=True) == []


def test_a_page_of_conflicts(disputed: Project) -> None:
    assert [conflict.utterance_id for conflict in disputed.conflicts(limit=1)] == [1]
    assert [conflict.utterance_id for conflict in disputed.conflicts(limit=1, offset=1)] == [2]
    assert disputed.conflicts(offset=2) == []


def test_what_stands_for_a_value_makes_no_conflict(project: Project) -> None:
    project.add([Utterance(TEXT)], "ann")
    project.answer(1, "ann", "accepted", "book", [ROME])
    project.answer(1, "bob", "accepted", "book", [Span.of(TEXT, "city", 9, 13, canonical="Roma")])
    assert project.conflicts() == []


def test_more_conflicts_than_one_statement_takes(project: Project) -> None:
    texts = [f"text {number}" for number in range(1100)]
    project.add([Utterance(text, "book") for text in texts], "ann")
    project.add([Utterance(text, "cancel") for text in texts], "bob")
    assert [conflict.text for conflict in project.conflicts(limit=2, offset=1098)] == ["text 1098", "text 1099"]
    assert len(project.conflicts(limit=5000)) == 1100


def test_a_decision_settles_what_is_gold(disputed: Project) -> None:
    decision = disputed.decide(1, "cem", "cancel", [OSLO, ROME])
    assert (decision.annotator, decision.status, decision.version) == ("cem", "accepted", 1)
    assert decision.spans == (ROME, OSLO)
    assert [conflict.utterance_id for conflict in disputed.conflicts()] == [2]
    assert [conflict.decision for conflict in disputed.conflicts(decided=True)] == [decision]
    gold = {utterance.id: utterance for utterance in disputed.labelled()}
    assert (gold["1"].intent, gold["1"].spans) == ("cancel", (ROME, OSLO))
    assert "2" not in gold


def test_a_decision_can_be_changed_and_both_can_be_taken_back(disputed: Project) -> None:
    first = disputed.decide(1, "cem", "cancel")
    second = disputed.decide(1, "dan", "book", [ROME], version=first.version)
    assert (second.annotator, second.version) == ("dan", 2)
    assert disputed.undo("dan") is not None
    (conflict,) = disputed.conflicts(decided=True)
    assert conflict.decision is not None
    assert (conflict.decision.annotator, conflict.decision.intent, conflict.decision.spans) == ("cem", "cancel", ())


def test_undone_altogether_there_is_no_decision(disputed: Project) -> None:
    disputed.decide(1, "cem", "cancel")
    disputed.undo("cem")
    assert [conflict.utterance_id for conflict in disputed.conflicts()] == [1, 2]


def test_a_decision_that_was_not_seen_is_not_overwritten(disputed: Project) -> None:
    first = disputed.decide(1, "cem", "cancel")
    with pytest.raises(EditConflictError, match=r"decision about utterance 1: was made by 'cem' in between") as caught:
        disputed.decide(1, "dan", "book")
    assert caught.value.theirs == first
    disputed.undo("cem")
    with pytest.raises(EditConflictError, match="was taken back in between"):
        disputed.decide(1, "dan", "book", version=first.version)


def test_a_page_that_shows_a_decision_taken_back_does_not_overwrite_the_next_one(disputed: Project) -> None:
    shown = disputed.decide(1, "cem", "cancel")
    disputed.undo("cem")
    disputed.decide(1, "dan", "book")
    with pytest.raises(EditConflictError):
        disputed.decide(1, "eve", "cancel", version=shown.version)


def test_answers_that_were_not_seen_are_not_decided_over(disputed: Project) -> None:
    (seen, _) = disputed.conflicts()
    disputed.answer(1, "ann", "rejected", version=1)
    disputed.answer(1, "bob", "accepted", "book", [ROME], version=1)
    disputed.answer(1, "cem", "accepted", "cancel")
    told = r"the answers are others by now \(withdrawn: 'ann'; changed: 'bob'; new: 'cem'\)\. Look at them as they are"
    with pytest.raises(EditConflictError, match=told) as caught:
        disputed.decide(1, "dan", "cancel", [ROME], seen=seen.answers)
    assert caught.value.theirs is None and disputed.decision(1) is None
    assert disputed.decide(1, "dan", "cancel", [ROME], seen=disputed.conflicts()[0].answers).intent == "cancel"


def test_answers_saved_anew_that_say_the_same_are_those_seen(disputed: Project) -> None:
    (seen, _) = disputed.conflicts()
    disputed.answer(1, "ann", "draft", "cancel", version=1)
    disputed.undo("ann")
    assert disputed.decide(1, "dan", "book", [ROME], seen=seen.answers) == disputed.decision(1)


def test_what_was_decided_can_be_asked_for(disputed: Project) -> None:
    assert disputed.decision(1) is None
    assert disputed.decide(1, "cem", "cancel", [ROME]) == disputed.decision(1)
    with pytest.raises(StoreError, match="utterance 99"):
        disputed.decision(99)


def test_a_decision_is_checked_like_an_answer(disputed: Project) -> None:
    with pytest.raises(StoreError, match=r"utterance 1: the intent 'boook' is not in the schema.*'book'"):
        disputed.decide(1, "cem", "boook")
    with pytest.raises(StoreError, match="overlap"):
        disputed.decide(1, "cem", "book", [ROME, WIDE])
    with pytest.raises(StoreError, match="utterance 99"):
        disputed.decide(99, "cem", "book")
    assert disputed.conflicts(decided=True) == []


def said(intent: str | None, *spans: Span) -> Answer:
    return Answer(1, "ann", "accepted", intent, spans, "", 1, datetime.now(UTC))


def test_a_merge_keeps_what_all_share_and_what_nothing_speaks_against() -> None:
    assert merge([said("book", ROME), said("book", ROME, OSLO)]) == ("book", (ROME, OSLO))
    assert merge([said("book", WIDE, OSLO), said("book", ROME, OSLO)]) == ("book", (OSLO,))


def test_a_merge_takes_the_intent_of_most_and_none_when_there_is_no_such() -> None:
    assert merge([said("book"), said("cancel"), said("book")]) == ("book", ())
    assert merge([said("book"), said("cancel")]) == (None, ())
    assert merge([]) == (None, ())


def test_a_merge_keeps_what_stands_for_a_value_where_one_gives_it() -> None:
    known = Span.of(TEXT, "city", 9, 13, canonical="ROM")
    assert merge([said("book", ROME), said("book", known)]) == ("book", (known,))
    assert merge([said("book", known), said("book", ROME)]) == ("book", (known,))


def test_a_merge_does_not_depend_on_the_order_of_answers() -> None:
    three = [said("book", WIDE), said("book", ROME, OSLO), said("cancel", OSLO)]
    assert merge(three) == merge(three[::-1]) == ("book", (OSLO,))
