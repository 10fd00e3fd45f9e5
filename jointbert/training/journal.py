"""The journal of a run: JSON lines that other programs can follow while the training goes on."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState
from transformers import TrainingArguments as Arguments

JOURNAL = "progress.jsonl"
"""The journal's name inside the model folder."""

_DEV = ("intent_accuracy", "slot_f1", "sentence_accuracy")


class Journal(TrainerCallback):
    """Writes a line when the run begins, at every logged loss and at every dev score; each is on disk at once.

    The first line is ``{"steps", "epochs"}``, what the run is going to take. Then come ``{"step", "steps", "epoch",
    "loss"}`` and ``{"epoch", "intent_accuracy", "slot_f1", "sentence_accuracy", "loss"}``: scores from 0 to 1, the loss
    being the newest one of training; null stands for a head that is not there or a loss that is not known yet. A
    resumed run writes what its checkpoint remembers again and goes on from there, so no epoch is there twice.

    Args:
        path: The file to write; an older one is replaced when the run begins.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._loss: float | None = None

    def on_train_begin(self, args: Arguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Begin the file; a resumed run's state remembers what was logged up to its checkpoint."""
        if state.is_world_process_zero:
            self._loss = None
            rows = [{"steps": state.max_steps, "epochs": state.num_train_epochs}]
            rows += [row for entry in state.log_history if (row := self._row(entry, state.max_steps))]
            self._path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")

    def on_log(self, args: Arguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Append what was just logged."""
        row = self._row(state.log_history[-1], state.max_steps)
        if row and state.is_world_process_zero:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")

    def _row(self, entry: dict[str, Any], steps: int) -> dict[str, Any] | None:
        """The line of an entry of the library's history, or None for one that says neither loss nor scores."""
        epoch = round(float(entry.get("epoch", 0.0)), 4)
        if "loss" in entry:
            self._loss = _finite(entry["loss"])
            return {"step": entry["step"], "steps": steps, "epoch": epoch, "loss": self._loss}
        if "eval_sentence_accuracy" in entry:
            scores = {name: _finite(entry.get(f"eval_{name}")) for name in _DEV}
            return {"epoch": epoch, **scores, "loss": self._loss}
        return None


def _finite(value: float | None) -> float | None:
    """The number, or None for what JSON cannot say."""
    return None if value is None or not math.isfinite(value) else float(value)
