"""The section of RESULTS.md on what is out of scope, from results/out_of_scope-*.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
AIMS = {"accuracy": 95.0, "auroc": 96.0, "recall": 70.0}
"""What the project set out to reach on CLINC150 with no training utterance out of scope, in percent."""

COLUMNS = {
    "in-scope acc.": "accuracy",
    "kept": "kept",
    "oos recall": "recall",
    "oos precision": "precision",
    "AUROC": "auroc",
    "FPR95": "fpr95",
}
VARIANTS = {
    "dev out of scope": "nothing out of scope in training, 100 utterances out of scope on dev",
    "nothing out of scope": "nothing out of scope anywhere: the threshold keeps 95 % of dev",
    "train and dev out of scope": "100 training utterances and 100 dev utterances out of scope",
}
Record = dict[str, Any]


def section() -> str:
    """The section's text."""
    parts = [clinc150(), *(held_out(case) for case in ("snips", "demo-en"))]
    return "\n\n".join(
        [
            "`python benchmarks/out_of_scope.py clinc150 snips demo-en`. What the columns are is in\n"
            "[docs/out-of-scope.md](../docs/out-of-scope.md). Scorers and thresholds are chosen on dev, test is\n"
            "read once; the scorer that `auto` takes is bold. One seed each, so nothing is said about the spread.",
            *parts,
        ]
    )


def clinc150() -> str:
    """CLINC150 as published: 4,500 test utterances in scope, 1,000 out of it."""
    record = load("clinc150")
    if record is None:
        return "### CLINC150, gte-small\n\nNot run."
    bare = f"Without a scope, intent accuracy is {percent(record['intent_accuracy'])}."
    text = [f"### CLINC150, gte-small\n\n{about(record)} {bare}"]
    for name, meaning in VARIANTS.items():
        variant = record["variants"][name]
        rows = [row(scorer, cells["test"], variant["chosen"]) for scorer, cells in variant["scorers"].items()]
        text.append(f"{meaning[0].upper()}{meaning[1:]}:\n\n" + table(rows))
    chosen = record["variants"]["dev out of scope"]
    scores = chosen["scorers"][chosen["chosen"]]["test"]
    verdicts = [
        f"{label} {percent(scores[key])}, aimed at {aim:.0f} {'✓' if 100 * scores[key] >= aim else '✗'}"
        for label, (key, aim) in zip(("in-scope accuracy", "AUROC", "out-of-scope recall"), AIMS.items(), strict=True)
    ]
    text.append(
        f"With nothing out of scope in training, by what dev chose (`{chosen['chosen']}`): {'; '.join(verdicts)}."
    )
    return "\n\n".join(text)


def held_out(case: str) -> str:
    """A dataset with intents held out."""
    record = load(case)
    if record is None:
        return f"### {case}, intents held out\n\nNot run."
    counts, variant = record["counts"], record["variants"]["nothing out of scope"]
    trained = f"{record['settings']['encoder']['name']}, {counts['train']:,} training utterances"
    held = ", ".join(f"`{name}`" for name in record["held_out"])
    intro = (
        f"### {case}, intents held out\n\n{about(record)} {trained}. Held out: {held}.\n"
        f"{counts['test']} test utterances in scope; near: the {counts['near']} of the held-out intents; "
        f"far: {counts['far']} lines of small talk."
    )
    rows = [
        row(f"{scorer}, {place}", cells[place], f"{variant['chosen']}, {place}")
        for place in ("near", "far")
        for scorer, cells in variant["scorers"].items()
    ]
    return intro + "\n\n" + table(rows)


def load(case: str) -> Record | None:
    """The kept run of a case, or None."""
    path = RESULTS / f"out_of_scope-{case}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def about(record: Record) -> str:
    """The machine behind a run."""
    return f"Seed {record['seed']}; {', '.join(f'{key} {text}' for key, text in record['machine'].items())}."


def row(name: str, scores: Record, chosen: str) -> str:
    """A scorer's row."""
    shown = f"**{name}**" if name == chosen else name
    return f"| {shown} | " + " | ".join(percent(scores[key]) for key in COLUMNS.values()) + " |"


def table(rows: list[str]) -> str:
    """The rows under their head."""
    head = "| scorer | " + " | ".join(COLUMNS) + " |"
    return "\n".join([head, "|---" * (len(COLUMNS) + 1) + "|", *rows])


def percent(rate: float | None) -> str:
    """A rate in percent."""
    return "-" if rate is None else f"{100 * rate:.2f}"
