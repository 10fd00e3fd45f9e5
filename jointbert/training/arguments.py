"""Our training config in the Hugging Face Trainer's words."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import TrainingArguments

from jointbert.config import TrainingConfig
from jointbert.fitting.arguments import shared_arguments


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
        metric_for_best_model="eval_sentence_accuracy",
        greater_is_better=True,
        logging_steps=10,
        label_names=["intent_ids", "tag_ids"],
    )
