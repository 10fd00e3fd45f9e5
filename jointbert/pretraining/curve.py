"""The learning curve of a pretraining run, as numbers and as a picture, brought up to date while it goes on."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState
from transformers import TrainingArguments as Arguments

COLUMNS = (
    "step",
    "epoch",
    "learning_rate",
    "loss",
    "mlm_loss",
    "mlm_accuracy",
    "nsp_loss",
    "nsp_accuracy",
    "pieces_per_second",
    "eval_mlm_loss",
    "eval_mlm_perplexity",
    "eval_mlm_accuracy",
    "eval_nsp_loss",
    "eval_nsp_accuracy",
)
"""Of the CSV. Losses are in nats; ``eval_`` is of the held-out documents."""

_PANELS = (("loss", ("mlm_loss", "nsp_loss")), ("accuracy", ("mlm_accuracy", "nsp_accuracy")))


class CurveFiles(TrainerCallback):
    """Writes the CSV at every logged point, and the picture at every held-out one.

    Args:
        folder: Gets ``pretraining_curve.csv`` and ``pretraining_curve.png``.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def on_log(self, args: Arguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Bring the files up to date."""
        if not state.is_world_process_zero:
            return
        write_curve(state.log_history, self._folder / "pretraining_curve.csv")
        if any(key.startswith("eval_") for key in kwargs.get("logs") or {}):
            draw_pretraining(state.log_history, self._folder / "pretraining_curve.png")


def write_curve(history: Sequence[Mapping[str, Any]], path: Path) -> None:
    """The history as CSV: a line for each point of training and each held-out one."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        for row in history:
            if "loss" in row or "eval_mlm_loss" in row:
                writer.writerow({key: _short(row[key]) for key in COLUMNS if key in row})


def draw_pretraining(history: Sequence[Mapping[str, Any]], path: Path) -> None:
    """The history as a picture: losses and accuracies against steps, training as lines, held-out as dots."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.2), layout="constrained")
    for axes, (title, names) in zip(figure.subplots(1, 2), _PANELS, strict=True):
        for name, colour in zip(names, ("C0", "C1"), strict=True):
            task = name.split("_")[0].upper()
            for key, style in ((name, "-"), (f"eval_{name}", "o")):
                points = [(row["step"], row[key]) for row in history if key in row]
                if points:
                    label = task if style == "-" else f"{task}, held out"
                    axes.plot(*zip(*points, strict=True), style, color=colour, label=label, markersize=4)
        axes.set(title=title, xlabel="step", ylim=(0, None))
        if axes.has_data():
            axes.legend()
    figure.savefig(path, dpi=120)


def _short(value: Any) -> Any:
    return f"{value:.6g}" if isinstance(value, float) else value
