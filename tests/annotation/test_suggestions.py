"""Suggestions: kept apart from answers, one for each model, and what they do to the ranks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from jointbert.annotation import Project
from jointbert.annotation.records import SuggestionRecord, UtteranceRecord
from jointbert.annotation.suggestions import CHUNK, RUNNERS_UP
from jointbert.annotation.uncertainty import frame_confidence, margin_uncertainty
from jointbert.errors import StoreError
from jointbert.utterance import Parse, Span, Utterance

TEXT = "fly Rome Oslo"


def parse(text: str, sure: float, *confidences: float, intent: str = "book") -> Parse:
    """A parse with an intent, and as many spans of one character as there are confidences."""
    spans = tuple(Span.of(text, "city", at, at + 1, confidence=sure) for at, sure in enumerate(confidences))
    return Parse(text, intent, sure, ((intent, sure), ("cancel" if intent == "book" else "book", 1 - sure)), spans)


class Steady:
    """A parser that gives each text an intent and a slot of the names that it was trained with."""

    def parse_many(self, texts: Sequence[str]) -> list[Parse]:
        return [
            Parse(text, "book", 0.9, (("book", 0.9), ("cancel", 0.1)), (Span.of(text, "city", 4, 8),)) for text in texts
        ]


def test_a_model_suggests_labels_by_their_present_names(project: Project) -> None:
    project.add([Utterance(TEXT, "book", (Span.of(TEXT, "city", 4, 8),)), Utterance("end it now", "cancel")], "ann")
    trained = datetime.now(UTC)
    project.rename_label("intent", "book", "reserve", "bob")
    project.rename_label("slot", "city", "town", "bob")
    project.suggest(Steady(), "m", "1", since=trained)
    found = project.item(1, "ann").suggestion
    assert found is not None and (found.intent, [span.slot for span in found.spans]) == ("reserve", ["town"])


class Counting:
    """A parser that remembers how many texts it got at a time, and fails on one that it is told to fail on."""

    def __init__(self, fails_on: str = "") -> None:
        self.calls: list[int] = []
        self._fails_on = fails_on

    def parse_many(self, texts: Sequence[str]) -> list[Parse]:
        if self._fails_on in texts:
            raise RuntimeError("the model broke")
        self.calls.append(len(texts))
        return [parse(text, 0.75) for text in texts]


def column(project: Project, name: str) -> dict[int, float | None]:
    with project._reading() as session:
        return dict(session.execute(select(UtteranceRecord.id, getattr(UtteranceRecord, name))).all())


def test_a_frame_is_as_sure_as_its_parts_together() -> None:
    assert frame_confidence(parse(TEXT, 0.5)) == 0.5
    assert frame_confidence(parse(TEXT, 0.5, 0.5, 0.8)) == pytest.approx(0.2)
    assert frame_confidence(Parse(TEXT, spans=(Span.of(TEXT, "city", 4, 8, confidence=0.3),))) == 0.3
    assert frame_confidence(Parse(TEXT)) == 1.0
    assert frame_confidence(Parse(TEXT, "book", 0.5, spans=(Span.of(TEXT, "city", 4, 8),))) == 0.5


@given(st.floats(0, 1), st.lists(st.floats(0, 1), max_size=5))
def test_a_confidence_is_a_probability_and_falls_with_each_span(intent: float, spans: list[float]) -> None:
    found = frame_confidence(parse(TEXT, intent, *spans))
    assert 0.0 <= found <= min([intent, *spans])


def test_the_margin_between_the_two_best_intents() -> None:
    assert margin_uncertainty([]) == 0.0
    assert margin_uncertainty([("a", 0.5), ("b", 0.5)]) == 1.0
    assert margin_uncertainty([("a", 0.7), ("b", 0.2), ("c", 0.1)]) == pytest.approx(0.5)


def test_a_suggestion_comes_back_as_it_was_and_is_no_answer(project: Project) -> None:
    project.add([Utterance(TEXT)], "ann")
    assert project.add_suggestions([(1, parse(TEXT, 0.5, 0.5))], "models/a", "run-1") == 1
    found = project.item(1, "ann").suggestion
    assert found is not None
    assert (found.kind, found.model, found.version) == ("model", "models/a", "run-1")
    assert (found.intent, found.intent_confidence, found.confidence) == ("book", 0.5, 0.25)
    assert found.runners_up == (("cancel", 0.5),)
    assert found.spans == (Span.of(TEXT, "city", 0, 1, confidence=0.5),)
    assert project.item(1, "ann").answer is None
    assert project.labelled() == []


def test_of_many_intents_the_best_few_are_kept(project: Project) -> None:
    project.add([Utterance(TEXT)], "ann")
    ranking = tuple((f"intent {place}", 0.1) for place in range(10))
    project.add_suggestions([(1, Parse(TEXT, "intent 0", 0.1, ranking))], "m", "1")
    found = project.item(1, "ann").suggestion
    assert found is not None and found.runners_up == ranking[1 : 1 + RUNNERS_UP]


def test_one_model_says_one_thing_and_the_newest_is_shown(project: Project) -> None:
    project.add([Utterance(TEXT)], "ann")
    project.add_suggestions([(1, parse(TEXT, 0.5))], "a", "1")
    project.add_suggestions([(1, parse(TEXT, 0.6))], "b", "1")
    project.add_suggestions([(1, parse(TEXT, 0.7))], "a", "2")
    project.add_suggestions([(1, parse(TEXT, 0.9))], "cv", "1", kind="out_of_fold")
    found = project.item(1, "ann").suggestion
    assert found is not None and (found.model, found.version, found.confidence) == ("a", "2", 0.7)
    with project._reading() as session:
        assert session.scalars(select(func.count()).select_from(SuggestionRecord)).one() == 3


def test_uncertainty_is_what_confidence_lacks_and_out_of_fold_leaves_it(project: Project) -> None:
    project.add([Utterance(TEXT), Utterance("hm")], "ann")
    project.add_suggestions([(1, parse(TEXT, 0.5, 0.5))], "a", "1")
    project.add_suggestions([(1, parse(TEXT, 0.9))], "cv", "1", kind="out_of_fold")
    assert column(project, "uncertainty") == {1: 0.75, 2: None}


def test_disagreement_is_between_models_and_people(project: Project) -> None:
    project.add([Utterance(TEXT), Utterance("hm")], "ann")
    project.add_suggestions([(1, parse(TEXT, 0.5)), (2, parse("hm", 0.5))], "a", "1")
    assert column(project, "disagreement") == {1: None, 2: None}
    project.add_suggestions([(1, parse(TEXT, 0.5, intent="cancel")), (2, parse("hm", 0.5))], "b", "1")
    assert column(project, "disagreement") == {1: 0.5, 2: 0.0}
    project.answer(2, "ann", "draft", "cancel")
    assert column(project, "disagreement")[2] == 0.0
    project.answer(2, "ann", "accepted", "cancel", version=1)
    assert column(project, "disagreement")[2] == pytest.approx(1 / 3)
    project.undo("ann")
    assert column(project, "disagreement")[2] == 0.0
    project.decide(1, "bob", "book")
    assert column(project, "disagreement")[1] is None
    project.undo("bob")
    assert column(project, "disagreement")[1] == 0.5


def test_answers_that_come_in_a_file_disagree_too(project: Project) -> None:
    project.add([Utterance(TEXT, "book"), Utterance("hm", "book")], "ann")
    project.add([Utterance(TEXT, "cancel"), Utterance("hm", "book")], "bob")
    assert column(project, "disagreement") == {1: 0.5, 2: 0.0}


def test_a_merge_ends_what_it_settles(project: Project) -> None:
    project.add([Utterance(TEXT, "book")], "ann")
    project.add([Utterance(TEXT, "cancel")], "bob")
    project.merge_labels("intent", "cancel", "book", "ann")
    assert column(project, "disagreement") == {1: 0.0}
    project.undo("ann")
    assert column(project, "disagreement") == {1: 0.5}


def test_a_model_reads_the_whole_project_in_chunks(project: Project) -> None:
    project.add([Utterance(f"text {number}") for number in range(CHUNK + 3)], "ann")
    parser, moved = Counting(), []
    assert project.suggest(parser, "m", "1", on_progress=lambda done, of: moved.append((done, of))) == CHUNK + 3
    assert parser.calls == [CHUNK, 3]
    assert moved == [(CHUNK, CHUNK + 3), (CHUNK + 3, CHUNK + 3)]
    assert all(item.suggestion is not None for item in project.find(limit=CHUNK + 3))


def test_a_model_reads_what_it_is_told_to(project: Project) -> None:
    project.add([Utterance("a"), Utterance("b"), Utterance("c")], "ann")
    assert project.suggest(Counting(), "m", "1", ids=[3, 1, 3]) == 2
    assert [item.suggestion is not None for item in project.find()] == [True, False, True]
    assert project.suggest(Counting(), "m", "1", ids=[]) == 0
    with pytest.raises(StoreError, match="utterance 9: is not in project 1"):
        project.suggest(Counting(), "m", "1", ids=[9])


def test_what_was_done_before_a_model_broke_is_kept(project: Project) -> None:
    project.add([Utterance(f"text {number}") for number in range(CHUNK + 1)], "ann")
    with pytest.raises(RuntimeError, match="the model broke"):
        project.suggest(Counting(fails_on=f"text {CHUNK}"), "m", "1")
    kept = [item.suggestion is not None for item in project.find(limit=CHUNK + 1)]
    assert kept == [True] * CHUNK + [False]


class Short:
    """A parser that loses a text."""

    def parse_many(self, texts: Sequence[str]) -> list[Parse]:
        return [parse(text, 0.5) for text in texts[1:]]


def test_a_parser_that_loses_a_text_is_found_out(project: Project) -> None:
    project.add([Utterance("a"), Utterance("b")], "ann")
    with pytest.raises(StoreError, match="model 'm': gave 1 parses for 2 texts; expected one for each"):
        project.suggest(Short(), "m", "1")


@pytest.mark.parametrize(
    ("id", "text", "model", "version", "kind", "message"),
    [
        (9, TEXT, "m", "1", "model", "utterance 9: is not in project 1"),
        (2, "other", "m", "1", "model", r"utterance 2: the parse is of 'other'; expected one of 'hm'"),
        (2, "hm", " ", "1", "model", r"the model is ' ', its version '1'; expected a name and a version"),
        (2, "hm", "m", "", "model", r"the model is 'm', its version ''"),
        (2, "hm", "m", "1", "oracle", "the kind is 'oracle'; expected one of model, out_of_fold"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_kept(
    project: Project, id: int, text: str, model: str, version: str, kind: str, message: str
) -> None:
    project.add([Utterance(TEXT), Utterance("hm")], "ann")
    with pytest.raises(StoreError, match=message):
        project.add_suggestions([(1, parse(TEXT, 0.5)), (id, parse(text, 0.5))], model, version, kind)  # type: ignore[arg-type]
    assert project.item(1, "ann").suggestion is None
    assert column(project, "uncertainty") == {1: None, 2: None}
