"""BIO tags and spans: two spellings of one annotation, and the moves that are legal between tags.

A tag is ``O``, ``B-<slot>`` or ``I-<slot>``. ``I-<slot>`` may only follow ``B-<slot>`` or ``I-<slot>``; one that does
not is an *orphan* and is read, as seqeval's default mode reads it, as the beginning of a span.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jointbert.errors import DataError
from jointbert.utterance import Span, Token

OUTSIDE = "O"


def split_tag(tag: str) -> tuple[str, str]:
    """The prefix (``"O"``, ``"B"`` or ``"I"``) and the slot (``""`` for O) of a tag.

    Raises:
        DataError: The tag is not a BIO tag.

    Example:
        >>> split_tag("B-fromloc.city_name"), split_tag("O")
        (('B', 'fromloc.city_name'), ('O', ''))
    """
    if tag == OUTSIDE:
        return OUTSIDE, ""
    prefix, dash, slot = tag.partition("-")
    if prefix not in ("B", "I") or not dash or not slot:
        raise DataError(f"tag {tag!r}", "is not a BIO tag", "O, B-<slot> or I-<slot>", "Convert the tags to BIO.")
    return prefix, slot


def is_legal(previous: str | None, tag: str) -> bool:
    """Whether ``tag`` may follow ``previous`` (None: the beginning).

    Example:
        >>> is_legal("B-city", "I-city"), is_legal("O", "I-city"), is_legal(None, "I-city")
        (True, False, False)
    """
    prefix, slot = split_tag(tag)
    if prefix != "I":
        return True
    return previous is not None and previous != OUTSIDE and split_tag(previous)[1] == slot


def orphans(tags: Sequence[str]) -> list[int]:
    """The positions of ``I-`` tags that continue nothing.

    Example:
        >>> orphans(["O", "I-city", "I-city", "B-day", "I-city"])
        [1, 4]
    """
    return [index for index, tag in enumerate(tags) if not is_legal(tags[index - 1] if index else None, tag)]


def chunks(tags: Sequence[str]) -> Iterator[tuple[str, int, int]]:
    """The (slot, first, one past last) runs of words that a tag sequence names; orphans begin a run.

    Example:
        >>> list(chunks(["B-city", "I-city", "O", "I-day"]))
        [('city', 0, 2), ('day', 3, 4)]
    """
    slot, begin = "", 0
    for index, tag in enumerate(tags):
        prefix, name = split_tag(tag)
        if prefix == "I" and name == slot:
            continue
        if slot:
            yield slot, begin, index
        slot, begin = name, index
    if slot:
        yield slot, begin, len(tags)


def spans_from_tags(text: str, units: Sequence[Token], tags: Sequence[str], where: str | None = None) -> list[Span]:
    """The spans that tags on units (words or tokens) of a text name.

    Args:
        text: The raw text.
        units: Character offsets of each unit, in order.
        tags: One BIO tag for each unit.
        where: ``file:line`` for the error message.

    Raises:
        DataError: The numbers of units and tags differ, or a tag is not BIO.

    Example:
        >>> [span.value for span in spans_from_tags("to las vegas", [(0, 2), (3, 6), (7, 12)], ["O", "B-c", "I-c"])]
        ['las vegas']
    """
    if len(units) != len(tags):
        raise DataError(
            where or "tags",
            f"{len(tags)} tags for {len(units)} words",
            "one tag per word",
            "Look for a doubled or a missing space.",
        )
    return [Span.of(text, slot, units[first][0], units[last - 1][1], where=where) for slot, first, last in chunks(tags)]


def tags_from_spans(units: Sequence[Token], spans: Sequence[Span]) -> list[str]:
    """One BIO tag for each unit; a unit that shares a character with a span belongs to it.

    Where two spans meet in one unit, the earlier keeps it; a span that touches no unit is lost (codec/align.py
    reports both). On units that the spans fit exactly this is the inverse of :func:`spans_from_tags`.

    Example:
        >>> tags_from_spans([(0, 2), (3, 6), (7, 12)], [Span.of("to las vegas", "c", 3, 12)])
        ['O', 'B-c', 'I-c']
    """
    tags = [OUTSIDE] * len(units)
    index = 0
    for span in spans:
        while index < len(units) and units[index][1] <= span.start:
            index += 1
        prefix = "B"
        while index < len(units) and units[index][0] < span.end:
            tags[index] = f"{prefix}-{span.slot}"
            prefix = "I"
            index += 1
    return tags
