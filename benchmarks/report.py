"""Write benchmarks/RESULTS.md, and the scores in README.md, from the JSON files in benchmarks/results; none is typed.

python benchmarks/report.py
"""

from __future__ import annotations

import json
from pathlib import Path
from statistics import mean
from typing import Any

import app_report
import encoders_report
import label_errors_report
import load_report
import replay_report
import scope_report
import speed_report
from spread import spread

HERE = Path(__file__).parent
METRICS = ("intent_accuracy", "slot_f1", "sentence_accuracy")
Record = dict[str, Any]
MARKERS = ("<!-- scores -->", "<!-- /scores -->")
SPEED_MARKERS = ("<!-- speed -->", "<!-- /speed -->")

ROWS = {
    "atis": ("ATIS", "MiniLM-L6 (22 M)", (97.7, 95.4, 87.2)),
    "atis-gte": ("ATIS", "gte-small (33 M)", (98.0, 95.6, 87.5)),
    "snips": ("SNIPS", "gte-small (33 M)", (98.5, 96.0, 91.0)),
    "cais": ("CAIS", "bge-small-zh (24 M)", (95.2, 88.6, 86.2)),
    "demo-en": ("demo-en", "MiniLM-L6 (22 M)", (93.0, 90.0, 80.0)),
    "demo-zh": ("demo-zh", "4 layers x 256 + CRF, from scratch", (93.0, 90.0, 80.0)),
}
"""Config → dataset, encoder, and what the project set out to reach (intent / slot F1 / sentence accuracy, %)."""

PUBLISHED = """| published (not run here) | ATIS | SNIPS |
|---|---|---|
| JointBERT, BERT-base, 110 M (Chen et al. 2019, arXiv:1902.10909) | 97.5 / 96.1 / 88.2 | 98.6 / 97.0 / 92.8 |
| JointBERT + CRF (same) | 97.9 / 96.0 / 88.6 | 98.4 / 96.7 / 92.6 |

CAIS, published: MLWA 95.2 / 88.6 / 86.2 (without BERT)."""


def records(name: str) -> list[Record]:
    """The runs of a config, in the order of their seeds."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in (HERE / "results").glob(f"{name}-*.json")]
    return sorted((item for item in found if item["config"] == name), key=lambda item: int(item["seed"]))


def value(scores: Record, metric: str) -> float:
    """A score in percent."""
    return 100 * float(scores["slots"]["f1"] if metric == "slot_f1" else scores[metric])


def accuracy_rows() -> list[str]:
    """One row per config that has runs."""
    rows = []
    for name, (dataset, encoder, targets) in ROWS.items():
        runs = records(name)
        if not runs:
            rows.append(f"| {dataset} | {encoder} | `{name}` | not run | | | |")
            continue
        cells = [[value(run["test"], metric) for run in runs] for metric in METRICS]
        verdicts = ["✓" if mean(cell) >= target else "✗" for cell, target in zip(cells, targets, strict=True)]
        aims = " / ".join(f"{target:.1f} {verdict}" for target, verdict in zip(targets, verdicts, strict=True))
        seeds = ", ".join(str(run["seed"]) for run in runs)
        texts = " | ".join(spread(cell) for cell in cells)
        rows.append(f"| {dataset} | {encoder} | `{name}` | {seeds} | {texts} | {aims} |")
    return rows


def details() -> list[str]:
    """One row per run: dev, macro-F1, strict F1, epochs, wall time, machine."""
    rows = []
    for name in ROWS:
        for run in records(name):
            dev = " / ".join(f"{value(run['dev'], metric):.1f}" for metric in METRICS)
            test = " / ".join(f"{value(run['test'], metric):.2f}" for metric in METRICS)
            macro, strict = 100 * run["test"]["intent_macro_f1"], 100 * run["test"]["slots_strict"]["f1"]
            rows.append(
                f"| `{name}` | {run['seed']} | {dev} | {test} | {macro:.1f} | {strict:.2f} | {run['epochs']:.0f} "
                f"| {run['seconds'] / 60:.0f} | {run['machine']['threads']} |"
            )
    return rows


def machines() -> str:
    """The hardware and versions behind the runs."""
    runs = [run for name in ROWS for run in records(name)]
    found = sorted(
        {json.dumps({key: text for key, text in run["machine"].items() if key != "threads"}) for run in runs}
    )
    return "\n".join("- " + ", ".join(f"{key} {text}" for key, text in json.loads(item).items()) for item in found)


def epoch_speed() -> str:
    """The section on the time of an epoch."""
    path = HERE / "results" / "epoch_speed.json"
    if not path.exists():
        return "Not run."
    record = json.loads(path.read_text(encoding="utf-8"))
    rows = []
    for number, item in enumerate(record["rounds"], start=1):
        for kind in ("usual", "ours"):
            timing = item[kind]
            dev = 100 * timing["dev_sentence_accuracy"]
            rows.append(f"| {number} | {kind} | {timing['seconds_per_epoch']:.1f} | {dev:.1f} |")
    table = "\n".join(rows)
    number_format = "bf16" if record["bf16"] else "fp32 (this processor has no fast bf16)"
    return f"""`python benchmarks/epoch_speed.py --epochs {record["epochs"]} --rounds {len(record["rounds"])}`, \
{record["machine"]["hardware"]}, {record["machine"]["threads"]} threads, ours in {number_format}:
**{record["ratio"]}×** faster than the usual way (the project set out for 5×, measured on a processor with AMX).

