"""A picture of what a model confuses: the confused intents as a matrix, the slots as F1 bars."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from jointbert.errors import DataError
from jointbert.evaluation.pairing import Pair, pair_up
from jointbert.evaluation.score import LabelScores, evaluate
from jointbert.utterance import Parse, Utterance
from jointbert.visible import visible

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INTENTS = 25
SLOTS = 40
LONGEST = 32
FONTS = ("DejaVu Sans", "Noto Sans CJK SC", "Noto Sans CJK JP", "Source Han Sans SC", "WenQuanYi Zen Hei", "SimHei")
NO_INTENT = "(none)"


def label_of(name: str) -> str:
    r"""A name as matplotlib shows it: control characters escaped, ``$`` never read as a formula, the end cut when long.

    Example:
        >>> print(label_of("price_in_$_or_$"))
        price_in_\$_or_\$
    """
    shown = visible(name)
    if len(shown) > LONGEST:
        shown = shown[: LONGEST - 1] + "…"
    return shown.replace("$", r"\$")


def confused_matrix(pairs: Sequence[Pair], most: int = INTENTS) -> tuple[list[str], NDArray[np.int64]]:
    """The most confused intents and how often each (row) was taken for each (column), as int64 counts (N,N).

    Intents rank by the wrong predictions that they take part in, then by how often they appear in gold. A prediction
    without an intent is named ``(none)``.

    Example:
        >>> pairs = pair_up([Utterance("a", "x"), Utterance("b", "y")], [Parse("a", "x"), Parse("b", "x")])
        >>> names, counts = confused_matrix(pairs)
        >>> names, counts.tolist()
        (['x', 'y'], [[1, 0], [1, 0]])
    """
    cells = Counter((pair.gold_intent, pair.predicted_intent or NO_INTENT) for pair in pairs if pair.gold_intent)
    wrong: Counter[str] = Counter()
    support: Counter[str] = Counter()
    for (gold, predicted), count in cells.items():
        support[gold] += count
        wrong.update({gold: 0, predicted: 0} if gold == predicted else {gold: count, predicted: count})
    names = sorted(wrong, key=lambda name: (-wrong[name], -support[name], name))[:most]
    return names, np.array([[cells[gold, name] for name in names] for gold in names], dtype=np.int64)


def confusion_picture(gold: Sequence[Utterance], predicted: Sequence[Parse], path: str | Path) -> None:
    """Write a PNG with the confusion matrix of the (25 most confused) intents and the F1 of each (of 40) slots.

    Drawn without a display. Names in scripts that no installed font has show as boxes, and matplotlib warns of it.

    Args:
        gold: What is right.
        predicted: The parses of the same texts, in the same order.
        path: Where to write; its folder must exist.

    Raises:
        DataError: The two sides are not the same texts, there are neither intents nor slots to draw, or the folder
            does not exist.
    """
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    scores, pairs = evaluate(gold, predicted), pair_up(gold, predicted)
    with_intents = scores.intent_accuracy is not None
    panels = with_intents + bool(scores.per_slot)
    if not panels:
        raise DataError(str(path), "there is nothing to draw", "intents or slots on both sides", "Label the data.")
    if not Path(path).parent.is_dir():
        raise DataError(str(path), "its folder does not exist", "a folder that exists", "Create the folder first.")
    with rc_context({"text.usetex": False, "font.family": picture_fonts()}):
        rows = max(with_intents * min(len(scores.per_intent), INTENTS), min(len(scores.per_slot), SLOTS))
        figure = Figure(figsize=(9 * panels, max(4.0, 1.5 + 0.3 * rows)), layout="constrained")
        axes = figure.subplots(1, panels, squeeze=False)[0]
        if with_intents:
            _draw_matrix(axes[0], *confused_matrix(pairs), total=len(scores.per_intent))
        if scores.per_slot:
            _draw_bars(axes[-1], scores.per_slot)
        FigureCanvasAgg(figure)  # the figure draws itself with it
        figure.savefig(path, format="png")


def picture_fonts() -> list[str]:
    """Those of our fonts that are installed, so that matplotlib falls back from Latin to Chinese."""
    from matplotlib.font_manager import get_font_names

    installed = set(get_font_names())
    return [name for name in FONTS if name in installed] or ["sans-serif"]


def _draw_matrix(axes: Axes, names: Sequence[str], counts: NDArray[np.int64], total: int) -> None:
    """Shares of each row as colour, counts as numbers."""
    sums = counts.sum(axis=1, keepdims=True)
    shares = counts / np.maximum(sums, 1)
    labels = [label_of(name) for name in names]
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    axes.set_xticks(range(len(names)), labels, rotation=60, ha="right", fontsize=8)
    axes.set_yticks(range(len(names)), labels, fontsize=8)
    axes.set_xlabel("predicted intent")
    axes.set_ylabel("gold intent")
    axes.set_title("Intents" if len(names) >= total else f"The {len(names)} most confused of {total} intents")
    for row, column in np.argwhere(counts):
        colour = "white" if shares[row, column] > 0.5 else "black"
        axes.text(column, row, str(counts[row, column]), ha="center", va="center", fontsize=7, color=colour)


def _draw_bars(axes: Axes, rows: Sequence[LabelScores]) -> None:
    """A bar per slot, the most frequent on top."""
    shown = rows[:SLOTS]
    places = range(len(shown))
    axes.barh(places, [100 * row.f1 for row in shown], color="#4878a8")
    axes.set_yticks(places, [f"{label_of(row.name)} ({row.support})" for row in shown], fontsize=8)
    axes.margins(y=0.01)
    axes.invert_yaxis()
    axes.set_xlim(0, 100)
    axes.set_xlabel("F1 in percent (support in brackets)")
    axes.set_title("Slots" if len(shown) == len(rows) else f"The {len(shown)} most frequent of {len(rows)} slots")
