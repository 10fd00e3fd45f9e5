"""What became of each slot's spans, as a picture: right, wrong edges, wrong slot, missed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jointbert.evaluation.picture import label_of, picture_fonts
from jointbert.report.findings import SlotRow

SLOTS = 40
PARTS = {"right": "#4a90c2", "boundary": "#e0a63a", "label": "#c8553d", "missed": "#9aa5b1"}
NAMES = {"right": "right", "boundary": "wrong edges", "label": "wrong slot", "missed": "missed"}


def slots_picture(rows: Sequence[SlotRow], path: Path | str) -> None:
    """Write a PNG with a bar for each (of 40) slots, parted by what became of its gold spans.

    Args:
        rows: The slots, the most frequent first; at least one has gold spans.
        path: The file to write.
    """
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    drawn = [row for row in rows if row.gold][:SLOTS]
    with rc_context({"text.usetex": False, "font.family": picture_fonts()}):
        figure = Figure(figsize=(9, max(2.5, 1.5 + 0.27 * len(drawn))), layout="constrained")
        axes = figure.subplots()
        left = [0.0] * len(drawn)
        for part, colour in PARTS.items():
            shares = [100 * getattr(row, part) / row.gold for row in drawn]
            axes.barh(range(len(drawn)), shares, left=left, color=colour, label=NAMES[part])
            left = [start + share for start, share in zip(left, shares, strict=True)]
        axes.set_yticks(range(len(drawn)), [f"{label_of(row.name)} ({row.gold})" for row in drawn], fontsize=8)
        axes.invert_yaxis()
        axes.margins(y=0.01)
        axes.set(xlim=(0, 100), xlabel="percent of the gold spans (their number in brackets)")
        figure.legend(loc="outside upper center", ncols=len(PARTS), fontsize=8)
        FigureCanvasAgg(figure)  # the figure draws itself with it
        figure.savefig(path, format="png", dpi=90)
