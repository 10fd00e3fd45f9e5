"""What every run on plain text does the same way: its processes, its bar and curve, training and measuring."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from accelerate import PartialState
from torch import nn
from transformers import TrainerCallback
from transformers.trainer_callback import PrinterCallback

from jointbert.errors import ConfigError, DataError
from jointbert.fitting.attention import plain_attention
from jointbert.fitting.bar import ProgressBar, Shown
from jointbert.fitting.dropout import lean_dropout
from jointbert.fitting.tensorboard import tensorboard
from jointbert.fitting.work import WORK
from jointbert.model.encoder import quiet
from jointbert.pretraining.counting import CountingTrainer
from jointbert.pretraining.curve import Curve, CurveFiles

MOST_HELD_OUT = 4096
"""Held-out examples that are measured."""

SHOWN: Shown = {
    "loss": lambda value: f"loss {value:.3f}",
    "mlm_accuracy": lambda value: f"MLM {100 * value:.1f} %",
    "pieces_per_second": lambda value: f"{value:,.0f} pieces/s",
}
"""What the bar of every such run says."""

MakeTrainer = Callable[[list[TrainerCallback]], CountingTrainer]
"""Callbacks → a trainer with them."""


def found_processes() -> PartialState:
    """The processes of this run, all of which must have found each other.

    Raises:
        ConfigError: They have not.
    """
    state = PartialState(cpu=not torch.cuda.is_available())
    wanted = int(os.environ.get("WORLD_SIZE", "1"))
    if state.num_processes != wanted:
        what = f"are {wanted} by WORLD_SIZE, and {state.num_processes} found each other"
        raise ConfigError("processes", what, "as many as were started", "Start them with torchrun.")
    return state


def check_size(examples: int, batch: int, processes: int) -> None:
    """See that there is a batch to train on.

    Raises:
        DataError: There is none.
    """
    step = batch * processes
    if examples < step:
        what = f"hold {examples} examples, and a batch takes {step}"
        raise DataError("corpus.sources", what, "at least one whole batch", "Give more text, or set a smaller batch.")


def measures(measured: Mapping[str, float]) -> dict[str, float]:
    """What :func:`fit` gave, under the names of a run's record."""
    return {name.removeprefix("eval_"): round(value, 6) for name, value in measured.items()}


def fit(
    model: nn.Module, make: MakeTrainer, output: Path, curve: Curve, title: str, shown: Shown, last: str | None
) -> dict[str, float]:
    """Train a model, with a bar and a curve; what it is worth on the held-out documents.

    Args:
        model: What is trained.
        make: Makes its trainer.
        output: The encoder's folder, which gets the curve.
        curve: What the curve shows.
        title: What the bar calls the run.
        shown: What the bar says.
        last: The checkpoint to go on from.
    """
    bar = ProgressBar(title=title, shown=shown)
    callbacks: list[TrainerCallback] = [bar, CurveFiles(output, curve), tensorboard((output / WORK / "logs").resolve())]
    try:
        with quiet(), lean_dropout(model):
            trainer = make(callbacks)
            trainer.remove_callback(PrinterCallback)
            with plain_attention(model, trainer.args.bf16):
                trainer.train(resume_from_checkpoint=last)
                return trainer.evaluate()
    finally:
        bar.close()
