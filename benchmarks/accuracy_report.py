"""The section of RESULTS.md on accuracy, and the README's table, from results/NAME-SEED.json and published.json."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from typing import Any, NamedTuple

from mark import mark
from spread import METRICS, spread, spread_and_interval

HERE = Path(__file__).parent
RESULTS = HERE / "results"
NONE = "–"
Record = dict[str, Any]
Scores = tuple[float | None, float | None, float | None]


class Row(NamedTuple):
    """One row of ours.

    Args:
        name: What benchmarks/accuracy.py calls it.
        model: Encoder, tags and pooling.
        aims: What the project set out to reach (intent / slot F1 / sentence accuracy, %), or None.
        in_readme: Whether the README shows it.
    """

    name: str
    model: str
    aims: Scores | None = None
    in_readme: bool = False


def variants(name: str, encoder: str, aims: Scores) -> tuple[Row, ...]:
    """The rows of a config and of its variants: softmax or CRF, first piece or mean of pieces."""
    changed = {"crf": "CRF", "mean": "mean of pieces", "crf-mean": "CRF, mean of pieces"}
    return (
        Row(name, encoder, aims, True),
        *(Row(f"{name}-{variant}", f"{encoder}, {about}") for variant, about in changed.items()),
    )


MINILM, GTE = "MiniLM-L6 (22 M)", "gte-small (33 M)"
BEST: dict[str, Scores] = {"atis": (98.0, 96.2, 88.8), "snips": (99.0, 97.2, 93.1)}
"""The best that any system was credibly reported to reach, most of them with three times the parameters."""

TABLES: dict[str, tuple[str, tuple[Row, ...]]] = {
    "atis": (
        "ATIS",
        (
            *variants("atis", MINILM, (97.7, 95.4, 87.2)),
            Row("atis-gte", GTE, BEST["atis"], True),
            Row("atis-gte-16", f"{GTE}, batches of 16", BEST["atis"]),
            Row("atis-adversarial", f"{GTE}, adversarial", BEST["atis"]),
        ),
    ),
    "snips": (
        "SNIPS",
        (
            *variants("snips", GTE, BEST["snips"]),
            Row("snips-adversarial", f"{GTE}, adversarial", BEST["snips"]),
            Row("snips-adversarial-crf-mean", f"{GTE}, adversarial, CRF, mean of pieces", BEST["snips"]),
            Row("snips-minilm", MINILM, None, True),
        ),
    ),
    "cais": ("CAIS", variants("cais", "bge-small-zh (24 M)", (95.2, 88.6, 86.2))),
    "clinc150": (
        "CLINC150, in scope",
        (Row("clinc150", MINILM), Row("clinc150-gte", GTE, None, True)),
    ),
    "demo-en": (
        "demo-en",
        (Row("demo-en", "mini-en (6 M) + CRF", (93.0, 90.0, 80.0), True), Row("demo-en-minilm", MINILM, None, True)),
    ),
    "demo-zh": (
        "demo-zh",
        (
            Row("demo-zh", "mini-zh (5 M) + CRF", (93.0, 90.0, 80.0), True),
            Row("demo-zh-scratch", "4 layers x 256 + CRF, from scratch"),
        ),
    ),
}
"""Dataset → its name and our rows; softmax tags on a word's first piece where nothing else is said."""


