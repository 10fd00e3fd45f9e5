"""Two models' parses of one utterance: what the second breaks, fixes or changes, or gets wrong though it is golden."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from jointbert.evaluation.pairing import Pair, pair_up
from jointbert.labels import Labels
from jointbert.utterance import Parse, Span, Utterance

Kind = Literal["broken", "fixed", "changed", "wrong"]
"""What became of an utterance: A alone is right, B alone is, both are wrong and not alike, both are wrong alike."""

LISTED = 10


@dataclass(frozen=True, slots=True)
class Frame:
    """An intent, or None where there is none, and spans in the units that slots are scored in."""

    intent: str | None
    spans: tuple[Span, ...]

    def to_dict(self) -> dict[str, Any]:
        """The frame as JSON-ready values: ``intent``, and ``slots`` as a list of {slot, value, start, end}."""
        slots = [{"slot": span.slot, "value": span.value, "start": span.start, "end": span.end} for span in self.spans]
        return {"intent": self.intent, "slots": slots}


@dataclass(frozen=True, slots=True)
class Difference:
    """One utterance that two models understand differently (or, of a golden file, that B gets wrong).

    Args:
        kind: What became of it.
        text: The raw text, as its user wrote it.
        where: ``file:line`` of the gold utterance, or None.
        gold: What is right.
        a: What A understood.
        b: What B understood.
    """

    kind: Kind
    text: str
    where: str | None
    gold: Frame
    a: Frame
    b: Frame

    def to_dict(self) -> dict[str, Any]:
        """The difference as JSON-ready values, by the names of the fields."""
        frames = {"gold": self.gold.to_dict(), "a": self.a.to_dict(), "b": self.b.to_dict()}
        return {"kind": self.kind, "where": self.where, "text": self.text, **frames}


def difference(a: Pair, b: Pair, *, with_intent: bool) -> Difference | None:
    """What became of one utterance, or None where B is not wrong and A is not either.

    Args:
        a: Gold beside A's parse.
        b: Gold beside B's parse of the same utterance.
        with_intent: Whether the intent is judged. An utterance without a gold intent is then not judged at all: it is
            ``changed`` where the two parses differ.
    """
    judged = not with_intent or a.gold_intent is not None
    right = [judged and pair.is_right(with_intent=with_intent) for pair in (a, b)]
    alike = (a.predicted_intent, a.predicted_places) == (b.predicted_intent, b.predicted_places)
    if all(right) or (alike and not judged):
        return None
    kind: Kind = ("broken" if right[0] else "fixed") if any(right) else ("wrong" if alike else "changed")
    ours, theirs = (Frame(pair.predicted_intent, pair.predicted_spans) for pair in (a, b))
    return Difference(kind, a.text, a.where, Frame(a.gold_intent, a.gold_spans), ours, theirs)


def golden_failures(gold: Sequence[Utterance], a: Sequence[Parse], b: Sequence[Parse]) -> tuple[Difference, ...]:
    """Every golden utterance that B gets wrong, in the intent (if gold has one) or in any span; broken ones first.

    Args:
        gold: What has to be right.
        a: The first model's parses of the same texts, in the same order; they tell ``broken`` from the others.
        b: The second model's.

    Raises:
        DataError: There is no golden utterance, or the sides are not the same texts.

    Example:
        >>> golden = [Utterance("hi", "greet"), Utterance("bye", "leave")]
        >>> found = golden_failures(golden, [Parse("hi"), Parse("bye", "leave")], [Parse("hi"), Parse("bye")])
        >>> [(each.kind, each.text) for each in found]
        [('broken', 'bye'), ('wrong', 'hi')]
    """
    found = []
    for first, second in zip(pair_up(gold, a), pair_up(gold, b), strict=True):
        failure = difference(first, second, with_intent=first.gold_intent is not None)
        if failure is not None and failure.kind != "fixed":
            found.append(failure)
    return tuple(sorted(found, key=lambda failure: failure.kind != "broken"))


def label_changes(a: Labels, b: Labels) -> tuple[str, ...]:
    """One sentence for each kind of label of which A and B do not know the same; empty where they do.

    Example:
        >>> from jointbert.labels import LabelSet
        >>> label_changes(Labels(LabelSet("intent", ("x", "y")), None), Labels(LabelSet("intent", ("y", "z")), None))
        ('Intents known to A only: x.', 'Intents known to B only: z.')
    """
    sentences = []
    for kind, ours, theirs in (("Intents", a.intents, b.intents), ("Slots", a.slots, b.slots)):
        for name, known, other in (("A", ours or (), theirs or ()), ("B", theirs or (), ours or ())):
            if alone := [label for label in known if label not in other]:
                more = f" and {len(alone) - LISTED} more" if len(alone) > LISTED else ""
                sentences.append(f"{kind} known to {name} only: {', '.join(alone[:LISTED])}{more}.")
    return tuple(sentences)
