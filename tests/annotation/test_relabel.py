"""Renaming and merging: everywhere at once, and undone to the letter."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from jointbert.annotation import Kind, Label, Project, Schema, Store
from jointbert.annotation.records import AnswerRecord, DecisionRecord, LabelRecord, SuggestionRecord
from jointbert.errors import EditConflictError, StoreError
from jointbert.utterance import Parse, Span, Utterance

TEXT = "fly Rome Oslo"
ROME, OSLO = Span.of(TEXT, "city", 4, 8), Span.of(TEXT, "date", 9, 13)


KEPT: dict[Any, tuple[str, ...]] = {
    LabelRecord: ("kind", "name", "description", "position"),
    AnswerRecord: ("annotator", "status", "intent", "spans"),
    DecisionRecord: ("who", "intent", "spans"),
    SuggestionRecord: ("intent", "spans", "runners_up"),
}


def content(project: Project) -> list[tuple[Any, ...]]:
    """All that a rename may touch, without versions and times."""
    with project._reading() as session:
        return [
            (row.id, *(getattr(row, column) for column in columns))
            for table, columns in KEPT.items()
            for row in session.scalars(select(table).where(table.project_id == project.id).order_by(table.id))
        ]


@pytest.fixture
def used(project: Project) -> Project:
    """Labels used by answers, a draft, a decision and a suggestion."""
    project.add([Utterance(TEXT), Utterance(TEXT + "!"), Utterance("hm")], "ann")
    project.answer(1, "ann", "accepted", "book", [ROME, OSLO])
    project.answer(1, "bob", "accepted", "cancel", [ROME])
    project.answer(2, "ann", "draft", "book", [OSLO])
    project.decide(1, "cem", "book", [ROME, OSLO])
    ranking = (("book", 0.6), ("cancel", 0.4))
    project.add_suggestions([(1, Parse(TEXT, "book", 0.6, ranking, (ROME, OSLO)))], "m", "1")
    return project


def test_an_intent_is_renamed_everywhere(used: Project) -> None:
    before = content(used)
    assert used.rename_label("intent", "book", "buy", "ann") == 3
    assert used.schema().intent_names == ("buy", "cancel")
    item = used.item(1, "bob")
    assert item.gold is not None and item.gold.intent == "buy"
    assert item.answer is not None and item.answer.intent == "cancel"
    assert item.suggestion is not None and item.suggestion.intent == "buy"
    assert used.events(1)[0].about == "renamed the intent “book” to “buy” in 3 answers and decisions"
    assert used.undo("ann") is not None
    assert content(used) == before


def test_a_runner_up_is_renamed_too(used: Project) -> None:
    used.rename_label("intent", "cancel", "stop", "ann")
    suggestion = used.item(1, "ann").suggestion
    assert suggestion is not None and suggestion.runners_up == (("stop", 0.4),)


def test_a_slot_is_renamed_and_its_places_stay(used: Project) -> None:
    before = content(used)
    assert used.rename_label("slot", "city", "place", "ann") == 3
    answer = used.item(1, "ann").answer
    assert answer is not None
    assert [(span.slot, span.value) for span in answer.spans] == [("place", "Rome"), ("date", "Oslo")]
    assert used.undo("ann") is not None
    assert content(used) == before


def test_slots_side_by_side_stay_two_when_they_are_merged(used: Project) -> None:
    before = content(used)
    assert used.merge_labels("slot", "date", "city", "ann") == 3
    item = used.item(1, "ann")
    assert item.answer is not None and item.suggestion is not None
    for spans in (item.answer.spans, item.suggestion.spans):
        assert [(span.slot, span.start, span.end) for span in spans] == [("city", 4, 8), ("city", 9, 13)]
    assert used.schema().slot_names == ("city",)
    assert used.undo("ann") is not None
    assert content(used) == before


def test_merged_intents_are_no_conflict_any_more(used: Project) -> None:
    used.undo("cem")
    used.answer(1, "bob", "accepted", "cancel", [ROME, OSLO], version=1)
    assert len(used.conflicts()) == 1
    used.merge_labels("intent", "cancel", "book", "ann")
    assert used.conflicts() == []
    suggestion = used.item(1, "ann").suggestion
    assert suggestion is not None and suggestion.runners_up == ()
    used.undo("ann")
    assert len(used.conflicts()) == 1


def test_a_name_inside_another_is_left_alone(project: Project) -> None:
    project.save_label(Label("slot", "city.from"), "ann")
    project.save_label(Label("slot", "CITY"), "ann")
    project.add([Utterance(TEXT)], "ann")
    spans = [Span.of(TEXT, "city.from", 4, 8), Span.of(TEXT, "CITY", 9, 13)]
    project.answer(1, "ann", "accepted", None, spans)
    assert project.rename_label("slot", "city", "town", "ann") == 0
    assert project.labelled()[0].spans == tuple(spans)


def test_an_answer_changed_since_stands_in_the_way_of_undo(used: Project) -> None:
    used.rename_label("intent", "book", "buy", "ann")
    used.answer(1, "bob", "accepted", "buy", [], version=1)
    used.decide(1, "dan", "cancel", version=2)
    after = content(used)
    with pytest.raises(EditConflictError, match="renamed the intent"):
        used.undo("ann")
    assert content(used) == after


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (("rename_label", "intent", "boo", "buy"), r"'boo' is not in the schema.*Did you mean 'book'\?"),
        (
            ("rename_label", "intent", "book", "cancel"),
            r"is in the schema already.*Merge 'book' into it",
        ),
        (("rename_label", "slot", "city", "my city"), r"expected no white space"),
        (("rename_label", "slot", "city", " "), r"the name is ' '"),
        (("rename_label", "colour", "city", "town"), r"kind is 'colour'"),
        (("merge_labels", "intent", "book", "buy"), r"'buy' is not in the schema"),
        (("merge_labels", "intent", "book", "book"), r"cannot be merged into itself"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(used: Project, call: tuple[str, ...], message: str) -> None:
    before, events = content(used), len(used.events())
    with pytest.raises(StoreError, match=message):
        getattr(used, call[0])(*call[1:], "ann")
    assert content(used) == before
    assert len(used.events()) == events


def test_the_same_name_is_no_event(used: Project) -> None:
    events = len(used.events())
    assert used.rename_label("intent", "book", "book", "ann") == 0
    assert len(used.events()) == events


EVERY = ("a", "b", "A", 'quo"te', "back\\slash", "城市", "\ud83d")
NAMES = st.sampled_from(EVERY)
FRAMES = st.tuples(NAMES | st.none(), st.lists(NAMES | st.none(), min_size=3, max_size=3))


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One store for all examples: each makes a project of its own in it."""
    with Store.open(tmp_path_factory.mktemp("relabel") / "store.db") as opened:
        yield opened


