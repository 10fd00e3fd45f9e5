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
from jointbert.pretraining.masking import Masked, Masking

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
        order = np.random.default_rng([self.seed, self.epoch]).permutation(self.size)
        yield from (order + self.epoch * self.size).tolist()


def collate_masked(items: Sequence[Example], pad_id: int) -> dict[str, Tensor]:
    """B examples as the tensors that ``PretrainingBert.forward`` takes, padded to the longest of them.

    Args:
        items: Examples, all with a segment B or all without.
        pad_id: The piece that fills.
    """
    longest = max(len(pair.input_ids) for pair, _ in items)
    shape = (len(items), longest)
    input_ids, attention_mask = np.full(shape, pad_id, np.int64), np.zeros(shape, np.int64)
    token_type_ids = np.zeros(shape, np.int64)
    for row, (pair, masked) in enumerate(items):
        length = len(pair.input_ids)
        input_ids[row, :length] = masked.input_ids
        attention_mask[row, :length] = 1
        token_type_ids[row, pair.segment_b : length] = 1
    chosen = np.concatenate([masked.chosen + row * longest for row, (_, masked) in enumerate(items)])
    batch = {"input_ids": input_ids, "attention_mask": attention_mask, "token_type_ids": token_type_ids}
    batch |= {"chosen": chosen, "labels": np.concatenate([masked.labels for _, masked in items])}
    if items[0][0].follows is not None:
        batch["next_sentence_label"] = np.array([FOLLOWS if pair.follows else 1 - FOLLOWS for pair, _ in items])
    return {name: torch.from_numpy(array) for name, array in batch.items()}
