"""Slips of the fingers in training texts, so that a model reads what hurried people type."""

from __future__ import annotations

import random
import re

from jointbert.utterance import Span, Utterance

_WORD = re.compile(r"[A-Za-z]{4,}")
_KEYS = "qwertyuiop", "asdfghjkl", "zxcvbnm"
_NEIGHBOURS = {key: row[max(at - 1, 0) : at] + row[at + 1 : at + 2] for row in _KEYS for at, key in enumerate(row)}


def mistyped(word: str, generator: random.Random) -> str:
    """The word with one slip after its first letter: two letters swapped, one dropped, doubled or its neighbour's key.

    Args:
        word: Three letters or more.
        generator: Where chance comes from.

    Example:
        >>> mistyped("tomorrow", random.Random(1))
        'tonorrow'
    """
    at = generator.randrange(1, len(word) - 1)
    letter, rest = word[at], word[at + 1 :]
    wrong = {
        "swap": rest[0] + letter + rest[1:],
        "drop": rest,
        "double": letter + letter + rest,
        "neighbour": generator.choice(_NEIGHBOURS.get(letter.lower(), letter)) + rest,
    }
    return word[:at] + wrong[generator.choice(sorted(wrong))]


def mistype(utterance: Utterance, generator: random.Random) -> Utterance:
    """The utterance with a slip in one of its words, inside a span or outside; offsets follow.

    Only words of four or more letters from A to Z have slips, and none that a span's edge cuts. Its tokens are left
    out, for they are those of the text as it was.

    Args:
        utterance: A labelled utterance.
        generator: Where chance comes from.

    Example:
        >>> before = Utterance("go to Rome", "fly", (Span.of("go to Rome", "city", 6, 10),))
        >>> after = mistype(before, random.Random(2))
        >>> after.text, after.spans[0].value
        ('go to Rime', 'Rime')
    """
    edges = {edge for span in utterance.spans for edge in (span.start, span.end)}
    found = [word.span() for word in _WORD.finditer(utterance.text)]
    words = [(start, end) for start, end in found if not any(start < edge < end for edge in edges)]
    if not words:
        return utterance
    start, end = generator.choice(words)
    slip = mistyped(utterance.text[start:end], generator)
    text, longer = utterance.text[:start] + slip + utterance.text[end:], len(slip) - (end - start)

    def moved(edge: int) -> int:
        return edge + longer if edge >= end else edge

    spans = tuple(Span.of(text, span.slot, moved(span.start), moved(span.end)) for span in utterance.spans)
    return Utterance(text, utterance.intent, spans, where=utterance.where)