def filled(store: Store, frames: list[tuple[str | None, list[str | None]]]) -> Project:
    """A project whose utterances have an answer, a decision and a suggestion that say the same."""
    schema = Schema(tuple(Label("intent", name) for name in EVERY), tuple(Label("slot", name) for name in EVERY))
    project = store.create_project(uuid.uuid4().hex, schema=schema, who="ann")
    texts = [f"xyz {number}" for number in range(len(frames))]
    project.add([Utterance(text) for text in texts], "ann")
    for item, (intent, slots) in zip(project.find(), frames, strict=True):
        spans = tuple(Span.of(item.text, slot, at, at + 1) for at, slot in enumerate(slots) if slot)
        project.answer(item.id, "ann", "accepted", intent, spans)
        project.decide(item.id, "bob", intent, spans)
        ranking = () if intent is None else ((intent, 0.5), ("b", 0.3), ("a", 0.2))
        project.add_suggestions([(item.id, Parse(item.text, intent, intent and 0.5, ranking, spans))], "m", "1")
    return project


@settings(max_examples=25, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(st.lists(FRAMES, min_size=1, max_size=3), st.sampled_from(["intent", "slot"]), NAMES, NAMES)
def test_undo_gives_back_exactly_what_was(lasting: Store, frames: Any, kind: Kind, old: str, into: str) -> None:
    project = filled(lasting, frames)
    before = content(project)
    if old == into:
        project.rename_label(kind, old, "new", "cem")
    else:
        project.merge_labels(kind, old, into, "cem")
    assert content(project) != before
    assert old not in {
        label.name for label in (*project.schema().intents, *project.schema().slots) if label.kind == kind
    }
    assert project.undo("cem") is not None
    assert content(project) == before
