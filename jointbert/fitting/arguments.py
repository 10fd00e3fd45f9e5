"""What every run tells the Hugging Face Trainer alike."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from jointbert.fitting.precision import Precision, use_bf16

_WHOLE = 1.0 - 1e-9
"""All of the steps as a share: the library takes 1.0 for a single step."""


class Settings(Protocol):
    """The keys that the training sections of all configs share."""

    @property
    def batch_size(self) -> int: ...
    @property
    def accumulation(self) -> int: ...
    @property
    def learning_rate(self) -> float: ...
    @property
    def weight_decay(self) -> float: ...
    @property
    def max_grad_norm(self) -> float: ...
    @property
    def warmup(self) -> float: ...
    @property
    def seed(self) -> int: ...
    @property
    def precision(self) -> Precision: ...


def shared_arguments(config: Settings, work: Path) -> dict[str, Any]:
    """Keywords for the library's ``TrainingArguments``: rates and sizes in its words, and its own output kept quiet.

    Args:
        config: The training section of a config.
        work: Folder of checkpoints.
    """
    return {
        "output_dir": str(work),
        "per_device_train_batch_size": config.batch_size,
        "gradient_accumulation_steps": config.accumulation,
        "learning_rate": config.learning_rate,
        "weight_decay": config.weight_decay,
        "max_grad_norm": config.max_grad_norm,
        "lr_scheduler_type": "linear",
        "warmup_steps": min(config.warmup, _WHOLE),
        "seed": config.seed,
        "data_seed": config.seed,
        "bf16": use_bf16(config.precision),
        "save_total_limit": 1,
        "logging_strategy": "steps",
        "report_to": "none",
        "disable_tqdm": True,
        "remove_unused_columns": False,
        "dataloader_pin_memory": False,
        "ddp_find_unused_parameters": False,
        "log_level": "error",
    }
