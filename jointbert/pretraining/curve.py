"""The learning curve of a run on plain text, as numbers and as a picture, brought up to date while it goes on."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState
from transformers import TrainingArguments as Arguments

_EVERY = ("step", "epoch", "learning_rate", "loss")


@dataclass(frozen=True)
class Curve:
    """What a curve shows.

    Args:
        name: Of its files: ``NAME.csv`` and ``NAME.png``.
        columns: Of the CSV, beside step, epoch, rate and loss; ``eval_`` is of the held-out documents.
        panels: Of the picture: a title, and for each line the logged number and what it is called.
    """

    name: str
    columns: tuple[str, ...]
    panels: tuple[tuple[str, Mapping[str, str]], ...]


PRETRAINING = Curve(
    "pretraining_curve",
    (
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
    ),
    (
        ("loss", {"mlm_loss": "MLM", "nsp_loss": "NSP"}),
        ("accuracy", {"mlm_accuracy": "MLM", "nsp_accuracy": "NSP"}),
    ),
)
"""The curve of MLM + NSP; losses are in nats."""


class CurveFiles(TrainerCallback):
    """Writes the CSV at every logged point, and the picture at every held-out one.

    Args:
        folder: Gets the files.
        curve: What they show.
    """

    def __init__(self, folder: Path, curve: Curve) -> None:
        self._folder, self._curve = folder, curve

    def on_log(self, args: Arguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Bring the files up to date."""
        if not state.is_world_process_zero:
            return
        write_curve(state.log_history, self._curve, self._folder / f"{self._curve.name}.csv")
        if any(key.startswith("eval_") for key in kwargs.get("logs") or {}):
            draw_curve(state.log_history, self._curve, self._folder / f"{self._curve.name}.png")


def write_curve(history: Sequence[Mapping[str, Any]], curve: Curve, path: Path) -> None:
    """The history as CSV: a line for each point of training and each held-out one."""
    columns = (*_EVERY, *curve.columns)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        for row in history:
            if "loss" in row or "eval_mlm_loss" in row:
                writer.writerow({key: _short(row[key]) for key in columns if key in row})


def draw_curve(history: Sequence[Mapping[str, Any]], curve: Curve, path: Path) -> None:
    """The history as a picture: losses and accuracies against steps, training as lines, held-out as dots."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.2), layout="constrained")
    for axes, (title, lines) in zip(figure.subplots(1, len(curve.panels)), curve.panels, strict=True):
        for number, (name, called) in enumerate(lines.items()):
            for key, style in ((name, "-"), (f"eval_{name}", "o")):
                points = [(row["step"], row[key]) for row in history if key in row]
                if points:
                    label = called if style == "-" else f"{called}, held out"
                    axes.plot(*zip(*points, strict=True), style, color=f"C{number}", label=label, markersize=4)
        axes.set(title=title, xlabel="step", ylim=(0, None))
        if axes.has_data():
            axes.legend(fontsize="small")
    figure.savefig(path, dpi=120)


def _short(value: Any) -> Any:
    return f"{value:.6g}" if isinstance(value, float) else value
