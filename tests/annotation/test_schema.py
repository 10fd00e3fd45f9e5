"""Labels of a project, and the frozen values that carry them."""

from __future__ import annotations

import pytest

from jointbert.annotation import PALETTE, Label, Project, Schema, colour_of
from jointbert.errors import StoreError
from jointbert.utterance import Span, Utterance


def test_labels_are_added_at_the_end_and_changed_in_place(project: Project) -> None:
    project.save_label(Label("slot", "time"), "ann")
    project.save_label(Label("slot", "city", "a town", ("Rome",), "#000000"), "ann")
    schema = project.schema()
    assert schema.slot_names == ("city", "date", "time")
    assert schema.slots[0] == Label("slot", "city", "a town", ("Rome",), "#000000")
    assert [event.about for event in project.events(2)] == ["changed the slot “city”", "added the slot “time”"]


def test_an_intent_and_a_slot_may_share_a_name(project: Project) -> None:
    project.save_label(Label("intent", "city"), "ann")
    assert "city" in project.schema().intent_names and "city" in project.schema().slot_names


def test_an_unused_label_is_removed(project: Project) -> None:
    project.remove_label("slot", "date", "ann")
    assert project.schema().slot_names == ("city",)


def test_a_label_in_use_is_not_removed(project: Project) -> None:
    text = "fly to Rome"
    project.add([Utterance(text, "book", (Span.of(text, "city", 7, 11),))], "ann")
    for kind, name in (("intent", "book"), ("slot", "city")):
        message = rf"{kind} '{name}': is in use in 1 answers or decisions; expected none\. Rename it, or merge it"
        with pytest.raises(StoreError, match=message):
            project.remove_label(kind, name, "ann")  # type: ignore[arg-type]


def test_a_slot_is_not_in_use_because_its_name_stands_in_a_value(project: Project) -> None:
    text = 'say "slot":"date"'
    span = Span.of(text, "city", 4, len(text), canonical='"slot":"date"')
    project.add([Utterance(text, "book", (span,))], "ann")
    project.remove_label("slot", "date", "ann")
    assert project.schema().slot_names == ("city",)


def test_an_unknown_label_is_not_removed_and_the_near_one_is_named(project: Project) -> None:
    message = r"slot 'cty': the slot 'cty' is not in the schema; expected one of its 2 slots\. Did you mean 'city'\?"
    with pytest.raises(StoreError, match=message):
        project.remove_label("slot", "cty", "ann")


def test_unknown_labels_that_come_with_utterances_are_added_in_colours_that_go_on(project: Project) -> None:
    text = "wake me at 7"
    project.add([Utterance(text, "alarm", (Span.of(text, "hour", 11, 12),)), Utterance("hi", "ask")], "ann")
    schema = project.schema()
    assert schema.intent_names == ("book", "cancel", "alarm", "ask")
    assert schema.slot_names == ("city", "date", "hour")
    assert [label.colour for label in schema.intents[2:]] == [colour_of(2), colour_of(3)]


def test_without_labels_nothing_is_added_to_the_schema(project: Project) -> None:
    before = project.schema()
    added = project.add([Utterance("wake me", "alarm")], "ann", labelled=False)
    assert (added.new, added.answers) == (1, 0)
    assert project.schema() == before and project.labelled() == []


def test_a_schema_is_read_from_utterances() -> None:
    text = "fly to Rome"
    given = [Utterance(text, "fly", (Span.of(text, "to", 7, 11),)), Utterance("a", "ask"), Utterance("b")]
    schema = Schema.from_utterances(given)
    assert (schema.intent_names, schema.slot_names) == (("ask", "fly"), ("to",))
    assert [label.colour for label in schema.intents] == list(PALETTE[:2])


@pytest.mark.parametrize(
    ("label", "message"),
    [
        (("tag", "a"), "label: the kind is 'tag'; expected intent or slot"),
        (("intent", ""), "intent: the name is ''; expected a name of at most 200"),
        (("slot", "a b"), r"slot: the name is 'a b'; expected no white space\. Use _ instead"),
        (("intent", "x" * 201), "intent: the name is 'x+'…; expected a name of at most 200 characters"),
        (("intent", "a", "", (), "red"), "intent 'a': the colour is 'red'; expected #rrggbb"),
        (("intent", "a", "", (), "#FFFFFF"), "intent 'a': the colour is '#FFFFFF'; expected #rrggbb"),
    ],
)
def test_a_label_that_cannot_be_is_not_built(label: tuple[object, ...], message: str) -> None:
    with pytest.raises(StoreError, match=f"^{message}"):
        Label(*label)  # type: ignore[arg-type]


def test_a_schema_that_cannot_be_is_not_built() -> None:
    city = Label("slot", "city")
    with pytest.raises(StoreError, match=r"slot 'city': stands twice in the schema; expected each once"):
        Schema((), (city, city))
    with pytest.raises(StoreError, match=r"slot 'city': stands among the intents\. Move it"):
        Schema((city,))
