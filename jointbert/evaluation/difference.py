"""Two models' parses of one utterance: what the second breaks, fixes or changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from jointbert.evaluation.pairing import Pair
from jointbert.labels import Labels
from jointbert.utterance import Span

Kind = Literal["broken", "fixed", "changed", "wrong"]
"""What became of an utterance: A alone is right, B alone is, both are wrong and not alike, both are wrong alike."""

LISTED = 10


@dataclass(frozen=True, slots=True)
class Frame:
    """What is right, or what a model understood.

    Args:
        intent: The intent, or None where there is none.
        spans: The spans, in the units that slots are scored in.
        in_scope: Whether the model holds the utterance for one in scope; None where it cannot tell, and in gold.
    """

    intent: str | None
    spans: tuple[Span, ...]
    in_scope: bool | None = None

    def to_dict(self) -> dict[str, Any]:
        """The fields as JSON-ready values; the spans as ``slots``, a list of {slot, value, start, end}."""
        slots = [{"slot": span.slot, "value": span.value, "start": span.start, "end": span.end} for span in self.spans]
        return {"intent": self.intent, "in_scope": self.in_scope, "slots": slots}


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
    if alike and not judged:
        return None
    return outcome(a, b, (right[0], right[1]), alike=alike)


def outcome(a: Pair, b: Pair, right: tuple[bool, bool], *, alike: bool) -> Difference | None:
    """What became of one utterance, or None where both models are right.

    Args:
        a: Gold beside A's parse.
        b: Gold beside B's.
        right: Whether A and B are right.
        alike: Whether both say the same.
    """
    if all(right):
        return None
    kind: Kind = ("broken" if right[0] else "fixed") if any(right) else ("wrong" if alike else "changed")
    ours, theirs = (Frame(pair.predicted_intent, pair.predicted_spans, pair.in_scope) for pair in (a, b))
    return Difference(kind, a.text, a.where, Frame(a.gold_intent, a.gold_spans), ours, theirs)


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
