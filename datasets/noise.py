"""Noise on labelled pieces of text: what hurried users do to capitals, punctuation and letters.

An utterance is a list of pieces (text, slot or None) until its very end, so no noise can push a span off its value.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from grammar import KEPT_SPACE

from jointbert.training.typos import mistyped
from jointbert.utterance import Span, Utterance

Piece = tuple[str, str | None]

_WORD = re.compile(r"[A-Za-z]{4,}")
_GAP = re.compile(r"(?<=\w) (?=\w)")
_FULL_WIDTH = str.maketrans({chr(code): chr(code + 0xFEE0) for code in (*range(0x30, 0x3A), *map(ord, ",.!?:"))})


@dataclass(frozen=True, slots=True)
class Noise:
    """How often each kind of noise strikes an utterance (probabilities, 0..1), and the words it needs.

    Args:
        lower: All letters become lower case.
        capital: The first letter becomes a capital and a lone i becomes I (where ``lower`` did not strike).
        bare_end: Punctuation at the end is dropped.
        full_stop: A full stop is put at a bare end.
        typo: A letter of a word outside every span is swapped, dropped, doubled or a neighbour on the keyboard.
        value_typo: The same inside a span.
        no_apostrophe: Apostrophes are dropped, but for one that begins a piece: an s is not glued to a span.
        filler: One of ``fillers`` is put in front, or between two words outside every span.
        full_width: ASCII digits and , . ! ? : become full-width.
        fillers: The filler words.
    """

    lower: float = 0.0
    capital: float = 0.0
    bare_end: float = 0.0
    full_stop: float = 0.0
    typo: float = 0.0
    value_typo: float = 0.0
    no_apostrophe: float = 0.0
    filler: float = 0.0
    full_width: float = 0.0
    fillers: tuple[str, ...] = ()

    def apply(self, pieces: list[Piece], rng: random.Random) -> list[Piece]:
        """The pieces with noise; slots stay where they are, in their order."""
        if rng.random() < self.filler and self.fillers:
            pieces = _fill(pieces, rng.choice(self.fillers), rng)
        if rng.random() < self.typo:
            pieces = _mistype(pieces, rng, labelled=False)
        if rng.random() < self.value_typo:
            pieces = _mistype(pieces, rng, labelled=True)
        pieces = self._punctuate(pieces, rng)
        if rng.random() < self.no_apostrophe:
            pieces = [(text[:1] + text[1:].replace("'", ""), slot) for text, slot in pieces]
        if rng.random() < self.full_width:
            pieces = [(text.translate(_FULL_WIDTH), slot) for text, slot in pieces]
        if rng.random() < self.lower:
            return [(text.lower(), slot) for text, slot in pieces]
        return _capitalise(pieces) if rng.random() < self.capital else pieces

    def _punctuate(self, pieces: list[Piece], rng: random.Random) -> list[Piece]:
        bare, stop = rng.random() < self.bare_end, rng.random() < self.full_stop
        text, slot = pieces[-1]
        ended = slot is None and text.endswith(tuple(".?!。？！"))
        if ended and bare:
            return [*pieces[:-1], (text.rstrip(".?!。？！"), None)]
        return [*pieces, (".", None)] if stop and text[-1].isalnum() else pieces


def _fill(pieces: list[Piece], filler: str, rng: random.Random) -> list[Piece]:
    gaps = [(i, m.start()) for i, (text, slot) in enumerate(pieces) if slot is None for m in _GAP.finditer(text)]
    if not gaps or rng.random() < 0.5:
        return [(f"{filler} ", None), *pieces]
    index, at = rng.choice(gaps)
    text = pieces[index][0]
    return [*pieces[:index], (f"{text[:at]} {filler}{text[at:]}", None), *pieces[index + 1 :]]


def _mistype(pieces: list[Piece], rng: random.Random, *, labelled: bool) -> list[Piece]:
    words = [
        (index, match.start(), match.end())
        for index, (text, slot) in enumerate(pieces)
        if (slot is not None) == labelled
        for match in _WORD.finditer(text)
    ]
    if not words:
        return pieces
    index, start, end = rng.choice(words)
    text, slot = pieces[index]
    wrong = text[:start] + mistyped(text[start:end], rng) + text[end:]
    return [*pieces[:index], (wrong, slot), *pieces[index + 1 :]]


def _capitalise(pieces: list[Piece]) -> list[Piece]:
    pieces = [(re.sub(r"\bi\b", "I", text) if slot is None else text, slot) for text, slot in pieces]
    text, slot = pieces[0]
    return [(text[:1].upper() + text[1:], slot), *pieces[1:]]


def tidy(pieces: list[Piece], *, drop_spaces: bool) -> list[Piece]:
    """The pieces with runs of white space made one space, none at an edge, in front of punctuation or at a span's edge.

    Args:
        pieces: Text and slot (or None), in order.
        drop_spaces: Drop every space but those between two ASCII letters or digits, and those escaped in a template.

    Example:
        >>> tidy([(" fly  to ", None), (" New  York ", "city"), (" , ok", None)], drop_spaces=False)
        [('fly to ', None), ('New York', 'city'), (', ok', None)]
    """
    marked = [(character, index) for index, (text, _) in enumerate(pieces) for character in text]
    kept: list[tuple[str, int]] = []
    space = ""
    for character, index in marked:
        if character.isspace() or character == KEPT_SPACE:
            space = KEPT_SPACE if space == KEPT_SPACE else character
            continue
        if kept and space and _wanted(kept[-1][0], space, character, drop_spaces):
            space = KEPT_SPACE if space == KEPT_SPACE else " "
            kept.append((space, index if kept[-1][1] == index else -1))
        kept.append((character, index))
        space = ""
    tidied: list[Piece] = []
    previous = None
    for character, index in kept:
        slot = None if index < 0 else pieces[index][1]
        if tidied and (index == previous or (slot is None and tidied[-1][1] is None)):
            tidied[-1] = (tidied[-1][0] + character, slot)
        else:
            tidied.append((character, slot))
        previous = index
    return tidied


def _wanted(left: str, space: str, right: str, drop_spaces: bool) -> bool:
    if not drop_spaces or space == KEPT_SPACE:
        return right not in ",.?!;:，。？！"
    return left.isascii() and left.isalnum() and right.isascii() and right.isalnum()


def to_utterance(pieces: list[Piece], intent: str, name: str | None = None) -> Utterance:
    """The utterance that tidied pieces spell, its offsets counted from them.

    Example:
        >>> to_utterance([("to ", None), ("Rome", "city")], "book_hotel").spans[0].start
        3
    """
    text = "".join(part for part, _ in pieces).replace(KEPT_SPACE, " ")
    spans: list[Span] = []
    start = 0
    for part, slot in pieces:
        if slot is not None:
            spans.append(Span.of(text, slot, start, start + len(part)))
        start += len(part)
    return Utterance(text, intent, tuple(spans), name)
