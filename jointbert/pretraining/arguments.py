"""Our pretraining config in the Hugging Face Trainer's words."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import TrainingArguments

from jointbert.config import PretrainTrainingConfig
from jointbert.fitting.arguments import shared_arguments


def pretraining_arguments(config: PretrainTrainingConfig, work: Path, *, idle: bool = False) -> TrainingArguments:
    """The library's arguments: a step is the unit, and a checkpoint is written where the held-out part is measured.

    Args:
        config: Ours.
        work: Folder of checkpoints.
        idle: Whether parts of the model have no share in the loss; several processes then look for them at every step.
    """
    return TrainingArguments(
        **shared_arguments(config, work) | {"ddp_find_unused_parameters": idle},
        max_steps=config.steps,
        optim="adamw_torch_fused",
        adam_beta2=0.98,
        use_cpu=not torch.cuda.is_available(),
        eval_strategy="steps",
        eval_steps=config.save_every,
        save_strategy="steps",
        save_steps=config.save_every,
        logging_steps=config.log_every,
    )
