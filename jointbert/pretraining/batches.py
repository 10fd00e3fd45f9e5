"""What the data loader does: examples in an order that seed and epoch decide, masked afresh, collated into tensors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset as TorchDataset
from torch.utils.data import Sampler

from jointbert.codec.pairs import Pair
from jointbert.model.pretraining import FOLLOWS
from jointbert.pretraining.examples import pair_of
from jointbert.pretraining.masking import Ints, Masked, Masking

if TYPE_CHECKING:
    from datasets import Dataset

Example = tuple[Pair, Masked]


class MaskedExamples(TorchDataset[Example]):
    """Examples by key; a key names the example and the epoch, and so the pieces that are chosen in it.

    Nothing else decides them: not the process that asks, nor what was asked for before.

    Args:
        rows: Packed examples.
        masking: How pieces are chosen.
        seed: Of the choice.
    """

    def __init__(self, rows: Dataset, masking: Masking, seed: int) -> None:
        self.rows = rows
        self.masking = masking
        self.seed = seed

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, key: int) -> Example:
        epoch, index = divmod(key, len(self.rows))
        pair = pair_of(self.rows[index])
        return pair, self.masking.apply(pair, np.random.default_rng([self.seed, epoch, index]))


class EpochOrder(Sampler[int]):
    """Keys of all examples in a random order, another one in each epoch.

    Args:
        size: Number of examples.
        seed: Of the order.
    """

    def __init__(self, size: int, seed: int) -> None:
        self.size = size
        self.seed = seed
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch (called by the trainer)."""
        self.epoch = epoch

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> Iterator[int]:
        order = self.order(np.random.default_rng([self.seed, self.epoch]))
        yield from (order + self.epoch * self.size).tolist()

    def order(self, rng: np.random.Generator) -> Ints:
        """The (N,) places of an epoch, in the order that ``rng`` draws."""
        return rng.permutation(self.size)


def collate_masked(items: Sequence[Example], pad_id: int) -> dict[str, Tensor]:
    """B examples as the tensors that ``PretrainingBert.forward`` takes, padded to the longest of them.

    Args:
        items: Examples, all with a segment B or all without.
        pad_id: The piece that fills.
    """
    batch = padded([masked.input_ids for _, masked in items], pad_id)
    batch["token_type_ids"] = np.zeros_like(batch["input_ids"])
    for row, (pair, _) in enumerate(items):
        batch["token_type_ids"][row, pair.segment_b : len(pair.input_ids)] = 1
    batch |= flat_choice([masked for _, masked in items], batch["input_ids"].shape[1])
    if items[0][0].follows is not None:
        batch["next_sentence_label"] = np.array([FOLLOWS if pair.follows else 1 - FOLLOWS for pair, _ in items])
    return {name: torch.from_numpy(array) for name, array in batch.items()}


def padded(rows: Sequence[Ints], pad_id: int, prefix: str = "") -> dict[str, Ints]:
    """B rows of pieces as one (B, T) array, filled up to the longest, and which of it is real (1).

    Args:
        rows: The pieces' ids, a row each.
        pad_id: The piece that fills.
        prefix: Of the names ``input_ids`` and ``attention_mask``.
    """
    shape = (len(rows), max(map(len, rows)))
    input_ids, attention_mask = np.full(shape, pad_id, np.int64), np.zeros(shape, np.int64)
    for place, row in enumerate(rows):
        input_ids[place, : len(row)] = row
        attention_mask[place, : len(row)] = 1
    return {f"{prefix}input_ids": input_ids, f"{prefix}attention_mask": attention_mask}


def flat_choice(rows: Sequence[Masked], longest: int) -> dict[str, Ints]:
    """The chosen pieces of B rows: their places in the (B, T) batch laid out flat, and what stood there.

    Args:
        rows: The rows.
        longest: T.
    """
    chosen = np.concatenate([masked.chosen + row * longest for row, masked in enumerate(rows)])
    return {"chosen": chosen, "labels": np.concatenate([masked.labels for masked in rows])}