| round | way | seconds an epoch | dev sentence accuracy |
|---|---|---|---|
{table}

Usual: fp32, every utterance padded to 50 pieces, PyTorch's default AdamW. Both train from the same start with the same
schedule.{_bound(record)}"""


def _bound(record: Record) -> str:
    """What the machine's matrix rate leaves possible."""
    if "bound" not in record:
        return ""
    bound, usual = record["bound"], mean(item["usual"]["seconds_per_epoch"] for item in record["rounds"])
    return f""" What is possible in fp32 on this machine: the encoder's matrix products of one of our epochs
({bound["gflop"]:,} GFLOP, of which {bound["padding_percent"]} % is padding) take {bound["seconds"]} s at the
{bound["gflop_per_s"]} GFLOP/s of its best large product: with nothing else to do, {usual / bound["seconds"]:.1f}×."""


def stream_memory() -> str:
    """The section on memory over a long stream."""
    path = HERE / "results" / "stream_memory.json"
    if not path.exists():
        return "Not run."
    record = json.loads(path.read_text(encoding="utf-8"))
    rows = "\n".join(f"| {int(lines):,} | {mib} |" for lines, mib in record["mib"].items())
    engine = f" --engine {record['engine']}" if "engine" in record else ""
    return f"""`python benchmarks/stream_memory.py {record["model"]}{engine} --lines {record["lines"]}` (its head says
how the model is made):

| lines parsed | resident memory, MiB |
|---|---|
{rows}"""


def accuracy() -> str:
    """The section on accuracy, with every run."""
    rows, runs = "\n".join(accuracy_rows()), "\n".join(details())
    return f"""\
`python benchmarks/accuracy.py CONFIG --seeds 13,14,15` trains `configs/CONFIG.yaml` with each seed, keeps the epoch
with the best dev sentence accuracy, and reads the test split once. Intent accuracy, slot F1 (seqeval's default mode
over the original tokens; over exact character spans for the demos) and sentence accuracy in percent, mean ± sample
standard deviation over the seeds. A row with one seed says nothing about its spread.

| data | encoder | config | seeds | intent | slot F1 | sentence | aimed at |
|---|---|---|---|---|---|---|---|
{rows}

{PUBLISHED}

### Every run

| config | seed | dev | test | intent macro-F1 | strict F1 | epochs | minutes | threads |
|---|---|---|---|---|---|---|---|---|
{runs}

Minutes are wall time on a machine that did other work beside, and no measure of speed. Machines and versions:

{machines()}"""


def results() -> str:
    """The text of RESULTS.md."""
    return f"""# Results

Generated by `python benchmarks/report.py` from the JSON files in `benchmarks/results/`; do not edit.

## Accuracy

{accuracy()}

## Encoders

{encoders_report.section(HERE / "results")}

### How an encoder's pretraining starts

{encoders_report.starts(HERE / "results")}

## Out of scope

{scope_report.section()}

## Label errors

{label_errors_report.section()}

## Parsing speed

{speed_report.section()}

## The server under load

{load_report.section()}

## Training speed

{epoch_speed()}

## What the annotation queue saves

{replay_report.section()}

## Memory of a long parse

{stream_memory()}

## The app on 50,000 utterances

{app_report.section()}
"""


def readme(text: str) -> str:
    """The README with what stands between its markers made anew: the scores, and the speed."""
    rows = []
    for name, (dataset, encoder, _) in ROWS.items():
        if runs := records(name):
            cells = " | ".join(spread([value(run["test"], metric) for run in runs]) for metric in METRICS)
            rows.append(f"| {dataset} | {encoder} | {len(runs)} | {cells} |")
    table = "\n".join(
        ["| test set | encoder | seeds | intent | slot F1 | sentence |", "|---|---|---|---|---|---|", *rows]
    )
    return between(between(text, MARKERS, table), SPEED_MARKERS, speed_report.short())


def between(text: str, markers: tuple[str, str], made: str) -> str:
    """The text with what stands between two markers replaced; a text without them stays as it is."""
    before, opening, rest = text.partition(markers[0])
    _, closing, after = rest.partition(markers[1])
    return f"{before}{opening}\n{made}\n{closing}{after}" if closing else text


def main() -> None:
    """Write RESULTS.md with its picture, and the README's table."""
    (HERE / "RESULTS.md").write_text(results(), encoding="utf-8")
    replay_report.draw()
    page = HERE.parent / "README.md"
    page.write_text(readme(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
