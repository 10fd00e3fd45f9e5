"""The Hugging Face Trainer, told what the pretraining loss is and what to say of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from typing import Any

from torch import Tensor
from transformers import TrainingArguments

from jointbert.model.pretraining import PretrainingBert, PretrainingOutput
from jointbert.pretraining.batches import EpochOrder, MaskedExamples, collate_masked
from jointbert.pretraining.counting import CountingTrainer

_COUNTS = ("mlm_loss", "mlm_hits", "chosen", "nsp_loss", "nsp_hits", "pairs", "pieces")


class PretrainTrainer(CountingTrainer):
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
        order, collate = EpochOrder(len(train), seed), partial(collate_masked, pad_id=pad_id)
        super().__init__(model, args, train, held_out, order, collate, _COUNTS, callbacks)
        self.model_accepts_loss_kwargs = True  # so that the library counts the chosen pieces of a whole step
        self.loss_is_scaled_for_ga = True

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
        self.count(inputs, output)
        processes = self.accelerator.num_processes
        chosen = len(inputs["labels"]) if num_items_in_batch is None else num_items_in_batch
        rows = len(inputs["input_ids"]) * self.current_gradient_accumulation_steps * processes
        assert output.mlm_loss is not None and output.nsp_loss is not None
        loss = processes * (output.mlm_loss / chosen + output.nsp_loss / rows)
        return (loss, output) if return_outputs else loss

    def counted(self, inputs: Mapping[str, Any], output: PretrainingOutput) -> dict[str, float]:
        """Losses and hits, and of how many pieces and pairs."""
        pairs = len(inputs["input_ids"]) if "next_sentence_label" in inputs else 0
        found: dict[str, float] = {
            "chosen": len(inputs["labels"]),
            "pairs": pairs,
            "pieces": int(inputs["attention_mask"].sum()),
        }
        for name in ("mlm_loss", "mlm_hits", "nsp_loss", "nsp_hits"):
            value = getattr(output, name)
            found[name] = 0 if value is None else value.detach().double().item()
        return found

    def means(self, totals: Mapping[str, float]) -> dict[str, float]:
        """Losses, MLM perplexity and accuracies; NSP's only where there were pairs."""
        pairs = totals["pairs"]
        found = mlm_means(totals)
        if pairs:
            found |= {"nsp_loss": totals["nsp_loss"] / pairs, "nsp_accuracy": totals["nsp_hits"] / pairs}
        return found


def mlm_means(totals: Mapping[str, float]) -> dict[str, float]:
    """MLM loss in nats a piece, perplexity and accuracy, from sums over the chosen pieces and their number."""
    chosen = max(totals["chosen"], 1)
    loss = totals["mlm_loss"] / chosen
    return {
        "mlm_loss": loss,
        "mlm_perplexity": math.exp(min(loss, 50.0)),
        "mlm_accuracy": totals["mlm_hits"] / chosen,
    }
