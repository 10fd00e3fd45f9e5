"""Our pretraining config in the Hugging Face Trainer's words."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import TrainingArguments

from jointbert.config import PretrainTrainingConfig
from jointbert.fitting.precision import use_bf16

_WHOLE = 1.0 - 1e-9
"""All of the steps as a share: the library takes 1.0 for a single step."""


def pretraining_arguments(config: PretrainTrainingConfig, work: Path) -> TrainingArguments:
    """The library's arguments: a step is the unit, and a checkpoint is written where the held-out part is measured.

    Args:
        config: Ours.
        work: Folder of checkpoints.
    """
    bf16 = use_bf16(config.precision)
    return TrainingArguments(
        output_dir=str(work),
        max_steps=config.steps,
        per_device_train_batch_size=config.batch_size,
        gradient_accumulation_steps=config.accumulation,
        learning_rate=config.learning_rate,
        weight_decay=config.weight_decay,
        max_grad_norm=config.max_grad_norm,
        optim="adamw_torch_fused",
        adam_beta2=0.98,
        lr_scheduler_type="linear",
        warmup_steps=min(config.warmup, _WHOLE),
        seed=config.seed,
        data_seed=config.seed,
        bf16=bf16,
        use_cpu=not torch.cuda.is_available(),
        eval_strategy="steps",
        eval_steps=config.save_every,
        save_strategy="steps",
        save_steps=config.save_every,
        save_total_limit=1,
        logging_strategy="steps",
        logging_steps=config.log_every,
        report_to="none",
        disable_tqdm=True,
        remove_unused_columns=False,
        dataloader_pin_memory=False,
        ddp_find_unused_parameters=False,
        log_level="error",
    )
