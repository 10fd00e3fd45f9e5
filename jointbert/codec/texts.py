"""Texts as pieces: what encoding needs no labels for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from jointbert.codec.align import Words, readable, words_of

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Encoded:
    """One text as arrays.

    Args:
        input_ids: (T,) piece ids, with the special pieces at both ends.
        words: Where the words lie.
        intent_id: The gold intent's id, or None.
        tag_ids: (W,) gold tag ids, or None.
    """

    input_ids: Ints
    words: Words
    intent_id: int | None = None
    tag_ids: Ints | None = None


class TextCodec:
    """Turns raw text into :class:`Encoded`, on one tokenizer. Safe to share between threads.

    Args:
        tokenizer: A fast tokenizer with its post-processor (special pieces) in place. It is copied.
        max_pieces: Longest input in pieces, special ones included.
    """

    def __init__(self, tokenizer: Tokenizer, max_pieces: int) -> None:
        self.max_pieces = max_pieces
        self._tokenizer = Tokenizer.from_str(tokenizer.to_str())
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_pieces)
        self._tokenizer.encode_special_tokens = True  # "[SEP]" typed by a user is text, not a command

    @property
    def highest_piece(self) -> int:
        """The highest piece id that encoding can give."""
        return max(self._tokenizer.get_vocab(with_added_tokens=True).values(), default=-1)

    @property
    def unknown_piece(self) -> int | None:
        """The piece that stands for what the vocabulary does not know; None where it knows everything."""
        name = getattr(self._tokenizer.model, "unk_token", None)
        return None if name is None else self._tokenizer.token_to_id(name)

    def encode_texts(self, texts: Sequence[str]) -> list[Encoded]:
        """The texts as arrays, without labels. Never fails on a ``str``; what does not fit is in ``truncated_at``."""
        encodings = self._tokenizer.encode_batch([readable(text) for text in texts])
        return [
            Encoded(np.array(item.ids, dtype=np.int64), words_of(item, text))
            for item, text in zip(encodings, texts, strict=True)
        ]
