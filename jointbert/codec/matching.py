"""Words that two tokenizers agree on: where each one's pieces of them stand in a batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jointbert.codec.texts import Encoded

Ints = NDArray[np.int64]

_TEXT, _START = 1 << 40, 1 << 20
"""Factors that make one number of a text's number and a word's two offsets (texts of up to a million characters)."""


@dataclass(frozen=True, slots=True)
class WordPieces:
    """The pieces of M words in a batch.

    Args:
        pieces: (P,) places of the words' pieces in the batch laid out flat (row * T + column).
        words: (P,) which word each of them belongs to, 0..M-1.
        sizes: (M,) pieces of each word.
    """

    pieces: Ints
    words: Ints
    sizes: Ints


@dataclass(frozen=True, slots=True)
class Matched:
    """The words of a batch that both sides have at the same characters.

    Args:
        first: Their pieces on the first side.
        second: Their pieces on the second side, the words in the same order.
        of_first: How many words the first side has in all.
    """

    first: WordPieces
    second: WordPieces
    of_first: int

    def __len__(self) -> int:
        return len(self.first.sizes)


def match_words(first: Sequence[Encoded], second: Sequence[Encoded]) -> Matched:
    """The words with equal character offsets of the same B texts, encoded by two tokenizers.

    Words that one side cuts differently, or lost to truncation, are left out.

    Args:
        first: B texts on one tokenizer; the flat batch is as wide as the longest of them.
        second: The same texts on another.
    """
    keys = _keys(first), _keys(second)
    _, *places = np.intersect1d(*keys, assume_unique=True, return_indices=True)
    return Matched(_pieces(first, places[0]), _pieces(second, places[1]), len(keys[0]))


def width(texts: Sequence[Encoded]) -> int:
    """Pieces of the longest text: the width T of a batch of them."""
    return max(len(text.input_ids) for text in texts)


def _keys(texts: Sequence[Encoded]) -> Ints:
    """(W,) a number for each word of all texts: which text, from where, to where."""
    keys = [
        row * _TEXT + text.words.offsets[:, 0] * _START + text.words.offsets[:, 1] for row, text in enumerate(texts)
    ]
    return np.concatenate(keys)


def _pieces(texts: Sequence[Encoded], chosen: Ints) -> WordPieces:
    """The pieces of some words, given by their numbers over all texts, in that order."""
    begins = np.cumsum([0, *(len(text.words.offsets) for text in texts)])
    wide = width(texts)
    new_number = np.full(begins[-1] + 1, -1, dtype=np.int64)  # the last one is of the pieces that belong to no word
    new_number[chosen] = np.arange(len(chosen))
    places, words = [], []
    for row, text in enumerate(texts):
        of_piece = text.words.piece_words
        of_piece = new_number[np.where(of_piece < 0, begins[-1], of_piece + begins[row])]
        kept = np.flatnonzero(of_piece >= 0)
        places.append(kept + row * wide)
        words.append(of_piece[kept])
    found = np.concatenate(words)
    return WordPieces(np.concatenate(places), found, np.bincount(found, minlength=len(chosen)))
