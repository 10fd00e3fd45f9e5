"""The learning curve of a run as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

_DEV = {
    "eval_intent_accuracy": "intent accuracy",
    "eval_slot_f1": "slot F1",
    "eval_sentence_accuracy": "sentence accuracy",
}


def draw_curve(history: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Draw training loss and dev scores against epochs.

    Args:
        history: The trainer's log: mappings with ``epoch`` and either ``loss`` or ``eval_*`` scores (0..1).
        path: The PNG to write.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    losses = [(row["epoch"], row["loss"]) for row in history if "loss" in row]
    left.plot([epoch for epoch, _ in losses], [loss for _, loss in losses])
    left.set(title="training loss", xlabel="epoch", ylim=(0, None))
    for key, name in _DEV.items():
        points = [(row["epoch"], 100 * row[key]) for row in history if key in row]
        if points:
            right.plot([epoch for epoch, _ in points], [score for _, score in points], marker="o", label=name)
    right.set(title="dev scores (%)", xlabel="epoch")
    right.legend(loc="lower right")
    figure.savefig(path, dpi=120)
