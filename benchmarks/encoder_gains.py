"""What a pretrained encoder gains over another start, from the kept runs of encoders.py."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import mean
from typing import Any

from mark import mark
from spread import METRICS, spread_and_interval
from task_adaptive import ADAPTED

Record = dict[str, Any]
SHIPPED = {"atis": "mini-en", "snips": "mini-en", "demo-en": "mini-en", "cais": "mini-zh", "demo-zh": "mini-zh"}
"""Dataset → the package's own encoder of its language."""

LEAST = {"snips": 5.0}
"""Points of sentence accuracy that pretraining should be worth; elsewhere more than none."""

NEAR = 2.0
"""Points of sentence accuracy that mini-en may lie below MiniLM-L6 on ATIS."""


def percents(runs: Iterable[Record], dataset: str, name: str, share: float, metric: str) -> dict[int, float]:
    """Seed → a score in percent, of an encoder's runs on a share of a dataset."""
    wanted = (dataset, name, share)
    return {
        int(run["seed"]): 100 * run["test"][metric]
        for run in runs
        if (run["dataset"], run["encoder"], run["share"]) == wanted
    }


def paired(ours: dict[int, float], theirs: dict[int, float]) -> list[float]:
    """What each seed gains, for the seeds that both ran with."""
    return [value - theirs[seed] for seed, value in sorted(ours.items()) if seed in theirs]


def verdicts(runs: list[Record]) -> str:
    """A line for each thing that the project set out for; those that lack a side are left out."""
    lines = []
    for dataset, ours in SHIPPED.items():
        sides = [[percents(runs, dataset, name, 100, metric) for metric in METRICS] for name in (ours, "random")]
        if all(found for side in sides for found in side):
            intent, slots, sentence = (
                mean(own.values()) - mean(other.values()) for own, other in zip(*sides, strict=True)
            )
            least = LEAST.get(dataset, 0.0)
            aim = f"aimed at {least:+g} in the last" if least else "aimed at more than 0 in each"
            reached = sentence >= least if least else min(intent, slots, sentence) > 0
            gains = f"{intent:+.2f} / {slots:+.2f} / {sentence:+.2f}"
            lines.append(f"- {dataset}, {ours} over random weights: {gains} points, {aim} {mark(reached)}")
    ours, theirs = (percents(runs, "atis", name, 100, METRICS[-1]) for name in ("mini-en", "minilm-l6"))
    if ours and theirs:
        below = mean(theirs.values()) - mean(ours.values())
        aim = f"aimed at {NEAR:g} at most {mark(below <= NEAR)}"
        lines.append(f"- atis, mini-en below MiniLM-L6: {below:.2f} points of sentence accuracy, {aim}")
    return "\n".join(lines)


def adapted_table(runs: list[Record]) -> str:
    """What MLM on a task's own texts first is worth, a row for each dataset and share; nothing where it did not run."""
    cases = sorted({(run["dataset"], run["share"]) for run in runs if run["encoder"] == ADAPTED})
    rows = []
    for dataset, share in cases:
        gains = [
            paired(*(percents(runs, dataset, name, share, metric) for name in (ADAPTED, "mini-en")))
            for metric in METRICS
        ]
        if gains[0]:
            cells = " | ".join(map(spread_and_interval, gains))
            rows.append(f"| {dataset} | {share:g} % | {len(gains[0])} | {cells} |")
    head = "| dataset | labelled | seeds | intent | slot F1 | sentence |\n|---|---|---|---|---|---|"
    return "\n".join([head, *rows]) if rows else ""
