"""What each idea gains over plain training, as a picture: every seed a dot, on full data and where labels are few."""

from __future__ import annotations

from pathlib import Path
from statistics import stdev
from typing import Any

from ideas_report import Record, groups, heading, rows
from spread import METRICS

PICTURE = Path(__file__).parent / "ideas.png"
CONFIG = "snips"
COLOURS = {1: "#207030", 0: "#777777", -1: "#b03030"}
"""What several seeds agree on (1: it pays) → the colour of a row."""


def draw(results: Path, picture: Path = PICTURE) -> None:
    """Draw the runs of one config, a panel for each share of the data; without any, nothing is drawn.

    Args:
        results: The folder of the kept runs.
        picture: The PNG file to write.
    """
    from matplotlib.figure import Figure

    shown = [runs for runs in groups(results) if runs[0]["config"] == CONFIG]
    if not shown:
        return
    figure = Figure(figsize=(11, 1.6 + 0.24 * max(len(rows(runs)) for runs in shown)), layout="constrained")
    for axes, runs in zip(figure.subplots(1, len(shown), squeeze=False)[0], shown, strict=True):
        draw_gains(axes, runs)
    figure.savefig(picture, dpi=110)


def draw_gains(axes: Any, runs: list[Record]) -> None:
    """A row for each idea: a dot for each seed's gain, a dash where their mean is, in colour where several agree.

    The grey band is a standard deviation of plain training's own seeds.
    """
    plain, *others = rows(runs)
    scores = [100 * run["dev"][METRICS[-1]] for run in plain.runs]
    if len(scores) > 1:
        axes.axvspan(-stdev(scores), stdev(scores), color="#dddddd", zorder=0)
    axes.axvline(0, color="#666666", linewidth=1)
    others = [row for row in others if row.gains]
    for height, row in enumerate(others):
        signs = {(gain > 0) - (gain < 0) for gain in row.gains}
        agreed = signs.pop() if len(signs) == 1 and len(row.gains) > 1 else 0
        colour = COLOURS[agreed]
        axes.plot(row.gains, [height] * len(row.gains), "o", color=colour, markersize=4, alpha=0.5)
        axes.plot(row.gain, height, "|", color=colour, markersize=10, markeredgewidth=2.5)
    axes.set_yticks(range(len(others)), [", ".join((row.name, *row.settings)) for row in others], fontsize="small")
    axes.invert_yaxis()
    title = heading(runs).replace("`", "").split(", on ")[0].replace(", --set ", "\n")
    axes.set_title(title, fontsize="small", loc="left")
    axes.set_xlabel("sentence accuracy on dev, points over plain", fontsize="small")
    axes.grid(axis="x", alpha=0.3)
