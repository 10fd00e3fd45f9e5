"""Spans as the JSON that the tables hold, and back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from jointbert.utterance import Span


def spans_to_json(spans: Iterable[Span], *, confidences: bool = False) -> list[dict[str, Any]]:
    """Spans as a list of objects with slot, start and end, and canonical where there is one.

    Args:
        spans: The spans.
        confidences: Whether confidences are kept: those of a suggestion are, people's answers have none.

    Example:
        >>> spans_to_json([Span.of("fly to Boston", "city", 7, 13, confidence=0.9)])
        [{'slot': 'city', 'start': 7, 'end': 13}]
    """
    return [_object(span, confidences) for span in spans]


def _object(span: Span, confidences: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"slot": span.slot, "start": span.start, "end": span.end}
    if span.canonical is not None:
        found["canonical"] = span.canonical
    if confidences and span.confidence is not None:
        found["confidence"] = span.confidence
    return found


def spans_from_json(text: str, stored: Iterable[dict[str, Any]]) -> tuple[Span, ...]:
    """The spans of a text, their values read from it.

    Raises:
        DataError: An offset lies outside the text.

    Example:
        >>> spans_from_json("fly to Boston", [{"slot": "city", "start": 7, "end": 13}])[0].value
        'Boston'
    """
    return tuple(
        Span.of(
            text,
            span["slot"],
            span["start"],
            span["end"],
            canonical=span.get("canonical"),
            confidence=span.get("confidence"),
        )
        for span in stored
    )
