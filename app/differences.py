"""What several answers about one utterance do not agree on, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from jointbert import Span


class Reading(NamedTuple):
    """What somebody says about an utterance.

    Args:
        who: A person, "the label" or "the model".
        intent: The intent, or None.
        spans: The slots.
    """

    who: str
    intent: str | None
    spans: tuple[Span, ...]


def differences(text: str, readings: Sequence[Reading]) -> list[str]:
    """One line for each thing that the readings see differently, the intent first; empty when they agree.

    Example:
        >>> text = "to Rome"
        >>> city = Span.of(text, "city", 3, 7)
        >>> differences(text, [Reading("Ada", "go", (city,)), Reading("Bo", "fly", ())])
        ['Intent: Ada says go; Bo says fly', '“Rome”: Ada says city; Bo marks nothing']
    """
    lines = []
    if len({reading.intent for reading in readings}) > 1:
        told = [(reading.who, f"says {reading.intent}" if reading.intent else "gives none") for reading in readings]
        lines.append(f"Intent: {_told(told)}")
    for start, end in _regions(readings):
        inside = [[span for span in reading.spans if start <= span.start < end] for reading in readings]
        if len({tuple(_place(span) for span in spans) for spans in inside}) > 1:
            told = [(reading.who, _said(spans, start, end)) for reading, spans in zip(readings, inside, strict=True)]
            lines.append(f"“{text[start:end]}”: {_told(told)}")
    return lines


def _place(span: Span) -> tuple[int, int, str]:
    return span.start, span.end, span.slot


def _regions(readings: Sequence[Reading]) -> list[tuple[int, int]]:
    """The stretches of text that spans of any reading cover together; spans that overlap are in one stretch."""
    regions: list[tuple[int, int]] = []
    for start, end in sorted((span.start, span.end) for reading in readings for span in reading.spans):
        if regions and start < regions[-1][1]:
            regions[-1] = (regions[-1][0], max(end, regions[-1][1]))
        else:
            regions.append((start, end))
    return regions


def _said(spans: Sequence[Span], start: int, end: int) -> str:
    if not spans:
        return "marks nothing"
    if len(spans) == 1 and (spans[0].start, spans[0].end) == (start, end):
        return f"says {spans[0].slot}"
    return "says " + ", ".join(f"{span.slot} for “{span.value}”" for span in spans)


def _told(said: Sequence[tuple[str, str]]) -> str:
    """Who says what; those who say the same are named together."""
    together: dict[str, list[str]] = {}
    for who, what in said:
        together.setdefault(what, []).append(who)
    return "; ".join(f"{' and '.join(people)} {_number(what, len(people))}" for what, people in together.items())


def _number(what: str, people: int) -> str:
    """The verb for one person or for more.

    Example:
        >>> _number("says city", 2), _number("marks nothing", 1)
        ('say city', 'marks nothing')
    """
    verb, _, rest = what.partition(" ")
    return what if people == 1 else f"{verb.removesuffix('s')} {rest}"
