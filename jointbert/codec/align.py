"""Alignment: the tokenizer's pieces grouped into words with character offsets, and spans laid onto words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding

from jointbert.utterance import Span

Ints = NDArray[np.int64]

_SURROGATE = re.compile("[\ud800-\udfff]")


def readable(text: str) -> str:
    """The text with each lone surrogate replaced by U+FFFD: as long as before, and fit for the tokenizer.

    Example:
        >>> len(readable("a\\ud800b"))
        3
    """
    return _SURROGATE.sub("\ufffd", text)


@dataclass(frozen=True, slots=True)
class Words:
    """Where the words of one text lie.

    Args:
        offsets: (W, 2) half-open character offsets, in order, without overlap.
        first_piece: (W,) index of each word's first piece.
        piece_words: (T,) the word of each piece; -1 for special pieces.
        truncated_at: The character from which on nothing was read, or None when all was.
    """

    offsets: Ints
    first_piece: Ints
    piece_words: Ints
    truncated_at: int | None


def words_of(encoding: Encoding, text: str) -> Words:
    """The words of a tokenised text, in the tokenizer's own division.

    A word is what the pre-tokenizer cut; words that share a character (a character that the tokenizer's normaliser
    took apart) count as one. When the text was truncated, a word that lost pieces at the cut is left out whole.
    Combining marks that the normaliser stripped off a word's end (an accent, a vowel sign, VS16) belong to the word.

    A loop over the pieces: on one short text it is five times as fast as numpy, and numpy over a thousand texts at once
    is no faster (both were tried).
    """
    offsets: list[list[int]] = []
    first_piece: list[int] = []
    piece_words: list[int] = []
    previous: int | None = None  # the word of the last piece that covers characters: a lone "Ġ" covers none
    for piece, (word, (start, end)) in enumerate(zip(encoding.word_ids, encoding.offsets, strict=True)):
        if word is None or start >= end:
            piece_words.append(-1)
            continue
        if offsets and (word == previous or start < offsets[-1][1]):
            offsets[-1][1] = max(end, offsets[-1][1])
        else:
            offsets.append([start, end])
            first_piece.append(piece)
        piece_words.append(len(offsets) - 1)
        previous = word
    truncated_at = _truncation(encoding, offsets, first_piece, piece_words, previous)
    _keep_marks(offsets, text[:truncated_at])
    return Words(
        np.array(offsets, dtype=np.int64).reshape(-1, 2),
        np.array(first_piece, dtype=np.int64),
        np.array(piece_words, dtype=np.int64),
        truncated_at,
    )


def _keep_marks(offsets: list[list[int]], text: str) -> None:
    """Move each word's end behind the combining marks that follow it and belong to no other word."""
    if text.isascii():
        return
    for place, word in enumerate(offsets):
        limit = offsets[place + 1][0] if place + 1 < len(offsets) else len(text)
        while word[1] < limit and unicodedata.category(text[word[1]]).startswith("M"):
            word[1] += 1


def _truncation(
    encoding: Encoding, offsets: list[list[int]], first_piece: list[int], piece_words: list[int], last: int | None
) -> int | None:
    """Where a truncated text stops being read; drops the word that the cut went through."""
    unread = (pair for rest in encoding.overflowing for pair in zip(rest.word_ids, rest.offsets, strict=True))
    lost = next(((word, at) for word, at in unread if word is not None and at[0] < at[1]), None)
    if lost is None:
        return None
    cut_word, (begin, _) = lost
    if offsets and (cut_word == last or begin < offsets[-1][1]):
        start = offsets.pop()[0]
        first_piece.pop()
        for piece, word in enumerate(piece_words):
            piece_words[piece] = -1 if word == len(offsets) else word
        return start
    return begin


@dataclass(frozen=True, slots=True)
class Misfit:
    """A span that the words cannot carry as it stands.

    Args:
        span: The gold span.
        kind: ``"widened"`` (it cut a word: it was widened to whole words, or an earlier span keeps the shared one) or
            ``"lost"`` (no word under it, or other spans have all its words).
        widened_to: The characters it covers now, or None when it is lost.
    """

    span: Span
    kind: str
    widened_to: tuple[int, int] | None


def lay_spans(offsets: Ints, spans: Sequence[Span]) -> tuple[list[tuple[int, int, str]], list[Misfit]]:
    """Spans as runs of words, and those that do not fit exactly.

    Args:
        offsets: (W, 2) word offsets.
        spans: Gold spans in order.

    Returns:
        Runs (first word, one past the last, slot) that share no word; and the misfits.
    """
    runs: list[tuple[int, int, str]] = []
    misfits: list[Misfit] = []
    taken = 0
    for span in spans:
        touched = int(np.searchsorted(offsets[:, 1], span.start, side="right"))
        first = max(touched, taken)
        last = int(np.searchsorted(offsets[:, 0], span.end, side="left"))
        if first >= last:
            misfits.append(Misfit(span, "lost", None))
            continue
        covered = (int(offsets[first, 0]), int(offsets[last - 1, 1]))
        if touched < taken or covered[0] < span.start or covered[1] > span.end:
            misfits.append(Misfit(span, "widened", covered))
        runs.append((first, last, span.slot))
        taken = last
    return runs, misfits
