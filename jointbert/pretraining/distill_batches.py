"""What distilling's data loader does: texts of like length together, cut by both tokenizers, masked for the student."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset as TorchDataset

from jointbert.codec.matching import Matched, match_words, width
from jointbert.codec.pairs import Pair
from jointbert.codec.texts import Encoded, TextCodec
from jointbert.pretraining.batches import EpochOrder, flat_choice, padded
from jointbert.pretraining.masking import Ints, Masked, Masking

if TYPE_CHECKING:
    from datasets import Dataset

Text = tuple[tuple[int, int], str]
"""A text, and the (epoch, place) that decides which of its pieces are chosen."""

_POOL = 64
"""So many batches of random texts are sorted by length together."""


class Texts(TorchDataset[Text]):
    """Texts by key; a key names the text and the epoch.

    Args:
        rows: Segments.
        chosen: (N,) which of them, in this order.
    """

    def __init__(self, rows: Dataset, chosen: Ints) -> None:
        self._rows, self._chosen = rows, chosen

    def __len__(self) -> int:
        return len(self._chosen)

    def __getitem__(self, key: int) -> Text:
        epoch, place = divmod(int(key), len(self._chosen))
        row = int(self._chosen[place])
        return (epoch, row), str(self._rows[row]["text"])


class LengthOrder(EpochOrder):
    """Keys in a random order, another one in each epoch, in which the texts of a batch are about equally long.

    Args:
        lengths: (N,) pieces of each text.
        batch: Texts of a batch.
        seed: Of the order.
    """

    def __init__(self, lengths: Ints, batch: int, seed: int) -> None:
        super().__init__(len(lengths), seed)
        self._lengths, self._batch = lengths, batch

    def order(self, rng: np.random.Generator) -> Ints:
        """The (N,) places of an epoch: whole batches at random, the rest at the end."""
        order, size = rng.permutation(self.size), self.size
        pools = [order[begin : begin + _POOL * self._batch] for begin in range(0, size, _POOL * self._batch)]
        order = np.concatenate([pool[np.argsort(self._lengths[pool], kind="stable")] for pool in pools])
        whole = size // self._batch
        batches = order[: whole * self._batch].reshape(whole, self._batch)
        return np.concatenate([rng.permutation(batches).ravel(), order[whole * self._batch :]])


class DistillCollator:
    """Makes of texts what student and teacher read, and where the words are that both have.

    Args:
        student: The student's codec.
        teacher: The teacher's codec.
        masking: How the student's pieces are chosen.
        pad_ids: The pieces that fill the student's and the teacher's batch.
        seed: Of the choice.
    """

    def __init__(
        self, student: TextCodec, teacher: TextCodec, masking: Masking, pad_ids: tuple[int, int], seed: int
    ) -> None:
        self._student, self._teacher = student, teacher
        self._masking, self._pad_ids, self._seed = masking, pad_ids, seed

    def __call__(self, items: Sequence[Text]) -> dict[str, Tensor]:
        """B texts as tensors: what :class:`DistillingBert` takes but the targets, and ``teacher_`` ones for these."""
        texts = [text for _, text in items]
        mine, theirs = self._student.encode_texts(texts), self._teacher.encode_texts(texts)
        masked = [self._masked(text, key) for text, (key, _) in zip(mine, items, strict=True)]
        matched = match_words(mine, theirs)
        batch = padded([item.input_ids for item in masked], self._pad_ids[0])
        batch |= padded([text.input_ids for text in theirs], self._pad_ids[1], "teacher_")
        batch["token_type_ids"] = np.zeros_like(batch["input_ids"])
        batch |= flat_choice(masked, width(mine))
        batch |= _places(matched, batch["chosen"])
        batch["teacher_rows"] = np.array([row for (_, row), _ in items])
        batch["teacher_counts"] = _counts(matched, len(items), width(mine))
        return {name: torch.from_numpy(array) for name, array in batch.items()}

    def _masked(self, text: Encoded, key: tuple[int, int]) -> Masked:
        of_word = text.words.piece_words
        starts = (np.diff(of_word, prepend=-1) != 0) & (of_word >= 0)
        pair = Pair(text.input_ids, len(text.input_ids), starts, None)
        return self._masking.apply(pair, np.random.default_rng([self._seed, *key]))


def _places(matched: Matched, chosen: Ints) -> dict[str, Any]:
    """Where the words are on both sides, and which of them have no chosen piece."""
    found: dict[str, Any] = {}
    for prefix, side in (("", matched.first), ("teacher_", matched.second)):
        found |= {f"{prefix}pieces": side.pieces, f"{prefix}words": side.words, f"{prefix}sizes": side.sizes}
    shown = np.ones(len(matched), bool)
    shown[matched.first.words[np.isin(matched.first.pieces, chosen)]] = False
    return found | {"shown": shown, "all_words": np.array(matched.of_first)}


def _counts(matched: Matched, rows: int, wide: int) -> Ints:
    """(B,) how many of the words are in each text."""
    of_word = np.zeros(len(matched), np.int64)
    of_word[matched.first.words] = matched.first.pieces // wide
    return np.bincount(of_word, minlength=rows)
