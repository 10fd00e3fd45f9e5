"""The Hugging Face Trainer, told what the pretraining loss is and what to say of it."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader
from transformers import Trainer, TrainingArguments

from jointbert.model.pretraining import PretrainingBert, PretrainingOutput
from jointbert.pretraining.batches import EpochOrder, MaskedExamples, collate_masked

_COUNTS = ("mlm_loss", "mlm_hits", "chosen", "nsp_loss", "nsp_hits", "pairs", "pieces")


class PretrainTrainer(Trainer):
    """A Trainer whose loss is MLM + NSP: means over all chosen pieces and all pairs of a step, on every process.

    Args:
        model: The model to train.
        args: The library's arguments.
        train: What to learn from.
        held_out: What to measure on.
        pad_id: The piece that fills a batch.
        seed: Of the order.
        callbacks: The library's callbacks.
    """

    def __init__(
        self,
        model: PretrainingBert,
        args: TrainingArguments,
        train: MaskedExamples,
        held_out: MaskedExamples,
        pad_id: int,
        seed: int,
        callbacks: list[Any],
    ) -> None:
        self.examples, self.held_out = train, held_out
        self._seed = seed
        self._counts: dict[str, float] = dict.fromkeys(_COUNTS, 0.0)
        self._since = time.perf_counter()
        self.measured_at, self.measured = -1, {}
        collate = partial(collate_masked, pad_id=pad_id)
        super().__init__(
            model, args, data_collator=collate, train_dataset=train, eval_dataset=held_out, callbacks=callbacks
        )
        self.model_accepts_loss_kwargs = True  # so that the library counts the chosen pieces of a whole step
        self.loss_is_scaled_for_ga = True

    def get_train_dataloader(self) -> DataLoader[Any]:
        """Batches in an order that the seed and the epoch decide; an incomplete last one is left for the next epoch."""
        order = EpochOrder(len(self.examples), self._seed)
        size = self.args.per_device_train_batch_size
        loader: DataLoader[Any] = DataLoader(
            self.examples, size, sampler=order, collate_fn=self.data_collator, drop_last=True
        )
        prepared: DataLoader[Any] = self.accelerator.prepare(loader)
        return prepared

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Tensor | int | None = None,
    ) -> Any:
        """MLM + NSP of this process's share of a step, scaled so that the processes' mean is the step's loss.

        Args:
            num_items_in_batch: Chosen pieces of the whole step, over processes and accumulated batches.
        """
        output: PretrainingOutput = model(**inputs)
        self._count(inputs, output)
        processes = self.accelerator.num_processes
        chosen = len(inputs["labels"]) if num_items_in_batch is None else num_items_in_batch
        rows = len(inputs["input_ids"]) * self.current_gradient_accumulation_steps * processes
        assert output.mlm_loss is not None and output.nsp_loss is not None
        loss = processes * (output.mlm_loss / chosen + output.nsp_loss / rows)
        return (loss, output) if return_outputs else loss

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Add what was counted since the last log to a line that holds the loss."""
        if "loss" in logs:
            seconds, self._since = time.perf_counter() - self._since, time.perf_counter()
            totals = self._summed(self._counts)
            logs |= _means(totals, "") | {"pieces_per_second": round(totals["pieces"] / seconds, 1)}
            self._counts = dict.fromkeys(_COUNTS, 0.0)
        super().log(logs, start_time)

    @torch.no_grad()
    def evaluate(
        self, eval_dataset: Any = None, ignore_keys: Any = None, metric_key_prefix: str = "eval"
    ) -> dict[str, float]:
        """MLM perplexity and accuracy, and NSP accuracy, on the held-out documents, always masked alike."""
        if self.measured_at == self.state.global_step:  # at the end, where a checkpoint has just been measured
            return self.measured
        training, since = dict(self._counts), time.perf_counter()
        self._counts = dict.fromkeys(_COUNTS, 0.0)
        self.model.train(False)
        for inputs in self._held_out_batches():
            with self.compute_loss_context_manager():
                self._count(inputs, self.model(**inputs))
        self.model.train()
        metrics = _means(self._summed(self._counts), f"{metric_key_prefix}_")
        self._counts, self._since = training, self._since + time.perf_counter() - since
        self.measured_at, self.measured = self.state.global_step, metrics
        self.log(dict(metrics))
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics

    def _held_out_batches(self) -> Iterable[dict[str, Any]]:
        size, first, step = self.args.per_device_train_batch_size, self.args.process_index, self.args.world_size
        mine = range(first, len(self.held_out), step)
        for begin in range(0, len(mine), size):
            items = [self.held_out[key] for key in mine[begin : begin + size]]
            yield {name: tensor.to(self.args.device) for name, tensor in self.data_collator(items).items()}

    def _count(self, inputs: Mapping[str, Tensor], output: PretrainingOutput) -> None:
        pairs = len(inputs["input_ids"]) if "next_sentence_label" in inputs else 0
        found = {"chosen": len(inputs["labels"]), "pairs": pairs, "pieces": int(inputs["attention_mask"].sum())}
        for name in ("mlm_loss", "mlm_hits", "nsp_loss", "nsp_hits"):
            value = getattr(output, name)
            found[name] = 0 if value is None else value.detach().double().item()
        self._counts = {name: count + found[name] for name, count in self._counts.items()}

    def _summed(self, counts: Mapping[str, float]) -> dict[str, float]:
        """The counts of all processes together."""
        mine = torch.tensor([counts[name] for name in _COUNTS], dtype=torch.float64, device=self.args.device)
        return dict(zip(_COUNTS, self.accelerator.reduce(mine, "sum").tolist(), strict=True))


def _means(totals: Mapping[str, float], prefix: str) -> dict[str, float]:
    """Losses, perplexity and accuracies of what was counted; NSP's only where there were pairs."""
    chosen, pairs = max(totals["chosen"], 1), totals["pairs"]
    mlm = totals["mlm_loss"] / chosen
    found = {"mlm_loss": mlm, "mlm_perplexity": math.exp(min(mlm, 50.0)), "mlm_accuracy": totals["mlm_hits"] / chosen}
    if pairs:
        found |= {"nsp_loss": totals["nsp_loss"] / pairs, "nsp_accuracy": totals["nsp_hits"] / pairs}
    return {f"{prefix}{name}": value for name, value in found.items()}
