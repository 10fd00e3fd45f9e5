"""The Hugging Face Trainer, told what the distilling loss is: the teacher's states, and the chosen pieces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import Sampler
from transformers import TrainingArguments

from jointbert.config import DistillObjectiveConfig
from jointbert.model.distilling import DistillingBert, DistillingOutput, Teacher, WordPlaces
from jointbert.pretraining.counting import CountingTrainer
from jointbert.pretraining.distill_batches import DistillCollator, Texts
from jointbert.pretraining.kept import Ask
from jointbert.pretraining.trainer import mlm_means

TEXT_VECTORS = ("cls", "mean")
"""Names of the two vectors of a text, in their order."""


def asking(teacher: Teacher) -> Ask:
    """A teacher who reads his own part of each batch, which is on his device."""

    def ask(batch: Mapping[str, Tensor]) -> list[Tensor]:
        places = WordPlaces(batch["teacher_pieces"], batch["teacher_words"], batch["teacher_sizes"])
        return teacher(batch["teacher_input_ids"], batch["teacher_attention_mask"], places)

    return ask


def with_targets(batch: Mapping[str, Tensor], ask: Ask) -> dict[str, Any]:
    """A collated batch as :class:`DistillingBert` takes it, with what the teacher makes of it."""
    own = {name: tensor for name, tensor in batch.items() if not name.startswith("teacher_") and name != "all_words"}
    return {**own, "targets": ask(batch)}


class DistillTrainer(CountingTrainer):
    """A Trainer whose loss is the mean squared difference to the teacher's states, and MLM beside it.

    Several processes each take the means of their own batch.

    Args:
        model: The student with its maps.
        args: The library's arguments.
        train: What to learn from.
        held_out: What to measure on.
        order: Of the keys of ``train``.
        collate: Cuts the texts.
        ask: The teacher.
        objective: What the parts of the loss count.
        callbacks: The library's callbacks.
    """

    def __init__(
        self,
        model: DistillingBert,
        args: TrainingArguments,
        train: Texts,
        held_out: Texts,
        order: Sampler[int],
        collate: DistillCollator,
        ask: Ask,
        objective: DistillObjectiveConfig,
        callbacks: list[Any],
    ) -> None:
        self._ask = ask
        self._spots = state_names(model.layers)
        weights = [1.0] * len(model.layers) + [objective.sentence_weight] * len(TEXT_VECTORS)
        self._weights, self._mlm_weight = torch.tensor(weights), objective.mlm_weight
        counts = ["mlm_loss", "mlm_hits", "chosen", "pieces", "texts"]
        counts += [f"{name}{kind}" for name in self._spots for kind in ("_loss", "_count")]
        super().__init__(model, args, train, held_out, order, collate, counts, callbacks)
        self.model_accepts_loss_kwargs = False

    def _prepare_inputs(self, inputs: Any) -> Any:
        return with_targets(super()._prepare_inputs(inputs), self._ask)

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Tensor | int | None = None,
    ) -> Any:
        """The weighted sum of the batch's mean differences and of its mean MLM loss."""
        output: DistillingOutput = model(**inputs)
        self.count(inputs, output)
        assert output.state_losses is not None and output.state_counts is not None and output.mlm_loss is not None
        means = output.state_losses / output.state_counts.clamp(min=1)
        mlm = output.mlm_loss / max(len(inputs["labels"]), 1)
        loss = (means * self._weights.to(means.device)).sum() + self._mlm_weight * mlm
        return (loss, output) if return_outputs else loss

    def counted(self, inputs: Mapping[str, Any], output: DistillingOutput) -> dict[str, float]:
        """Losses and hits, and of how many pieces, words and texts."""
        assert output.state_losses is not None and output.state_counts is not None
        assert output.mlm_loss is not None and output.mlm_hits is not None
        found = {"mlm_loss": output.mlm_loss.item(), "mlm_hits": output.mlm_hits.item()}
        found |= {"chosen": len(inputs["labels"]), "texts": len(inputs["input_ids"])}
        found["pieces"] = int(inputs["attention_mask"].sum())
        for kind, values in (("_loss", output.state_losses), ("_count", output.state_counts)):
            found |= {f"{name}{kind}": value for name, value in zip(self._spots, values.tolist(), strict=True)}
        return found

    def means(self, totals: Mapping[str, float]) -> dict[str, float]:
        """The mean difference of each state (1 is no better than a constant), MLM loss, perplexity and accuracy."""
        states = {f"{name}_loss": totals[f"{name}_loss"] / max(totals[f"{name}_count"], 1) for name in self._spots}
        return states | mlm_means(totals)


def state_names(layers: Sequence[int]) -> list[str]:
    """What the compared states are called in curves and records: the student's layers, and the two of a text.

    Example:
        >>> state_names([0, 2, 4])
        ['layer_0', 'layer_2', 'layer_4', 'cls', 'mean']
    """
    return [*(f"layer_{layer}" for layer in layers), *TEXT_VECTORS]
