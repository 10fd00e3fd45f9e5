"""The section of RESULTS.md on what the queue's order saves, and its picture."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import mean
from typing import Any

HERE = Path(__file__).parent
PICTURE = HERE / "active_learning.png"
Curve = dict[int, list[float]]
"""Number of labels → sentence accuracy in percent, one for each seed."""


def runs() -> list[dict[str, Any]]:
    """The kept replays, in the order of their seeds."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in (HERE / "results").glob("active-learning-*.json")]
    return sorted(found, key=lambda record: int(record["seed"]))


def curve(records: list[dict[str, Any]], order: str) -> Curve:
    """One order's sentence accuracies."""
    points: Curve = {}
    for record in records:
        for point in record["points"][order]:
            points.setdefault(point["labels"], []).append(100 * point["sentence"])
    return points


def cell(points: Curve, labels: int) -> str:
    """The mean over the seeds, and each seed's where there are several."""
    if labels not in points:
        return ""
    each = f" ({', '.join(f'{value:.1f}' for value in points[labels])})" if len(points[labels]) > 1 else ""
    return f"{mean(points[labels]):.1f}{each}"


def enough(chance: Curve, queue: Curve, labels: int) -> int | None:
    """The fewest labels with which the queue does as well as chance does with ``labels``; None if it never did."""
    return next((few for few in sorted(queue) if mean(queue[few]) >= mean(chance[labels])), None)


def section() -> str:
    """The text, or that there are no runs."""
    records = runs()
    if not records:
        return "Not run."
    chance, queue = curve(records, "random"), curve(records, "queue")
    sizes = sorted(chance.keys() | queue.keys())
    rows = "\n".join(f"| {size} | {cell(chance, size)} | {cell(queue, size)} |" for size in sizes)
    needed = "\n".join(
        f"| {size} | {mean(chance[size]):.1f} | {few or 'not reached'} | {f'{few / size:.2f}' if few else ''} |"
        for size in sorted(chance)
        for few in [enough(chance, queue, size)]
    )
    seeds = ", ".join(str(record["seed"]) for record in records)
    first = records[0]
    return f"""`python benchmarks/active_learning.py --seeds {seeds.replace(" ", "")}`: SNIPS's training texts
(a pool of {first["pool"]:,} drawn with the seed) are labelled in a real annotation store by an annotator who is
always right, in a random order or in the queue's (the first batch by "diversity", later ones by "uncertainty", made
anew at each row). {first["encoder"]}, {first["steps"]} steps of 16 utterances each time, last weights; sentence
accuracy in percent on SNIPS's dev split, which nothing was chosen on. Seeds {seeds}; {first["machine"]["hardware"]}.

| labels | random | queue |
|---|---|---|
{rows}

How many labels the queue needs for what chance reaches (the project set out for at most half):

| labels by chance | sentence accuracy | labels by the queue | share |
|---|---|---|---|
{needed}

![Sentence accuracy against number of labels, by chance and by the queue]({PICTURE.name})"""


def draw() -> None:
    """Draw both curves, every seed a thin line and the mean a thick one."""
    from matplotlib.figure import Figure

    records = runs()
    if not records:
        return
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    for order, name, colour in (("random", "random", "#888888"), ("queue", "the queue's order", "#0b5cad")):
        for record in records:
            points = record["points"][order]
            axes.plot(
                [point["labels"] for point in points],
                [100 * point["sentence"] for point in points],
                color=colour,
                alpha=0.35,
                linewidth=1,
            )
        means = curve(records, order)
        sizes = sorted(means)
        axes.plot(sizes, [mean(means[size]) for size in sizes], color=colour, marker="o", linewidth=2, label=name)
    axes.set(xscale="log", xlabel="labelled utterances", ylabel="sentence accuracy on dev (%)", title="SNIPS")
    axes.set_xticks(sorted(curve(records, "random")), [str(size) for size in sorted(curve(records, "random"))])
    axes.minorticks_off()
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right")
    figure.savefig(PICTURE, dpi=120)
