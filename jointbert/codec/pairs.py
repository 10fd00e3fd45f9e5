"""Sentences as pieces, and the pairs of segments that pretraining reads: ``[CLS] A [SEP] B [SEP]``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jointbert.codec.align import readable
from jointbert.codec.pretrained import FastTokenizer

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Segmenter = Callable[[str], Sequence[int]]
"""A text → the character offsets at which its words begin (for a language that writes none apart)."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """One sentence as pieces, without special ones.

    Args:
        ids: (T,) piece ids.
        starts: (T,) bool, True where a word begins.
    """

    ids: Ints
    starts: Bools

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Pair:
    """One pretraining input, special pieces included.

    Args:
        input_ids: (T,) ``[CLS] A [SEP] B [SEP]``, or ``[CLS] A [SEP]``.
        segment_b: Index of B's first piece; T where there is no B.
        starts: (T,) bool, True where a word begins; special pieces begin none.
        follows: Whether B comes right after A in its document; None without B.
    """

    input_ids: Ints
    segment_b: int
    starts: Bools
    follows: bool | None


class PairCodec:
    """Text → pieces → pairs on one tokenizer.

    Args:
        tokenizer: A fast tokenizer with [CLS], [SEP], [MASK] and [PAD].
        segmenter: Finds words where the writing does not show them; None: a word is what the tokenizer cuts.
    """

    def __init__(self, tokenizer: FastTokenizer, segmenter: Segmenter | None = None) -> None:
        self._tokenizer = tokenizer.backend_tokenizer
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._tokenizer.encode_special_tokens = True
        self._segmenter = segmenter
        self.cls_id = int(tokenizer.cls_token_id)
        self.sep_id = int(tokenizer.sep_token_id)
        self.pad_id = int(tokenizer.pad_token_id)
        self.mask_id = int(tokenizer.mask_token_id)
        special = set(tokenizer.all_special_ids)
        self.special_ids: Ints = np.array(sorted(special))
        self.ordinary_ids: Ints = np.array([piece for piece in range(len(tokenizer)) if piece not in special])

    def pieces(self, sentences: Sequence[str]) -> list[Pieces]:
        """The sentences as pieces; one without any (white space, marks that the normaliser drops) is empty."""
        texts = [readable(sentence) for sentence in sentences]
        found = []
        for text, encoding in zip(texts, self._tokenizer.encode_batch(texts, add_special_tokens=False), strict=True):
            ids = np.array(encoding.ids, dtype=np.int64)
            words = np.array([-1 if word is None else word for word in encoding.word_ids], dtype=np.int64)
            starts = np.diff(words, prepend=-1) != 0
            if self._segmenter is not None and len(ids):
                begins = np.array(sorted({0, *self._segmenter(text)}))
                segments = np.searchsorted(begins, [start for start, _ in encoding.offsets], side="right")
                # a Latin word is one word, whatever the segmenter thinks of its parts
                starts &= np.diff(segments, prepend=0) != 0
            found.append(Pieces(ids, starts))
        return found

    def join(self, first: Pieces, second: Pieces | None = None, follows: bool | None = None) -> Pair:
        """``[CLS] first [SEP] second [SEP]``, or ``[CLS] first [SEP]``."""
        parts: list[Ints] = [np.array([self.cls_id]), first.ids, np.array([self.sep_id])]
        starts: list[Bools] = [np.zeros(1, bool), first.starts, np.zeros(1, bool)]
        if second is not None:
            parts += [second.ids, np.array([self.sep_id])]
            starts += [second.starts, np.zeros(1, bool)]
        return Pair(np.concatenate(parts), len(first) + 2, np.concatenate(starts), follows)
