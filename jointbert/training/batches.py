"""The data loader's two halves: items in an order that keeps lengths together, and their collation into tensors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor
from torch.utils.data import Dataset, Sampler

from jointbert.codec import Encoded, collate

POOL = 50
"""Batches in a pool that is sorted by length: large enough to save padding, small enough to stay random."""


class EncodedDataset(Dataset[Encoded]):
    """Encoded utterances as a torch data set.

    Args:
        items: What it holds.
    """

    def __init__(self, items: Sequence[Encoded]) -> None:
        self.items = items

    def lengths(self) -> list[int]:
        """Length of each item in pieces."""
        return [len(item.input_ids) for item in self.items]

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: int) -> Encoded:
        return self.items[index]


class LengthGrouped(Sampler[int]):
    """Indices in a random order in which neighbours are of like length.

    The order depends on the seed and the epoch alone, so a resumed run sees what the first would have seen.

    Args:
        lengths: Length of each item in pieces.
        batch_size: Items a batch; batches are cut from the order as it comes.
        seed: Of the order.
        refresh: Called with each epoch before its order is made; gives the items' lengths in it. None: they stay.
    """

    def __init__(
        self,
        lengths: Sequence[int],
        batch_size: int,
        seed: int,
        refresh: Callable[[int], Sequence[int]] | None = None,
    ) -> None:
        self.lengths = lengths
        self.batch_size = batch_size
        self.seed = seed
        self.epoch = 0
        self._refresh = refresh

    def set_epoch(self, epoch: int) -> None:
        """Choose the order of an epoch (called by the trainer)."""
        self.epoch = epoch
        if self._refresh is not None:
            self.lengths = self._refresh(epoch)

    def __len__(self) -> int:
        return len(self.lengths)

    def __iter__(self) -> Iterator[int]:
        generator = torch.Generator().manual_seed(self.seed * 100_003 + self.epoch)
        order = torch.randperm(len(self.lengths), generator=generator).tolist()
        size = self.batch_size * POOL
        batches: list[list[int]] = []
        for begin in range(0, len(order), size):
            pool = sorted(order[begin : begin + size], key=lambda index: -self.lengths[index])
            batches.extend(pool[at : at + self.batch_size] for at in range(0, len(pool), self.batch_size))
        full = [batch for batch in batches if len(batch) == self.batch_size]
        short = [batch for batch in batches if len(batch) < self.batch_size]
        shuffled = torch.randperm(len(full), generator=generator).tolist()
        for batch in [*(full[index] for index in shuffled), *short]:
            yield from batch


class TensorCollator:
    """Encoded items → a dictionary of tensors for the model.

    Args:
        pad_id: The piece that fills a batch.
    """

    def __init__(self, pad_id: int) -> None:
        self.pad_id = pad_id

    def __call__(self, items: Sequence[Encoded]) -> dict[str, Tensor]:
        arrays = collate(items, self.pad_id).arrays()
        return {name: torch.from_numpy(array) for name, array in arrays.items()}
