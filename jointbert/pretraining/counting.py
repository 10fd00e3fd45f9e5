"""A Hugging Face Trainer that counts what its batches come to, and measures the held-out part by the same counts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

import torch
from torch import nn
from torch.utils.data import DataLoader, Sampler
from transformers import Trainer, TrainingArguments


class Items(Protocol):
    """Items by key."""

    def __len__(self) -> int: ...

    def __getitem__(self, key: int) -> Any: ...


class CountingTrainer(Trainer):
    """Trains in a given order; losses and accuracies are sums over batches and processes, divided once they are said.

    Args:
        model: The model to train.
        args: The library's arguments.
        train: What to learn from.
        held_out: What to measure on; keys 0..n-1.
        order: Keys of ``train``, epoch by epoch.
        collate: Items to the model's inputs.
        counts: Names of what :meth:`counted` gives.
        callbacks: The library's callbacks.
    """

    def __init__(
        self,
        model: nn.Module,
        args: TrainingArguments,
        train: Items,
        held_out: Items,
        order: Sampler[int],
        collate: Callable[[list[Any]], dict[str, Any]],
        counts: Sequence[str],
        callbacks: list[Any],
    ) -> None:
        self.held_out = held_out
        self._order = order
        self._names = tuple(counts)
        self._counts: dict[str, float] = dict.fromkeys(self._names, 0.0)
        self._since = time.perf_counter()
        self.measured_at = -1
        self.measured: dict[str, float] = {}
        super().__init__(
            model,
            args,
            data_collator=collate,
            train_dataset=train,
            eval_dataset=held_out,
            callbacks=callbacks,
        )

    def counted(self, inputs: Mapping[str, Any], output: Any) -> dict[str, float]:
        """What one batch adds to the counts, by name."""
        raise NotImplementedError

    def means(self, totals: Mapping[str, float]) -> dict[str, float]:
        """Losses and accuracies of what was counted."""
        raise NotImplementedError

    def get_train_dataloader(self) -> DataLoader[Any]:
        """Batches in the given order; an incomplete last one is left for the next epoch."""
        size = self.args.per_device_train_batch_size
        items: Any = self.train_dataset
        loader: DataLoader[Any] = DataLoader(
            items,
            size,
            sampler=self._order,
            collate_fn=self.data_collator,
            drop_last=True,
        )
        prepared: DataLoader[Any] = self.accelerator.prepare(loader)
        return prepared

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Add what was counted since the last log to a line that holds the loss."""
        if "loss" in logs:
            seconds, self._since = time.perf_counter() - self._since, time.perf_counter()
            totals = self._summed(self._counts)
            logs |= self.means(totals) | {"pieces_per_second": round(totals["pieces"] / seconds, 1)}
            self._counts = dict.fromkeys(self._names, 0.0)
        super().log(logs, start_time)

    @torch.no_grad()
    def evaluate(
        self, eval_dataset: Any = None, ignore_keys: Any = None, metric_key_prefix: str = "eval"
    ) -> dict[str, float]:
        """Losses and accuracies on the held-out documents, always masked alike."""
        if self.measured_at == self.state.global_step:  # at the end, where a checkpoint has just been measured
            return self.measured
        training, since = dict(self._counts), time.perf_counter()
        self._counts = dict.fromkeys(self._names, 0.0)
        model: Any = self.model
        model.train(False)
        for inputs in self._held_out_batches():
            with self.compute_loss_context_manager():
                self.count(inputs, model(**inputs))
        model.train()
        totals = self.means(self._summed(self._counts))
        metrics = {f"{metric_key_prefix}_{name}": value for name, value in totals.items()}
        self._counts, self._since = training, self._since + time.perf_counter() - since
        self.measured_at, self.measured = self.state.global_step, metrics
        self.log(dict(metrics))
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics

    def count(self, inputs: Mapping[str, Any], output: Any) -> None:
        """Add one batch to the counts."""
        found = self.counted(inputs, output)
        self._counts = {name: count + found[name] for name, count in self._counts.items()}

    def _held_out_batches(self) -> Iterable[dict[str, Any]]:
        size, first, step = self.args.per_device_train_batch_size, self.args.process_index, self.args.world_size
        mine = range(first, len(self.held_out), step)
        for begin in range(0, len(mine), size):
            items = [self.held_out[key] for key in mine[begin : begin + size]]
            yield self._prepare_inputs(self.data_collator(items))

    def _summed(self, counts: Mapping[str, float]) -> dict[str, float]:
        """The counts of all processes together."""
        mine = torch.tensor([counts[name] for name in self._names], dtype=torch.float64, device=self.args.device)
        return dict(zip(self._names, self.accelerator.reduce(mine, "sum").tolist(), strict=True))
