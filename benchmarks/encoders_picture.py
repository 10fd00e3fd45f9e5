"""What an encoder is worth, as a picture: every seed a dot; and what it is worth where labels are few."""

from __future__ import annotations

from pathlib import Path
from statistics import mean
from typing import Any

from encoder_gains import SHIPPED, percents
from encoders_report import ABOUT, Record, records
from spread import METRICS
from task_adaptive import ADAPTED

PICTURE = Path(__file__).parent / "encoders.png"
LEARNING = "snips"
LOOKS: dict[str, tuple[str, str]] = {
    "random": (ABOUT["random"], "#999999"),
    "MLM + NSP": (ABOUT["MLM + NSP"], "#e0a030"),
    "MLM only": (ABOUT["MLM only"], "#c06010"),
    "mini-en": ("mini-en and mini-zh as shipped", "#0b5cad"),
    "mini-zh": ("mini-en and mini-zh as shipped", "#0b5cad"),
    ADAPTED: (ABOUT[ADAPTED], "#30a0c0"),
    "minilm-l6": (ABOUT["minilm-l6"], "#70b070"),
    "gte-small": (ABOUT["gte-small"], "#207030"),
    "bge-small-zh": (ABOUT["bge-small-zh"], "#a04080"),
}
"""Encoder → what the picture calls it, and its colour."""


def draw(folder: Path, picture: Path = PICTURE) -> None:
    """Draw it from the kept runs; without any, nothing is drawn.

    Args:
        folder: Of the kept runs.
        picture: The PNG file to write.
    """
    from matplotlib.figure import Figure

    runs = records(folder)
    if not runs:
        return
    figure = Figure(figsize=(11, 4.6), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    _draw_rows(left, runs)
    _draw_learning(right, runs)
    handles = {label: left.plot([], [], "o", color=colour)[0] for label, colour in LOOKS.values()}
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=4, fontsize="small")
    figure.savefig(picture, dpi=110)


def _draw_rows(axes: Any, runs: list[Record]) -> None:
    """A row for each dataset: a dot for each seed, a dash where their mean is."""
    for row, dataset in enumerate(SHIPPED):
        scores = {name: list(percents(runs, dataset, name, 100, METRICS[-1]).values()) for name in LOOKS}
        shown = {name: found for name, found in scores.items() if found and name != ADAPTED}
        for number, (name, found) in enumerate(shown.items()):
            height, colour = row + 0.3 * (number / max(len(shown) - 1, 1) * 2 - 1), LOOKS[name][1]
            axes.plot(found, [height] * len(found), "o", color=colour, markersize=3.5, alpha=0.5)
            axes.plot(mean(found), height, "|", color=colour, markersize=9, markeredgewidth=2.5)
    axes.set(title="all of the training data", xlabel="sentence accuracy on test (%)")
    axes.set_yticks(range(len(SHIPPED)), SHIPPED)
    axes.invert_yaxis()
    axes.grid(axis="x", alpha=0.3)


def _draw_learning(axes: Any, runs: list[Record]) -> None:
    """Sentence accuracy against the share of the labels, for encoders that were run on more than one share."""
    shares = sorted({run["share"] for run in runs if run["dataset"] == LEARNING})
    for name, (_, colour) in LOOKS.items():
        points = {share: list(percents(runs, LEARNING, name, share, METRICS[-1]).values()) for share in shares}
        points = {share: found for share, found in points.items() if found}
        if len(points) < 2:
            continue
        axes.plot(points.keys(), [mean(found) for found in points.values()], "-", color=colour)
        for share, found in points.items():
            axes.plot([share] * len(found), found, "o", color=colour, markersize=3.5, alpha=0.5)
    axes.set(title=f"{LEARNING}, from fewer labels", xlabel="share of the training data (%)")
    axes.set(xscale="log", ylim=(0, 100))
    axes.set_xticks(shares, [f"{share:g}" for share in shares])
    axes.minorticks_off()
    axes.grid(alpha=0.3)
