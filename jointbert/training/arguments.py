"""Our training config in the Hugging Face Trainer's words."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import TrainingArguments

from jointbert.config import TrainingConfig
from jointbert.fitting.arguments import shared_arguments

CHOICE = "choice"
"""The metric that the best epoch is chosen by; see :func:`choice`."""

NO_BETTER = 1e-6
"""What a choice has to rise by to be a better score, and not just a later epoch."""


def choice(sentence_accuracy: float, epoch: float) -> float:
    """What the best epoch has most of: dev sentence accuracy, and of equal ones the later, which has learned more.

    On a small dev many epochs are equal, and the first of them is often half trained.

    Args:
        sentence_accuracy: 0..1, on at most a million utterances.
        epoch: Up to a thousand.

    Example:
        >>> choice(0.5, 3) > choice(0.5, 2), choice(0.51, 1) > choice(0.5, 900)
        (True, True)
    """
    return sentence_accuracy + 1e-9 * epoch


def training_arguments(config: TrainingConfig, work: Path) -> TrainingArguments:
    """The library's arguments: an epoch is the unit of scoring and of saving, the best dev epoch is kept.

    Args:
        config: Ours.
        work: Folder of checkpoints.
    """
    shared = shared_arguments(config, work)
    return TrainingArguments(
        **shared,
        num_train_epochs=config.epochs,
        use_cpu=shared["bf16"] and not torch.cuda.is_available(),  # the library takes bf16 on a CPU only if told so
        eval_strategy="epoch",
        save_strategy="epoch",
        load_best_model_at_end=True,
        restore_callback_states_from_checkpoint=True,
        metric_for_best_model=f"eval_{CHOICE}",
        greater_is_better=True,
        logging_steps=10,
        label_names=["intent_ids", "tag_ids"],
    )
