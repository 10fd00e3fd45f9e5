"""Utterances that come in with labels: what becomes of labels that meet an answer, a draft, another line or a model."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from jointbert.annotation import Added, Project
from jointbert.utterance import Parse, Span, Utterance


def labels(project: Project) -> list[tuple[str, str | None]]:
    return [(gold.text, gold.intent) for gold in project.labelled()]


def suggested(project: Project, *texts: str) -> None:
    """Unlabelled utterances of which a model says "book"."""
    project.add([Utterance(text) for text in texts], "ann")
    said = [(project.find(text)[0].id, Parse(text, "book", 0.9, (("book", 0.9),))) for text in texts]
    project.add_suggestions(said, "m", "1")


# --- labels that meet an answer of one's own --------------------------------------------------------------------------


def test_labels_that_differ_from_ones_own_answers_are_counted_as_left_out(project: Project) -> None:
    project.add([Utterance("a", "book"), Utterance("b", "book"), Utterance("c")], "ann")
    project.answer(3, "ann", "rejected")
    again = [Utterance("a", "cancel"), Utterance("b", "book"), Utterance("c", "book"), Utterance("d", "book")]
    assert project.add(again, "ann") == Added(new=1, known=3, answers=1, left_out=2)
    assert labels(project) == [("a", "book"), ("b", "book"), ("d", "book")]
    assert project.events(1)[0].about == (
        "added 1 utterances to train; 3 were known already; 1 answers came along; the labels of 2 were left out"
    )
    assert project.add(again, "ann", labelled=False) == Added(new=0, known=4, answers=0)


def test_another_slot_is_another_label(project: Project) -> None:
    text = "to Rome"
    project.add([Utterance(text, "book", (Span.of(text, "city", 3, 7),))], "ann")
    assert project.add([Utterance(text, "book", (Span.of(text, "city", 3, 7),))], "ann").left_out == 0
    assert project.add([Utterance(text, "book", (Span.of(text, "date", 3, 7),))], "ann").left_out == 1
    assert project.add([Utterance(text, "book")], "ann").left_out == 1


def test_a_draft_gives_way_to_labels_and_comes_back_by_undo(project: Project) -> None:
    text = "to Rome"
    project.add([Utterance(text), Utterance("b")], "ann")
    span = Span.of(text, "city", 3, 7)
    draft = project.answer(1, "ann", "draft", "book", (span,), note="not sure")
    assert project.add([Utterance(text, "cancel"), Utterance("b", "book")], "ann") == Added(0, 2, 2)
    found = project.item(1, "ann").answer
    assert found is not None
    assert (found.status, found.intent, found.spans, found.note) == ("accepted", "cancel", (), "not sure")
    assert found.version > draft.version, "a page that shows the draft is told so when it saves"
    undone = project.undo("ann")
    assert undone is not None and undone.about == "took back: accepted imported labels in place of 1 draft"
    found = project.item(1, "ann").answer
    assert found is not None
    assert (found.status, found.intent, found.spans, found.note) == ("draft", "book", (span,), "not sure")
    assert labels(project) == [("b", "book")], "what came along otherwise stays"


def test_somebody_elses_draft_stays(project: Project) -> None:
    project.add([Utterance("a")], "ann")
    project.answer(1, "bob", "draft", "book")
    assert project.add([Utterance("a", "cancel")], "ann") == Added(0, 1, 1)
    assert project.item(1, "bob").answer.status == "draft"  # type: ignore[union-attr]


# --- labels that meet each other --------------------------------------------------------------------------------------


def test_of_lines_with_one_text_one_that_has_labels_counts(project: Project) -> None:
    text = "to Rome"
    lines = [Utterance(text), Utterance(text, "book", tokens=((0, 2), (3, 7))), Utterance(text)]
    assert project.add(lines, "ann") == Added(new=1, known=2, answers=1)
    assert labels(project) == [(text, "book")]
    assert project.labelled()[0].tokens == ((0, 2), (3, 7))


def test_a_line_that_contradicts_an_earlier_one_is_counted_as_left_out(project: Project) -> None:
    lines = [Utterance("a", "book"), Utterance("a", "cancel"), Utterance("a", "book")]
    assert project.add(lines, "ann") == Added(new=1, known=2, answers=1, left_out=1)
    assert labels(project) == [("a", "book")]


# --- labels that meet what models and others say ----------------------------------------------------------------------


@pytest.mark.parametrize("how", ["answered", "imported", "imported over a draft"])
def test_labels_that_contradict_a_model_come_first_where_they_disagree(project: Project, how: str) -> None:
    suggested(project, "fly to Rome", "hello", "yo")
    if how == "imported over a draft":
        project.answer(3, "bob", "draft", "book")
    if how == "answered":
        project.answer(3, "bob", "accepted", "cancel")
    else:
        project.add([Utterance("yo", "cancel"), Utterance("new", "book")], "bob")
    first = project.next("ann", "disagreement")
    assert first is not None and first.text == "yo"


def test_labels_that_contradict_gold_leave_nothing_to_doubt(project: Project) -> None:
    project.add([Utterance("a", "cancel")], "ann")
    project.add_suggestions(
        [(1, Parse("a", "book", 0.99, (("book", 0.99), ("cancel", 0.01))))], "cv", "1", "out_of_fold"
    )
    assert len(project.label_errors()) == 1
    project.add([Utterance("a", "book")], "bob")
    assert project.label_errors() == [], "it is in conflict: nothing counts as right that could be doubted"


@contextmanager
def statements(project: Project) -> Iterator[list[str]]:
    """What the database is told."""
    said: list[str] = []

    def hear(_c: object, _cur: object, statement: str, _p: object, _context: object, _many: bool) -> None:
        said.append(statement)

    engine = project._transactions.engine
    event.listen(engine, "before_cursor_execute", hear)
    yield said
    event.remove(engine, "before_cursor_execute", hear)


def test_many_labels_come_in_at_once(project: Project) -> None:
    texts = [f"text {n}" for n in range(450)]
    suggested(project, *texts)
    with statements(project) as said:
        assert project.add([Utterance(text, "cancel") for text in texts], "bob").answers == 450
    assert len(said) < 40
