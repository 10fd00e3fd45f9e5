"""How far apart several readings of one utterance are."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import combinations

Place = tuple[str, int, int]
"""Slot, first character, one past the last."""
Frame = tuple[str | None, frozenset[Place]]
"""What somebody, or a model, says about an utterance: its intent and the places of its slots."""


def span_f1(first: Collection[Place], second: Collection[Place]) -> float | None:
    """The F1 (0..1) of two sets of spans, slot and both offsets equal; None when both are empty.

    Example:
        >>> span_f1({("city", 0, 3), ("day", 5, 8)}, {("city", 0, 3)})
        0.6666666666666666
    """
    total = len(first) + len(second)
    return 2 * len(set(first) & set(second)) / total if total else None


def distance(first: Frame, second: Frame) -> float:
    """How unlike two frames are, 0..1: half for another intent, half for what span F1 lacks of 1.

    Example:
        >>> distance(("book", frozenset()), ("cancel", frozenset())), distance(("a", frozenset()), ("a", frozenset()))
        (0.5, 0.0)
    """
    f1 = span_f1(first[1], second[1])
    return 0.5 * (first[0] != second[0]) + 0.5 * (0.0 if f1 is None else 1.0 - f1)


def disagreement(frames: Sequence[Frame]) -> float | None:
    """The mean distance (0..1) over all pairs of readings; None when there are fewer than two.

    Each reading, a person's or a model's, is a member of a committee that votes (query by committee).

    Source:
        Seung, Opper and Sompolinsky 1992, *Query by Committee*: ask where the committee disagrees most.

    Example:
        >>> disagreement([("book", frozenset()), ("book", frozenset()), ("cancel", frozenset())])
        0.3333333333333333
    """
    pairs = list(combinations(frames, 2))
    return sum(distance(*pair) for pair in pairs) / len(pairs) if pairs else None
