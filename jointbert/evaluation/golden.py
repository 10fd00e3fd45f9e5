"""Golden utterances, the few that must always work: which of them the new of two models gets wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jointbert.errors import DataError
from jointbert.evaluation.difference import Difference, outcome
from jointbert.evaluation.pairing import Pair, pair_up
from jointbert.utterance import Parse, Utterance

Outside = tuple[frozenset[str], frozenset[str]]
"""The intents that mark utterances as out of scope: for A, and for B."""
NO_MARKERS: Outside = (frozenset(), frozenset())


@dataclass(frozen=True, slots=True)
class Golden:
    """What became of the golden utterances.

    Args:
        utterances: How many there are.
        failures: Those that B gets wrong; those that A gets right first.
        notes: What a reader has to know of how they were judged.
    """

    utterances: int
    failures: tuple[Difference, ...]
    notes: tuple[str, ...] = ()

    @property
    def broken(self) -> int:
        """How many of the failures A gets right."""
        return sum(failure.kind == "broken" for failure in self.failures)

    def to_dict(self) -> dict[str, Any]:
        """The fields as JSON-ready values, by name."""
        failures = [failure.to_dict() for failure in self.failures]
        return {"utterances": self.utterances, "failures": failures, "notes": list(self.notes)}


def judge_golden(
    gold: Sequence[Utterance], a: Sequence[Parse], b: Sequence[Parse], outside: Outside = NO_MARKERS
) -> Golden:
    """Every golden utterance that B gets wrong.

    One that is marked as out of a model's scope is right if the model says so; nothing else of it is judged. Any other
    is right if the model does not hold it for out of scope and has the intent, where gold has one, and every span.
    Where no golden utterance has a span, slots were not annotated and are not judged.

    Args:
        gold: What has to be right.
        a: The first model's parses of the same texts, in the same order; they tell ``broken`` from the others.
        b: The second model's.
        outside: The intents that mark utterances as out of scope, for A and for B.

    Raises:
        DataError: There is no golden utterance, or one in which nothing can be judged; or the sides are not the same
            texts.

    Example:
        >>> golden = [Utterance("hi", "greet"), Utterance("bye", "leave")]
        >>> found = judge_golden(golden, [Parse("hi"), Parse("bye", "leave")], [Parse("hi"), Parse("bye")])
        >>> [(each.kind, each.text) for each in found.failures]
        [('broken', 'bye'), ('wrong', 'hi')]
    """
    sides = pair_up(gold, a), pair_up(gold, b)
    with_slots = any(utterance.spans for utterance in gold)
    if not with_slots:
        _check_intents(gold)
    found = []
    for first, second in zip(*sides, strict=True):
        ours, theirs = (_is_right(*each, with_slots=with_slots) for each in zip((first, second), outside, strict=True))
        failure = outcome(first, second, (ours, theirs), alike=_said(first) == _said(second))
        if failure is not None and failure.kind != "fixed":
            found.append(failure)
    failures = sorted(found, key=lambda failure: failure.kind != "broken")
    return Golden(len(gold), tuple(failures), _notes(sides, outside, with_slots=with_slots))


def _check_intents(gold: Sequence[Utterance]) -> None:
    """Raise DataError for the first utterance without an intent, where none has a span."""
    bare = next((utterance for utterance in gold if utterance.intent is None), None)
    if bare is not None:
        what = f"the golden utterance {bare.text!r} has no intent, and none has a span"
        raise DataError(bare.where or "golden", what, "something to be right in", "Label it, or take it out.")


def _is_right(pair: Pair, outside: frozenset[str], *, with_slots: bool) -> bool:
    if pair.gold_intent in outside:
        return pair.in_scope is False
    if pair.in_scope is False:
        return False
    if not with_slots:
        return pair.gold_intent == pair.predicted_intent
    return pair.is_right(with_intent=pair.gold_intent is not None)


def _said(pair: Pair) -> tuple[object, ...]:
    return pair.predicted_intent, pair.predicted_places, pair.in_scope


def _notes(sides: tuple[list[Pair], list[Pair]], outside: Outside, *, with_slots: bool) -> tuple[str, ...]:
    """One sentence for each thing that a reader would not expect of how they were judged."""
    notes = []
    if not with_slots and any(pair.predicted_spans for side in sides for pair in side):
        notes.append("Golden utterances are judged without slots: none has a span, so predicted ones do not count.")
    for name, side, names in zip("AB", sides, outside, strict=True):
        untold = sum(pair.gold_intent in names and pair.in_scope is None for pair in side)
        if untold:
            notes.append(
                f"{name} does not tell what is out of scope, so it cannot be right in golden utterances marked so: "
                f"{untold}. Teach it with: jointbert scope"
            )
    return tuple(notes)
