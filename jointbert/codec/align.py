"""Alignment: the tokenizer's pieces grouped into words with character offsets, and spans laid onto words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, chain

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


def words_of(encodings: Sequence[Encoding], texts: Sequence[str]) -> list[Words]:
    """The words of tokenised texts, in the tokenizer's own division.

    A word is what the pre-tokenizer cut; words that share a character (a character that the tokenizer's normaliser
    took apart) count as one. When a text was truncated, a word that lost pieces at the cut is left out whole.
    Combining marks that the normaliser stripped off a word's end (an accent, a vowel sign, VS16) belong to the word.
    """
    found = []
    for encoding, text, words in zip(encodings, texts, _divide(encodings), strict=True):
        if encoding.overflowing:
            words = _cut(words, encoding)
        if not text.isascii():
            _keep_marks(words.offsets, text[: words.truncated_at])
        found.append(words)
    return found


def _divide(encodings: Sequence[Encoding]) -> list[Words]:
    """All texts' pieces at once, as one flat run of arrays: piece by piece in Python would cost most of a parse."""
    pieces = [len(encoding) for encoding in encodings]
    ends = list(accumulate(pieces))
    ids = np.array(list(chain.from_iterable(item.word_ids for item in encodings)), dtype=np.float64)  # None → nan
    places = np.array(list(chain.from_iterable(item.offsets for item in encodings)), dtype=np.int64).reshape(-1, 2)
    rows = np.repeat(np.arange(len(pieces)), pieces)
    real = np.flatnonzero(~np.isnan(ids) & (places[:, 0] < places[:, 1]))  # a lone "Ġ" covers no character
    row, start, end = rows[real], places[real, 0], places[real, 1]
    apart = row * (1 + (int(places[:, 1].max()) if len(places) else 0))  # lays the texts behind one another
    reach = np.maximum.accumulate(end + apart)  # where the words so far end
    fresh = np.ones(len(real), dtype=np.bool_)
    same = (row[1:] == row[:-1]) & (ids[real[1:]] == ids[real[:-1]])
    fresh[1:] = ~same & (start[1:] + apart[1:] >= reach[:-1])
    first = np.flatnonzero(fresh)
    last = np.append(first[1:], len(real))[: len(first)] - 1
    offsets = np.stack([start[first], reach[last] - apart[last]], axis=1)
    counts = np.bincount(row[first], minlength=len(pieces))
    until = np.cumsum(counts)
    begins = np.array(ends, dtype=np.int64) - np.array(pieces, dtype=np.int64)
    first_piece = real[first] - begins[row[first]]
    piece_words = np.full(len(rows), -1, dtype=np.int64)
    piece_words[real] = np.cumsum(fresh) - 1 - (until - counts)[row]
    return [
        Words(offsets[low:high], first_piece[low:high], piece_words[begin:stop], None)
        for low, high, begin, stop in zip((until - counts).tolist(), until.tolist(), begins.tolist(), ends, strict=True)
    ]


def _cut(words: Words, encoding: Encoding) -> Words:
    """The words of a truncated text, less the one that the cut went through, and where reading stopped."""
    unread = (pair for rest in encoding.overflowing for pair in zip(rest.word_ids, rest.offsets, strict=True))
    lost = next(((word, at) for word, at in unread if word is not None and at[0] < at[1]), None)
    if lost is None:
        return words
    cut_word, (begin, _) = lost
    kept = len(words.offsets) - 1
    if kept >= 0:
        last = encoding.word_ids[int(np.flatnonzero(words.piece_words == kept)[-1])]
        if cut_word == last or begin < words.offsets[-1, 1]:
            remaining = np.where(words.piece_words == kept, -1, words.piece_words)
            return Words(words.offsets[:-1], words.first_piece[:-1], remaining, int(words.offsets[-1, 0]))
    return replace(words, truncated_at=begin)


def _keep_marks(offsets: Ints, text: str) -> None:
    """Move each word's end behind the combining marks that follow it and belong to no other word."""
    limits = np.append(offsets[1:, 0], len(text))[: len(offsets)]
    for place in np.flatnonzero(offsets[:, 1] < limits).tolist():
        end, limit = int(offsets[place, 1]), int(limits[place])
        while end < limit and unicodedata.category(text[end]).startswith("M"):
            end += 1
        offsets[place, 1] = end


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
