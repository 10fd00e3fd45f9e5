"""Our training config in the Hugging Face Trainer's words."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import TrainingArguments

from jointbert.config import TrainingConfig
from jointbert.fitting.precision import use_bf16

_WHOLE = 1.0 - 1e-9
"""All of the steps as a share: the library takes 1.0 for a single step."""


def training_arguments(config: TrainingConfig, work: Path) -> TrainingArguments:
    """The library's arguments: an epoch is the unit of scoring and of saving, the best dev epoch is kept.

    Args:
        config: Ours.
        work: Folder of checkpoints.
    """
    bf16 = use_bf16(config.precision)
    return TrainingArguments(
        output_dir=str(work),
        num_train_epochs=config.epochs,
        per_device_train_batch_size=config.batch_size,
        gradient_accumulation_steps=config.accumulation,
        learning_rate=config.learning_rate,
        weight_decay=config.weight_decay,
        max_grad_norm=config.max_grad_norm,
        lr_scheduler_type="linear",
        warmup_steps=min(config.warmup, _WHOLE),
        seed=config.seed,
        data_seed=config.seed,
        bf16=bf16,
        use_cpu=bf16 and not torch.cuda.is_available(),  # the library takes bf16 on a CPU only if told so
        eval_strategy="epoch",
        save_strategy="epoch",
        save_total_limit=1,
        load_best_model_at_end=True,
        restore_callback_states_from_checkpoint=True,
        metric_for_best_model="eval_sentence_accuracy",
        greater_is_better=True,
        logging_strategy="steps",
        logging_steps=10,
        report_to="none",
        disable_tqdm=True,
        remove_unused_columns=False,
        label_names=["intent_ids", "tag_ids"],
        dataloader_pin_memory=False,
        ddp_find_unused_parameters=False,
        log_level="error",
    )
