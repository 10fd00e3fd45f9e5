"""Confidences beside what came of them: tables on a terminal, and reliability diagrams as a picture."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from jointbert.errors import DataError
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

NO_ASKS = (
    "When to ask back cannot be told here: that takes data with intents, and parses that say how sure the model is of "
    "everything at once."
)
FEW_MARK = "?"

COLOURS = {"raw": "#c46a4a", "calibrated": "#3b6ea8"}


def render_reliability(held: Held, console: Console | None = None) -> None:
    """Print the calibration error of each kind of confidence, and below which one to ask back, or why that is not told.

    Args:
        held: How raw and calibrated confidences hold; what to ask back is read off the last of them.
        console: Where to print; by default standard output.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = console or Console()
    final = held[list(held)[-1]]
    errors = Table("confidence", title="Calibration error (ECE, points)", title_justify="left")
    for name in held:
        errors.add_column(name, justify="right")
    for kind in final:
        errors.add_row(KINDS[kind], *(percent(found[kind].ece) for found in held.values()))
    caution = ask_caution(held)
    asks = Table(ASK_COLUMNS[0], title=ASK_TITLE, title_justify="left", caption=caution, caption_justify="left")
    for column in ASK_COLUMNS[1:]:
        asks.add_column(column, justify="right")
    for row in ask_rows(held):
        asks.add_row(*row)
    for table in (errors, asks):
        if table.row_count:
            console.print()
            console.print(table)
    if not asks.row_count:
        console.print()
        console.print(Text(caution))


def ask_rows(held: Held) -> tuple[tuple[str, ...], ...]:
    """Below which confidence in everything at once to ask back: a cell for each of :data:`ASK_COLUMNS`.

    Args:
        held: How raw and calibrated confidences hold; thresholds are for the last of them.

    Returns:
        A row for each target, with a ``?`` where it rests on few answers; none where it is not known how sure a model
        is of everything at once. What has to be read with them is in :func:`ask_caution`.

    Example:
        >>> from jointbert.evaluation.reliability import reliability
        >>> ask_rows({"raw": {"frame": reliability([0.9999] * 57 + [0.2] * 3, [True] * 57 + [False] * 3)}})[:2]
        (('95 %', 'never', '100.0 %', '95.0 %'), ('98 %', '0.999', '95.0 %', '100.0 % ?'))
    """
    frame = _frame(held)
    return tuple(
        (
            f"{100 * row.target:.0f} %",
            _below(row.threshold),
            f"{percent(row.kept)} %",
            _share(row.accuracy) + (f" {FEW_MARK}" if row.rests_on_few else ""),
        )
        for row in (frame.ask_back if frame else ())
    )


def ask_caution(held: Held) -> str:
    """What to know before one takes a threshold of :func:`ask_rows`; where it has no rows, why.

    Args:
        held: How raw and calibrated confidences hold.

    Example:
        >>> from jointbert.evaluation.reliability import reliability
        >>> ask_caution({"raw": {"frame": reliability([0.9] * 300, [True] * 300)}}) == ASK_CAUTION
        True
    """
    frame = _frame(held)
    if frame is None:
        return NO_ASKS
    said = [ASK_CAUTION]
    if frame.refused:
        said.append(
            f"{frame.refused:,} of these {frame.count:,} utterances are told to be out of scope: they count as asked "
            "back, whatever the confidence."
        )
    if few := [f"{row.enough} for {100 * row.target:.0f} %" for row in frame.ask_back if row.rests_on_few]:
        said.append(
            f"{FEW_MARK} rests on few answers: even where all of them are right, the true share may lie below what is "
            f"wanted. It takes at least {', '.join(few)}."
        )
    return " ".join(said)


def _frame(held: Held) -> Reliability | None:
    """How the last of the confidences in everything at once hold; None where they are not known."""
    return held[list(held)[-1]].get("frame") if held else None


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
        held: How raw and calibrated confidences hold.
        path: The file to write.

    Raises:
        DataError: There is no confidence that could be judged.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    kinds = list(next(iter(held.values()), {}))
    if not kinds:
        raise DataError(str(path), "there is nothing to draw", "intents or slots on both sides", "Label the data.")
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
