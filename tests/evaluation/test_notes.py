"""What is said of gold labels that a model does not know."""

from __future__ import annotations

from jointbert.evaluation.notes import notes_on_labels
from jointbert.utterance import Span, Utterance

TEXT = "to rome"


def say(number: int, intent: str | None, *slots: str) -> Utterance:
    edges = [(0, 2), (3, 7)]
    spans = tuple(Span.of(TEXT, slot, *edge) for slot, edge in zip(slots, edges, strict=False))
    return Utterance(TEXT, intent, spans, where=f"a:{number}")


def test_nothing_is_said_where_the_model_knows_all() -> None:
    gold = [say(1, "go", "city"), say(2, None), say(3, "stay")]
    assert notes_on_labels(gold, ("go", "stay"), ("city",)) == ()
    assert notes_on_labels([], None, None) == ()


def test_an_unknown_label_is_told_with_its_utterances_and_the_first_place() -> None:
    gold = [say(1, "go", "town", "town"), say(2, "leave", "town"), say(3, "fly"), say(4, "leave")]
    what = "that the model does not know, so they count as wrong"
    assert notes_on_labels(gold, ("go",), ("city",)) == (
        f"Gold intents {what}: 'leave' (2 utterances, the first at a:2), 'fly' (1 utterance, a:3).",
        f"Gold slots {what}: 'town' (2 utterances, the first at a:1).",
    )


def test_a_model_without_intents_is_not_judged_by_them_but_one_without_slots_is() -> None:
    [note] = notes_on_labels([say(1, "go", "town")], None, None)
    assert note.startswith("Gold slots that")


def test_the_commonest_are_named_and_the_rest_are_counted() -> None:
    gold = [Utterance("hi", f"i{number}") for number in range(7)] + [Utterance("hi", "i6")]
    [note] = notes_on_labels(gold, ("go",), None)
    assert note.endswith(
        ": 'i6' (2 utterances), 'i0' (1 utterance), 'i1' (1 utterance), 'i2' (1 utterance), "
        "'i3' (1 utterance) and 2 more."
    )