def records(name: str, results: Path = RESULTS) -> list[Record]:
    """The runs of a variant, in the order of their seeds."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in results.glob(f"{name}-*.json")]
    return sorted((item for item in found if item.get("config") == name), key=lambda item: int(item["seed"]))


def value(scores: Record, metric: str) -> float | None:
    """A score in percent; None where there is none: data without slots has intents to be right in, and no more."""
    if metric == "slot_f1":
        return None if scores["slots"] is None else 100 * float(scores["slots"]["f1"])
    if metric == "sentence_accuracy" and scores["slots"] is None:
        return None
    return None if scores[metric] is None else 100 * float(scores[metric])


def values(runs: Sequence[Record], metric: str) -> list[float]:
    """A score of each run, in percent."""
    found = (value(run["test"], metric) for run in runs)
    return [each for each in found if each is not None]


def table(dataset: str) -> str:
    """One dataset: our rows, the classical baseline, what was published."""
    title, rows = TABLES[dataset]
    lines = [line for row in rows for line in [_ours(row)]] + _classical(dataset) + _published(dataset)
    head = "| model | config | seeds | intent | slot F1 | sentence | aimed at |\n|---|---|---|---|---|---|---|"
    return "\n".join([f"### {title}", "", head, *lines])


def _ours(row: Row) -> str:
    runs = records(row.name)
    if not runs:
        return f"| {row.model} | `{row.name}` | not run | | | | |"
    cells = [values(runs, metric) for metric in METRICS]
    texts = " | ".join(spread_and_interval(cell, most=100.0) if cell else NONE for cell in cells)
    seeds = f"n = {len(runs)}: {', '.join(str(run['seed']) for run in runs)}"
    return f"| {row.model} | `{row.name}` | {seeds} | {texts} | {_verdict(row.aims, cells)} |"


def _verdict(aims: Scores | None, cells: Sequence[Sequence[float]]) -> str:
    """What was aimed at, each with whether the mean reaches it."""
    if aims is None:
        return ""
    pairs = [(aim, mean(cell)) for aim, cell in zip(aims, cells, strict=True) if aim is not None and cell]
    return " / ".join(f"{aim:.1f} {mark(reached >= aim)}" for aim, reached in pairs)


def _classical(dataset: str) -> list[str]:
    """The row of the baseline without a network, where it ran."""
    path = RESULTS / f"classical-{dataset}.json"
    if not path.exists():
        return []
    test = json.loads(path.read_text(encoding="utf-8"))["test"]
    cells = " | ".join(_cell(value(test, metric)) for metric in METRICS)
    slots = "" if test["slots"] is None else " + CRFsuite"
    return [f"| TF-IDF + linear SVM{slots} | `--classical` | nothing drawn | {cells} | |"]


def _published(dataset: str) -> list[str]:
    """A row for each system that reported scores on it."""
    rows = []
    for item in json.loads((HERE / "published.json").read_text(encoding="utf-8")):
        if dataset in item["scores"]:
            cells = " | ".join(item["scores"][dataset])
            rows.append(
                f"| published: {item['system']} ([{item['source']}]({item['url']})) | | not run here | {cells} | |"
            )
    return rows


def _cell(score: float | None) -> str:
    return NONE if score is None else f"{score:.2f}"


def details() -> list[str]:
    """One row per run: dev, macro-F1, strict F1, epochs, wall time, threads."""
    rows = []
    for name in _names():
        for run in records(name):
            dev = " / ".join(NONE if each is None else f"{each:.1f}" for each in _three(run["dev"]))
            test = " / ".join(map(_cell, _three(run["test"])))
            strict = run["test"]["slots_strict"]
            cells = (
                f"{100 * run['test']['intent_macro_f1']:.1f} | {_cell(None if strict is None else 100 * strict['f1'])}"
            )
            minutes = NONE if run["seconds"] is None else f"{run['seconds'] / 60:.0f}"
            how_long = f"{run['epochs']:.0f} | {minutes} | {run['machine']['threads']}"
            rows.append(f"| `{name}` | {run['seed']} | {dev} | {test} | {cells} | {how_long} |")
    return rows


def _names() -> list[str]:
    return [row.name for _, rows in TABLES.values() for row in rows]


def _three(scores: Record) -> list[float | None]:
    return [value(scores, metric) for metric in METRICS]


def machines() -> str:
    """The hardware and versions behind the runs."""
    kept = [run for name in _names() for run in records(name)]
    kept += [json.loads(path.read_text(encoding="utf-8")) for path in RESULTS.glob("classical-*.json")]
    found = {json.dumps({key: text for key, text in run["machine"].items() if key != "threads"}) for run in kept}
    return "\n".join(
        "- " + ", ".join(f"{key} {text}" for key, text in json.loads(item).items()) for item in sorted(found)
    )


def section() -> str:
    """The section's text, with every run."""
    tables, runs = "\n\n".join(map(table, TABLES)), "\n".join(details())
    return f"""\
`python benchmarks/accuracy.py NAME --seeds 13,14,15` trains with each seed, keeps the epoch with the best dev sentence
accuracy, and reads the test split once; a name is a config or a variant of one (its `VARIANTS`). `--classical` runs the
baseline without a network. Intent accuracy, slot F1 (seqeval's default mode over the original tokens; over exact
character spans for the demos) and sentence accuracy in percent: mean ± sample standard deviation over the n seeds, and
in brackets the mean's 95 % interval over seeds (Student's t). It tells what other seeds could have given, not what
other test utterances could; for that, `jointbert evaluate` has bootstrap intervals, some ±2 points of sentence
accuracy at these sizes. A row with one seed says nothing about its spread. Published rows are quoted
(`benchmarks/published.json`).

{tables}

### Every run

| name | seed | dev | test | intent macro-F1 | strict F1 | epochs | minutes | threads |
|---|---|---|---|---|---|---|---|---|
{runs}

Minutes are wall time on a machine that did other work beside, and no measure of speed. Machines and versions:

{machines()}"""


def short() -> str:
    """The README's table."""
    rows = []
    for title, ours in TABLES.values():
        for row in ours:
            if row.in_readme and (runs := records(row.name)):
                cells = [values(runs, metric) for metric in METRICS]
                texts = " | ".join(spread(cell) if cell else NONE for cell in cells)
                rows.append(f"| {title} | {row.model} | {len(runs)} | {texts} |")
    head = "| test set | encoder | seeds | intent | slot F1 | sentence |\n|---|---|---|---|---|---|"
    return "\n".join([head, *rows])
