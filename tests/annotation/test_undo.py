"""Undo: each action taken back, in order, and never over somebody else's work."""

from __future__ import annotations

import pytest

from jointbert.annotation import Label, Project
from jointbert.errors import EditConflictError, StoreError
from jointbert.utterance import Span, Utterance

TEXT = "fly to Rome"
ROME = Span.of(TEXT, "city", 7, 11)


@pytest.fixture
def fly(project: Project) -> int:
    """The number of an utterance without an answer."""
    project.add([Utterance(TEXT), Utterance("no")], "ann")
    return project.find("fly")[0].id


def test_there_is_nothing_to_undo_at_first(project: Project, fly: int) -> None:
    assert project.undo("ann") is None, "making a project and adding utterances are not taken back"
    assert project.count() == 2


def test_answers_are_taken_back_one_by_one_to_none(project: Project, fly: int) -> None:
    states = []
    for status, intent, spans in (("draft", None, ()), ("accepted", "book", (ROME,)), ("rejected", "cancel", ())):
        shown = project.item(fly, "ann").answer
        states.append(shown and (shown.status, shown.intent, shown.spans))
        project.answer(fly, "ann", status, intent, spans, shown.version if shown else 0)
    for state in reversed(states):
        event = project.undo("ann")
        assert event is not None and event.action == "undo" and event.about.startswith("took back: ")
        found = project.item(fly, "ann").answer
        assert (found and (found.status, found.intent, found.spans)) == state
    assert project.undo("ann") is None


def test_undo_is_in_the_log_and_what_it_took_back_is_marked(project: Project, fly: int) -> None:
    project.answer(fly, "ann", "accepted", "book", [ROME])
    project.undo("ann")
    latest, before = project.events(utterance_id=fly)
    assert (latest.action, latest.about, latest.undone) == (
        "undo",
        "took back: accepted “fly to Rome” as book with 1 slot",
        False,
    )
    assert (before.action, before.about, before.undone) == (
        "answer",
        "accepted “fly to Rome” as book with 1 slot",
        True,
    )


def test_everybody_takes_back_their_own(project: Project, fly: int) -> None:
    project.answer(fly, "ann", "accepted", "book")
    project.answer(fly, "bob", "accepted", "cancel")
    project.undo("ann")
    assert project.item(fly, "ann").answer is None
    assert project.item(fly, "bob").answer is not None
    assert project.undo("eve") is None


def test_a_new_label_is_taken_back(project: Project) -> None:
    before = project.schema()
    project.save_label(Label("intent", "ask"), "ann")
    assert project.schema().intent_names == ("book", "cancel", "ask")
    assert project.undo("ann") is not None
    assert project.schema() == before


def test_a_changed_label_is_taken_back(project: Project) -> None:
    before = project.schema()
    project.save_label(Label("slot", "city", "a town", ("Rome",), "#123456"), "ann")
    assert project.schema().slots[0] == Label("slot", "city", "a town", ("Rome",), "#123456")
    project.undo("ann")
    assert project.schema() == before


def test_a_removed_label_is_taken_back_to_its_place(project: Project) -> None:
    before = project.schema()
    project.remove_label("intent", "book", "ann")
    assert project.schema().intent_names == ("cancel",)
    project.undo("ann")
    assert project.schema() == before


def test_what_somebody_else_changed_since_is_not_taken_back(project: Project) -> None:
    project.save_label(Label("slot", "city", "by ann"), "ann")
    project.save_label(Label("slot", "city", "by bob"), "bob")
    with pytest.raises(EditConflictError, match=r"undo of: changed the slot “city”: what it left was changed since"):
        project.undo("ann")
    assert project.schema().slots[0].description == "by bob"
    project.undo("bob")
    project.undo("ann")
    assert project.schema().slots[0].description == ""


def test_a_label_made_anew_by_somebody_else_is_not_doubled(project: Project) -> None:
    project.remove_label("slot", "date", "ann")
    project.save_label(Label("slot", "date", "bob's"), "bob")
    with pytest.raises(EditConflictError):
        project.undo("ann")
    assert project.schema().slot_names == ("city", "date")


def test_a_new_label_in_use_is_not_taken_back(project: Project, fly: int) -> None:
    project.save_label(Label("intent", "ask"), "ann")
    project.answer(fly, "bob", "accepted", "ask")
    with pytest.raises(StoreError, match="intent 'ask': is in use in 1 answers or decisions"):
        project.undo("ann")
    assert "ask" in project.schema().intent_names


def test_a_label_removed_since_is_not_brought_back_by_an_answer(project: Project, fly: int) -> None:
    first = project.answer(fly, "ann", "accepted", "cancel")
    project.answer(fly, "ann", "accepted", "book", (), first.version)
    project.remove_label("intent", "cancel", "bob")
    with pytest.raises(StoreError, match="the intent 'cancel' is not in the schema"):
        project.undo("ann")
    found = project.item(fly, "ann").answer
    assert found is not None and found.intent == "book"
