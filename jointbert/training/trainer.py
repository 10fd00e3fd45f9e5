"""The Hugging Face Trainer, told how this project loads batches and what a dev score is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader
from transformers import Trainer, TrainingArguments

from jointbert.checkpoint.folder import make_predictor
from jointbert.codec import Codec, Encoded
from jointbert.config import TrainingConfig
from jointbert.evaluation.score import evaluate
from jointbert.model.joint import JointBert
from jointbert.training.adversarial import moved, piece_vectors
from jointbert.training.arguments import CHOICE, choice
from jointbert.training.augmentation import Augmentation
from jointbert.training.batches import EncodedDataset, LengthGrouped, TensorCollator
from jointbert.training.optimizer import build_optimizer
from jointbert.utterance import Utterance


class JointTrainer(Trainer):
    """A Trainer whose dev score is taken over the same path that serves users: text → parse → scores.

    Args:
        model: The model to train.
        args: The library's arguments.
        config: Ours.
        codec: Text → arrays.
        train: Encoded training utterances.
        dev: Gold dev utterances.
        callbacks: The library's callbacks.
        augmentation: Gives each epoch its own training utterances; None keeps ``train`` for all.
    """

    def __init__(
        self,
        model: JointBert,
        args: TrainingArguments,
        config: TrainingConfig,
        codec: Codec,
        train: Sequence[Encoded],
        dev: Sequence[Utterance],
        callbacks: list[Any],
        augmentation: Augmentation | None = None,
    ) -> None:
        self.augmentation = augmentation
        self.joint = model
        self.config = config
        self.codec = codec
        self.dev = list(dev)
        self.encoded = train
        collator = TensorCollator(int(model.config.encoder.get("pad_token_id") or 0))
        optimizer = build_optimizer(model, config)
        super().__init__(
            model=model,
            args=args,
            data_collator=collator,
            train_dataset=EncodedDataset(train),
            eval_dataset=EncodedDataset([]),
            callbacks=callbacks,
            optimizers=(optimizer, None),
        )

    def get_train_dataloader(self) -> DataLoader[Any]:
        """Batches of like length, in an order that the seed and the epoch decide."""
        data = EncodedDataset(self.encoded)
        augmentation = self.augmentation

        def refresh(epoch: int) -> list[int]:
            if augmentation is not None:
                data.items = augmentation.epoch(epoch)
            return data.lengths()

        sampler = LengthGrouped(data.lengths(), self.config.batch_size, self.config.seed, refresh)
        loader: DataLoader[Any] = DataLoader(
            data, self.config.batch_size, sampler=sampler, collate_fn=self.data_collator
        )
        prepared: DataLoader[Any] = self.accelerator.prepare(loader)
        return prepared

    def training_step(self, model: nn.Module, inputs: Any, *given: Any, **named: Any) -> Tensor:
        """The gradients of a batch, and with ``adversarial`` those of a second look at it added; its plain loss."""
        look = super().training_step
        if not self.config.adversarial:
            return look(model, inputs, *given, **named)
        vectors = piece_vectors(self.joint)
        earlier = None if vectors.grad is None else vectors.grad.clone()  # of batches that are accumulated
        loss = look(model, inputs, *given, **named)
        if vectors.grad is not None:
            gradient = vectors.grad if earlier is None else vectors.grad - earlier
            with moved(vectors, gradient, self.config.adversarial):
                look(model, inputs, *given, **named)
        return loss

    def evaluate(
        self, eval_dataset: Any = None, ignore_keys: Any = None, metric_key_prefix: str = "eval"
    ) -> dict[str, float]:
        """Dev scores of the model as it stands; an absent head's scores are left out."""
        model = self.joint
        model.train(False)
        # dropout's random state belongs to training alone, so that scoring does not change what comes after
        with torch.random.fork_rng():
            parses = make_predictor(model, self.codec).parse_many([item.text for item in self.dev], batch_size=64)
        model.train()
        scores = evaluate(self.dev, parses)
        found = {
            "sentence_accuracy": scores.sentence_accuracy,
            "intent_accuracy": scores.intent_accuracy,
            "intent_macro_f1": scores.intent_macro_f1,
            "slot_f1": scores.slot_f1,
        }
        metrics = {f"{metric_key_prefix}_{name}": value for name, value in found.items() if value is not None}
        self.log(dict(metrics))
        metrics[f"{metric_key_prefix}_{CHOICE}"] = choice(scores.sentence_accuracy or 0.0, self.state.epoch or 0.0)
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics
