"""Decisions and what people answer afterwards: what comes back to be decided, and what an undo makes of it."""

from __future__ import annotations

import pytest

from jointbert.annotation import Project
from jointbert.utterance import Span, Utterance

TEXT = "fly from Rome to Oslo"
ROME = Span.of(TEXT, "city", 9, 13)


@pytest.fixture
def booked(project: Project) -> Project:
    """Utterance 1, which ann alone labels "book"."""
    project.add([Utterance(TEXT), Utterance("hm")], "ann")
    project.answer(1, "ann", "accepted", "book")
    return project


def to_decide(project: Project) -> list[int]:
    return [conflict.utterance_id for conflict in project.conflicts()]


def decided(project: Project) -> list[int]:
    return [conflict.utterance_id for conflict in project.conflicts(decided=True)]


def test_a_correction_after_a_decision_is_to_decide_and_the_decision_counts_until_then(booked: Project) -> None:
    kept = booked.decide(1, "ann", "book")
    assert to_decide(booked) == decided(booked) == []
    corrected = booked.answer(1, "ann", "accepted", "cancel", version=1)
    (conflict,) = booked.conflicts()
    assert (conflict.answers, conflict.decision, conflict.reopened) == ((corrected,), kept, True)
    assert decided(booked) == []
    assert booked.labelled()[0].intent == "book" and booked.labelled_count() == 1
    booked.decide(1, "ann", "cancel", version=kept.version)
    assert to_decide(booked) == decided(booked) == [] and booked.labelled()[0].intent == "cancel"


def test_a_decision_can_be_left_at_that(booked: Project) -> None:
    kept = booked.decide(1, "ann", "book")
    booked.answer(1, "ann", "accepted", "cancel", version=1)
    booked.decide(1, "cem", "book", version=kept.version)
    assert to_decide(booked) == [] and decided(booked) == [1]
    assert not booked.conflicts(decided=True)[0].reopened


def test_two_who_agree_on_something_else_afterwards_are_heard(booked: Project) -> None:
    booked.answer(1, "bob", "accepted", "cancel")
    booked.decide(1, "cem", "book")
    assert to_decide(booked) == [] and decided(booked) == [1]
    booked.answer(1, "ann", "accepted", "cancel", version=1)
    assert to_decide(booked) == [1] and decided(booked) == []


def test_the_one_answer_that_a_decision_overrules_can_be_looked_at(booked: Project) -> None:
    booked.decide(1, "ann", "cancel")
    assert to_decide(booked) == [] and decided(booked) == [1]


@pytest.mark.parametrize("status", ["draft", "rejected", "skipped"])
def test_what_is_not_accepted_reopens_nothing(booked: Project, status: str) -> None:
    booked.decide(1, "cem", "book")
    booked.answer(1, "ann", status, "cancel", version=1)
    assert to_decide(booked) == decided(booked) == []


def test_an_answer_like_the_decision_reopens_nothing(booked: Project) -> None:
    booked.decide(1, "cem", "cancel", [ROME])
    booked.answer(1, "ann", "accepted", "cancel", [Span.of(TEXT, "city", 9, 13, canonical="ROM")], version=1)
    assert to_decide(booked) == decided(booked) == []


def test_spans_alone_reopen_too(booked: Project) -> None:
    booked.decide(1, "cem", "book")
    booked.answer(1, "ann", "accepted", "book", [ROME], version=1)
    assert to_decide(booked) == [1]


def test_labels_that_are_brought_in_afterwards_reopen_too(booked: Project) -> None:
    booked.decide(1, "cem", "book")
    booked.add([Utterance(TEXT, "cancel")], "bob")
    assert to_decide(booked) == [1] and booked.labelled_count() == 1


def test_a_correction_taken_back_is_none(booked: Project) -> None:
    booked.answer(1, "bob", "accepted", "cancel")
    booked.decide(1, "cem", "book")
    booked.answer(1, "bob", "draft", "cancel", [ROME], version=1)
    booked.undo("bob")
    assert to_decide(booked) == [] and decided(booked) == [1], "what comes back is as old as it was"
    booked.answer(1, "ann", "accepted", "cancel", version=1)
    booked.undo("ann")
    assert to_decide(booked) == [] and decided(booked) == [1]


def test_a_second_decision_taken_back_leaves_the_correction_to_decide(booked: Project) -> None:
    kept = booked.decide(1, "cem", "book")
    booked.answer(1, "ann", "accepted", "cancel", version=1)
    booked.decide(1, "cem", "cancel", version=kept.version)
    booked.undo("cem")
    assert to_decide(booked) == [1]
    booked.undo("cem")
    assert booked.decision(1) is None and to_decide(booked) == [] and booked.labelled()[0].intent == "cancel"


def test_a_renamed_label_reopens_nothing_and_its_undo_neither(booked: Project) -> None:
    booked.answer(1, "bob", "accepted", "cancel")
    booked.decide(1, "cem", "book")
    booked.rename_label("intent", "cancel", "drop", "dan")
    assert to_decide(booked) == [] and decided(booked) == [1]
    booked.undo("dan")
    assert to_decide(booked) == [] and decided(booked) == [1]


def test_what_is_to_decide_anew_is_disputed_again(booked: Project) -> None:
    booked.answer(1, "bob", "accepted", "cancel")
    booked.answer(2, "ann", "skipped")
    kept = booked.decide(1, "cem", "book")
    booked.add([Utterance("one more")], "ann")
    assert booked.next("eve", "disagreement").id == 1  # type: ignore[union-attr]
    booked.answer(3, "ann", "accepted", "book")
    booked.answer(3, "bob", "accepted", "cancel")
    assert booked.next("eve", "disagreement").id == 3  # type: ignore[union-attr]
    booked.answer(1, "bob", "accepted", "cancel", [ROME], version=1)
    assert booked.next("eve", "disagreement").id == 1  # type: ignore[union-attr]
    booked.decide(1, "cem", "book", version=kept.version)
    assert booked.next("eve", "disagreement").id == 3  # type: ignore[union-attr]
