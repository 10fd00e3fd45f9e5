"""Collating: encoded texts of different lengths become one padded batch of arrays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jointbert.codec.texts import Encoded

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Batch:
    """B texts, padded to the longest of them: T pieces and W words.

    Args:
        input_ids: (B, T) piece ids.
        attention_mask: (B, T) 1 = real, as Hugging Face spells it.
        word_pieces: (B, W) index of each word's first piece; 0 where there is no word.
        piece_words: (B, T) the word of each piece; -1 for special pieces and padding.
        word_mask: (B, W) True = real, left-aligned.
        intent_ids: (B,) gold intents, or None.
        tag_ids: (B, W) gold tags (0 under the mask), or None.
    """

    input_ids: Ints
    attention_mask: Ints
    word_pieces: Ints
    piece_words: Ints
    word_mask: Bools
    intent_ids: Ints | None = None
    tag_ids: Ints | None = None

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What a forward pass takes, by name; gold ids only where there are any."""
        return {name: array for name in _FIELDS if (array := getattr(self, name)) is not None}


_FIELDS = tuple(item.name for item in fields(Batch))


def collate(items: Sequence[Encoded], pad_id: int = 0) -> Batch:
    """One batch of the items, each padded to the longest.

    Args:
        items: At least one; either all labelled or none.
        pad_id: What fills ``input_ids``.
    """
    pieces = max(len(item.input_ids) for item in items)
    words = max(1, max(len(item.words.offsets) for item in items))
    rows = len(items)
    input_ids = np.full((rows, pieces), pad_id, dtype=np.int64)
    attention_mask = np.zeros((rows, pieces), dtype=np.int64)
    piece_words = np.full((rows, pieces), -1, dtype=np.int64)
    word_pieces = np.zeros((rows, words), dtype=np.int64)
    word_mask = np.zeros((rows, words), dtype=np.bool_)
    tag_ids = np.zeros((rows, words), dtype=np.int64)
    for row, item in enumerate(items):
        length, count = len(item.input_ids), len(item.words.offsets)
        input_ids[row, :length] = item.input_ids
        attention_mask[row, :length] = 1
        piece_words[row, :length] = item.words.piece_words
        word_pieces[row, :count] = item.words.first_piece
        word_mask[row, :count] = True
        if item.tag_ids is not None:
            tag_ids[row, :count] = item.tag_ids
    intents = [item.intent_id for item in items if item.intent_id is not None]
    return Batch(
        input_ids,
        attention_mask,
        word_pieces,
        piece_words,
        word_mask,
        np.array(intents, dtype=np.int64) if len(intents) == rows else None,
        tag_ids if all(item.tag_ids is not None for item in items) else None,
    )


def by_length(items: Sequence[Encoded], batch_size: int, pad_id: int = 0) -> Iterator[tuple[list[int], Batch]]:
    """Batches of items of like length, the shortest first, each with the places of its items.

    Args:
        items: Any number.
        batch_size: The most items in a batch.
        pad_id: What fills ``input_ids``.
    """
    order = sorted(range(len(items)), key=lambda place: len(items[place].input_ids))
    for begin in range(0, len(order), batch_size):
        places = order[begin : begin + batch_size]
        yield places, collate([items[place] for place in places], pad_id)
