"""Confidences beside what came of them: tables on a terminal, and reliability diagrams as a picture."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from jointbert.evaluation.reliability import DIGITS, Held, Reliability
from jointbert.evaluation.render import percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from rich.console import Console

KINDS = {"intent": "intent", "slot": "slot spans", "frame": "everything at once"}

ASK_TITLE = "When to ask back, by the confidence in everything at once"
ASK_COLUMNS = ("to be right", "ask back below", "you answer", "of these right")
ASK_CAUTION = (
    "These thresholds are read off the very utterances that they are scored on, and so they are a little optimistic: "
    "choose one on dev, and check it on test."
)

COLOURS = {"raw": "#c46a4a", "calibrated": "#3b6ea8"}


def render_reliability(held: Held, console: Console | None = None) -> None:
    """Print the calibration error of each kind of confidence, and below which one to ask back.

    Args:
        held: How raw and calibrated confidences hold; what to ask back is read off the last of them.
        console: Where to print; by default standard output.
    """
    from rich.console import Console
    from rich.table import Table

    console = console or Console()
    final = held[list(held)[-1]]
    errors = Table("confidence", title="Calibration error (ECE, points)", title_justify="left")
    for name in held:
        errors.add_column(name, justify="right")
    for kind in final:
        errors.add_row(KINDS[kind], *(percent(found[kind].ece) for found in held.values()))
    asks = Table(ASK_COLUMNS[0], title=ASK_TITLE, title_justify="left", caption=ASK_CAUTION, caption_justify="left")
    for column in ASK_COLUMNS[1:]:
        asks.add_column(column, justify="right")
    for row in ask_rows(held):
        asks.add_row(*row)
    for table in (errors, asks):
        if table.row_count:
            console.print()
            console.print(table)


def ask_rows(held: Held) -> tuple[tuple[str, ...], ...]:
    """Below which confidence in everything at once to ask back: a cell for each of :data:`ASK_COLUMNS`.

    Args:
        held: How raw and calibrated confidences hold; thresholds are for the last of them.

    Returns:
        A row for each target; none where it is not known how sure a model is of everything at once.

    Example:
        >>> from jointbert.evaluation.reliability import reliability
        >>> ask_rows({"raw": {"frame": reliability([0.9999] * 19 + [0.2], [True] * 19 + [False])}})[0]
        ('95 %', 'never', '100.0 %', '95.0 %')
    """
    final = held[list(held)[-1]] if held else {}
    if "frame" not in final:
        return ()
    return tuple(
        (f"{100 * row.target:.0f} %", _below(row.threshold), f"{percent(row.kept)} %", _share(row.accuracy))
        for row in final["frame"].ask_back
    )


def _below(threshold: float | None) -> str:
    """A threshold with every digit that it has, so that what is read off the table does what the table says."""
    if threshold is None:
        return "no threshold does"
    return np.format_float_positional(threshold, min_digits=DIGITS) if threshold else "never"


def _share(rate: float | None) -> str:
    return percent(rate) if rate is None else f"{percent(rate)} %"


def reliability_picture(held: Held, path: Path | str) -> None:
    """Draw a reliability diagram for each kind of confidence, raw and calibrated, as a PNG.

    Args:
        held: How raw and calibrated confidences hold; at least one kind.
        path: The file to write.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    kinds = list(next(iter(held.values())))
    figure = Figure(figsize=(4.2 * len(kinds), 4.2), layout="constrained")
    for axes, kind in zip(figure.subplots(1, len(kinds), squeeze=False)[0], kinds, strict=True):
        _draw(axes, KINDS[kind], {name: found[kind] for name, found in held.items()})
    FigureCanvasAgg(figure)  # the figure draws itself with it
    figure.savefig(path, format="png", dpi=110)


def _draw(axes: Axes, title: str, lines: Mapping[str, Reliability]) -> None:
    """Accuracy over mean confidence; a dot's area grows with the number of confidences in its bin."""
    axes.plot([0, 1], [0, 1], color="#999999", linewidth=1, linestyle="--", zorder=1)
    for name, found in lines.items():
        sure, right = [each.confidence for each in found.bins], [each.accuracy for each in found.bins]
        areas = [12 + 260 * each.count / found.count for each in found.bins]
        label = f"{name}: ECE {percent(found.ece)}"
        axes.plot(sure, right, color=COLOURS[name], linewidth=1, zorder=2)
        axes.scatter(sure, right, s=areas, color=COLOURS[name], alpha=0.6, zorder=3, label=label)
    axes.set(xlim=(0, 1.02), ylim=(0, 1.02), xlabel="confidence", ylabel="share that is right", title=title)
    axes.set_aspect("equal")
    axes.legend(loc="upper left", fontsize=8)
