"""A learning curve as a table on a terminal, as a CSV file, as a picture, and in words."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from jointbert.evaluation.comparison_view import claim, points
from jointbert.evaluation.learning import FEW, Gain, LearningCurve, Step
from jointbert.evaluation.picture import label_of, picture_fonts
from jointbert.evaluation.render import percent
from jointbert.visible import visible

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from rich.console import Console
    from rich.table import Table

NAMED = 5
LEAST = 33
"""Columns of a terminal that a table keeps for names, for the last step and for their borders."""
COLUMNS = ("percent", "utterances", "kind", "name", "score", "low", "high", "train_examples", "dev_examples")


def statement(curve: LearningCurve) -> tuple[str, ...]:
    """What the curve says about more data, a sentence each; honest about where dev is too small to tell."""
    before, after = curve.steps[-2:]
    sizes = f"{before.utterances} to {after.utterances} utterances"
    step = f"From {before.percent:g} % to {after.percent:g} % of the training data ({sizes})"
    sentences = [f"{step}: {claim(curve.overall[-1])}."]
    judged = [gain for gain in curve.gains if gain.change is not None]
    if curve.climbing:
        named = "; ".join(map(_told, curve.climbing[:NAMED]))
        sentences.append(f"These gained from that step and would probably gain most from more data: {named}.")
    if curve.arrived:
        named = "; ".join(map(_told, curve.arrived[:NAMED])) + _and_more(len(curve.arrived))
        sentences.append(f"These gained from that step and are at the top, so there is little left to gain: {named}.")
    if judged and not curve.climbing and not curve.arrived:
        sentences.append("No intent and no slot gained more from that step than the choice of dev utterances explains.")
    if len(judged) >= 20:
        sentences.append(f"Of {len(judged)} labels judged, {len(judged) / 40:.1f} would be named by chance alone.")
    if few := [visible(gain.name) for gain in curve.gains if gain.change is None]:
        named = ", ".join(few[:NAMED]) + _and_more(len(few))
        sentences.append(f"In fewer than {FEW} dev utterances, so not judged: {named}.")
    sentences.append("Each share was trained once, and the intervals are over dev utterances: another seed may differ.")
    return tuple(sentences)


def _and_more(count: int) -> str:
    return f" and {count - NAMED} more" if count > NAMED else ""


def _told(gain: Gain) -> str:
    change = gain.change
    spread = f", 95 % interval {points(change.low)} to {points(change.high)}" if change else ""
    gained = f"F1 {points(gain.after - gain.before)} to {percent(gain.after)}{spread}"
    return f"{gain.kind} {visible(gain.name)} ({gained}; {gain.in_train} examples in train, {gain.in_dev} in dev)"


def render_curve(curve: LearningCurve, console: Console | None = None) -> None:
    """Print the scores of each share, overall and per label, and what they say about more data.

    Args:
        curve: What :func:`jointbert.evaluation.learning.read_off` gave.
        console: Where to print; by default standard output.
    """
    from rich.console import Console
    from rich.text import Text

    console = console or Console()
    for number, steps in enumerate(_fitting(curve.steps, console.width)):
        console.print(_table(curve, steps, "Learning curve" if number == 0 else "Learning curve, further shares"))
    console.print(Text(f"* more than chance over dev utterances; ? in fewer than {FEW} dev utterances", style="dim"))
    for sentence in statement(curve):
        console.print(Text(sentence))


def _fitting(steps: Sequence[Step], width: int) -> list[list[Step]]:
    """The shares in as few tables as leave each of them, on a terminal of so many columns, room for names."""
    tables: list[list[Step]] = [[]]
    room = width - LEAST
    for step in steps:
        wide = max(map(len, (*_head(step).split("\n"), "100.0"))) + 3
        if tables[-1] and room < wide:
            tables.append([])
            room = width - LEAST
        tables[-1].append(step)
        room -= wide
    return tables


def _head(step: Step) -> str:
    return f"{step.percent:g} %\n({step.utterances})"


def _table(curve: LearningCurve, steps: Sequence[Step], title: str) -> Table:
    """A row for each score and label, a column for each of some shares, and one for the last step of all."""
    from rich.table import Table
    from rich.text import Text

    table = Table("score on dev, %", title=title, title_justify="left")
    for step in steps:
        table.add_column(_head(step), justify="right", no_wrap=True)
    table.add_column("last step", justify="right", no_wrap=True)
    for contest in curve.overall:
        found = [step.intervals.get(contest.score) for step in steps]
        cells = [percent(each.value if each else None) for each in found]
        table.add_row(*map(Text, (contest.score, *cells, points(contest.change.value))), style="bold")
    for gain in curve.gains:
        cells = [percent(step.f1_of(gain.kind, gain.name)) for step in steps]
        name = Text(f"{gain.kind} {visible(gain.name)}", overflow="fold")
        mark = "*" if gain.is_sure else "?" if gain.change is None else " "
        table.add_row(name, *map(Text, (*cells, f"{points(gain.after - gain.before)} {mark}")))
    return table


def write_csv(curve: LearningCurve, path: Path) -> None:
    """Write a row for each share and score: overall with intervals (scores 0..1), then each label's F1."""
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        for step in curve.steps:
            share = (f"{step.percent:g}", step.utterances)
            for score, interval in step.intervals.items():
                shown = (f"{value:.6f}" for value in (interval.value, interval.low, interval.high))
                rows.writerow((*share, "overall", score, *shown, step.utterances, step.scores.utterances))
            for gain in curve.gains:
                examples = step.examples.get((gain.kind, gain.name), 0)
                value = f"{step.f1_of(gain.kind, gain.name):.6f}"
                rows.writerow((*share, gain.kind, gain.name, value, "", "", examples, gain.in_dev))


