"""The section of RESULTS.md about encoders, from the kept runs of encoders.py."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from encoder_gains import adapted_table, percents, verdicts
from spread import METRICS, spread
from task_adaptive import ADAPTED, STEPS

RESULTS = Path(__file__).parent / "results"
Record = dict[str, Any]
ORDER = (
    "random",
    "MLM only",
    "MLM + NSP",
    "distilled once",
    "distilled twice",
    "mini-en",
    ADAPTED,
    "mini-zh",
    "minilm-l6",
    "gte-small",
    "bge-small-zh",
)
ABOUT = {
    "random": "random weights, the mini shape",
    "MLM only": "mini shape after MLM alone",
    "MLM + NSP": "mini shape after MLM + NSP",
    "distilled once": "mini shape, then 2,400 steps of distilling",
    "distilled twice": "mini shape, then 7,400 steps of distilling",
    "mini-en": "mini-en as shipped",
    ADAPTED: "mini-en, then MLM on the training texts",
    "mini-zh": "mini-zh as shipped",
    "minilm-l6": "MiniLM-L6 (22 M)",
    "gte-small": "gte-small (33 M)",
    "bge-small-zh": "bge-small-zh (24 M)",
}


def records(folder: Path) -> list[Record]:
    """All kept runs."""
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted((folder / "encoders").glob("*.json"))]


def place(name: str) -> tuple[int, str]:
    """Where an encoder stands in a table."""
    return (ORDER.index(name) if name in ORDER else len(ORDER), name)


def full_table(runs: list[Record]) -> str:
    """One row per dataset and encoder on all of the training data."""
    whole = [run for run in runs if run["share"] == 100]
    rows = [
        "| dataset | encoder | seeds | intent accuracy | slot F1 | sentence accuracy |",
        "|---|---|---|---|---|---|",
    ]
    for dataset in dict.fromkeys(run["dataset"] for run in whole):
        names = sorted({run["encoder"] for run in whole if run["dataset"] == dataset}, key=place)
        for name in names:
            found = [run for run in whole if (run["dataset"], run["encoder"]) == (dataset, name)]
            seeds = ", ".join(str(run["seed"]) for run in sorted(found, key=lambda run: int(run["seed"])))
            cells = " | ".join(spread([100 * run["test"][metric] for run in found]) for metric in METRICS)
            rows.append(f"| {dataset} | {ABOUT.get(name, name)} | {seeds} | {cells} |")
    return "\n".join(rows)


def share_table(runs: list[Record]) -> str:
    """Sentence accuracy against the share of the training data, where shares were run; else nothing."""
    datasets = dict.fromkeys(run["dataset"] for run in runs if run["share"] != 100)
    tables = []
    for dataset in datasets:
        shares = sorted({run["share"] for run in runs if run["dataset"] == dataset})
        head = f"| {dataset}, sentence accuracy | " + " | ".join(f"{share:g} %" for share in shares) + " |"
        rows = [head, "|---" * (len(shares) + 1) + "|"]
        for name in sorted({run["encoder"] for run in runs if run["dataset"] == dataset}, key=place):
            cells = []
            for share in shares:
                found = list(percents(runs, dataset, name, share, METRICS[-1]).values())
                cells.append(spread(found) if found else "not run")
            rows.append(f"| {ABOUT.get(name, name)} | " + " | ".join(cells) + " |")
        tables.append("\n".join(rows))
    return "\n\n".join(tables)


OBJECTIVES = ("random", "MLM + NSP", "MLM only")


def objectives(folder: Path = RESULTS) -> str:
    """Sentence accuracy after each objective of pretraining, a row for each dataset that all were measured on."""
    runs = records(folder)
    rows = ["| test set | " + " | ".join(ABOUT[name] for name in OBJECTIVES) + " |", "|---" * 4 + "|"]
    for dataset in sorted({run["dataset"] for run in runs}):
        found = [list(percents(runs, dataset, name, 100, METRICS[-1]).values()) for name in OBJECTIVES]
        if all(found):
            rows.append(f"| {dataset} | " + " | ".join(map(spread, found)) + " |")
    return "\n".join(rows)


def starts(folder: Path) -> str:
    """What an encoder's start is worth: held-out loss against steps."""
    path = folder / "pretraining_starts.json"
    if not path.exists():
        return "Not run."
    record = json.loads(path.read_text(encoding="utf-8"))
    steps = sorted({int(step) for row in record["rows"] for step in row["held_out_mlm_loss"]})
    rows = [f"| start, `--set` | {' | '.join(f'{step:,}' for step in steps)} |", "|---" * (len(steps) + 1) + "|"]
    for row in record["rows"]:
        measured = row["held_out_mlm_loss"]
        losses = " | ".join(f"{measured[str(step)]:.2f}" if str(step) in measured else "–" for step in steps)
        how = ", ".join(f"`{part}`" for part in row["set"].split()) or "as it stands"
        rows.append(f"| {row['start']}: {how} | {losses} |")
    table = "\n".join(rows)
    return f"""`jointbert pretrain {record["config"]} --output FOLDER` with different starts, seed {record["seed"]}, on
{record["machine"]["hardware"]}: held-out MLM loss in nats after so many steps of 16 x 128 pieces. Rows that end early
were stopped there; the first one's rate falls over 3,000 steps, the others' over 2,400.

{table}"""


def section(folder: Path) -> str:
    """The whole section.

    Args:
        folder: Of the kept runs.
    """
    runs = records(folder)
    if not runs:
        return "Not run: `python benchmarks/encoders.py snips --encoders random,mini-en,minilm-l6`."
    recipe = ", ".join(f"{key.replace('_', ' ')} {value:g}" for key, value in runs[0]["recipe"].items())
    learning, adapted, reached = share_table(runs), adapted_table(runs), verdicts(runs)
    parts = {
        f"""`python benchmarks/encoders.py DATASET --encoders NAMES`: one recipe for all ({recipe};
softmax tags, first piece; dropout in the encoder as its own config has it: none in ours, 0.1 in the larger ones), test
looked at once a run, on {machines(runs)}.
Runs with one seed say nothing about small differences.""": f"![{SEEN}](encoders.png)\n\n{full_table(runs)}",
        "In points of intent accuracy / slot F1 / sentence accuracy, the means of all seeds:": reached,
        "From less training data (the larger share holds the smaller one; test as above):": learning,
        ADAPTED_HEAD: adapted,
    }
    return "\n\n".join(f"{head}\n\n{body}" for head, body in parts.items() if body)


SEEN = "Every seed's sentence accuracy on test, by dataset and encoder; beside it SNIPS from fewer labels"
"""What encoders_picture.py draws."""

ADAPTED_HEAD = f"""\
`python benchmarks/task_adaptive.py snips --shares 1,5,100`: {STEPS} steps of MLM on all of the training texts, without
labels, before the fine-tuning. What that gains over mini-en as shipped with the same seed and the same labelled share,
in points, with the 95 % interval of the mean over seeds; one that holds 0 is no evidence of a gain or a loss:"""


def machines(runs: list[Record]) -> str:
    """What the runs were computed on, and in which number format."""
    return "; ".join(sorted({f"{run['machine']['hardware']} ({run.get('format', 'fp32')})" for run in runs}))