def draw_learning_curve(curve: LearningCurve, path: Path) -> None:
    """Draw the headline scores with their intervals, and the labels that gained most, as a PNG.

    Args:
        curve: What :func:`jointbert.evaluation.learning.read_off` gave.
        path: The file to write.
    """
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with rc_context({"text.usetex": False, "font.family": picture_fonts()}):
        figure = Figure(figsize=(11, 4.2), layout="constrained")
        left, right = figure.subplots(1, 2)
        _draw_overall(left, curve)
        _draw_gains(right, curve.steps, [gain for gain in curve.gains if gain.change is not None][: 2 * NAMED])
        FigureCanvasAgg(figure)  # the figure draws itself with it
        figure.savefig(path, format="png", dpi=110)


def _draw_overall(axes: Axes, curve: LearningCurve) -> None:
    """The headline scores over the sizes of the shares, with their intervals."""
    for contest in curve.overall:
        found = [(step.utterances, each) for step in curve.steps if (each := step.intervals.get(contest.score))]
        sizes = [size for size, _ in found]
        axes.plot(sizes, [100 * each.value for _, each in found], marker="o", label=contest.score)
        lows, highs = [100 * each.low for _, each in found], [100 * each.high for _, each in found]
        axes.fill_between(sizes, lows, highs, alpha=0.15)
    axes.set(title="dev scores with 95 % intervals", xlabel="training utterances", ylabel="%")
    axes.legend(loc="lower right", fontsize=8)


def _draw_gains(axes: Axes, steps: tuple[Step, ...], gains: list[Gain]) -> None:
    """A line for each label; a full one where the gain is more than chance."""
    for gain in gains:
        scores = [100 * step.f1_of(gain.kind, gain.name) for step in steps]
        style = "-" if gain.is_sure else ":"
        label = f"{gain.kind} {label_of(gain.name)}"
        axes.plot([step.utterances for step in steps], scores, style, marker=".", label=label)
    axes.set(title="F1 of what gained most (full line: more than chance)", xlabel="training utterances")
    if gains:
        axes.legend(loc="lower right", fontsize=7)
