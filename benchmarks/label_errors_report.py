"""The section of RESULTS.md on label errors, from results/label_errors-*.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mark import mark

RESULTS = Path(__file__).parent / "results"
AIM = 70.0
"""Of the planted errors, in percent, that the project set out to have within the first 10 % of SNIPS."""
SHARES = ("0.05", "0.10", "0.20")
Record = dict[str, Any]


def section(results: Path = RESULTS) -> str:
    """The section's text."""
    kept = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(results.glob("label_errors-*.json"))]
    if not kept:
        return "Not run."
    about = """\
`python benchmarks/label_errors.py CONFIG`: one label of some train utterances is spoilt on purpose, half of them by
another intent, the rest by thirds by another slot, a dropped span, an edge moved by a token. The package's own
cross-validation parses each utterance by a model that did not see it, and `jointbert.evaluation.doubt.rank_labels`
puts the most suspicious first, as `jointbert cv`, the report and the app do. Shares of the planted errors within the
first 5, 10 and 20 % of that list, and its average precision (for one kind: without the errors of other kinds), in
percent. Errors that the data had before count as right."""
    return "\n\n".join([about, *map(table, kept)])


def table(record: Record) -> str:
    """One dataset: its settings, a row per kind, and whether the aim is reached."""
    rows = [_row(kind, found) for kind, found in record["found"].items()]
    head = "| kind | planted | first 5 % | first 10 % | first 20 % | average precision |\n|---|---|---|---|---|---|"
    return "\n\n".join([_about(record), "\n".join([head, *rows]), _verdict(record)])


def _about(record: Record) -> str:
    overrides = "".join(f", `--set {each}`" for each in record["overrides"])
    machine = ", ".join(f"{key} {text}" for key, text in record["machine"].items())
    note = f" ({record['note']})" if "note" in record else ""
    accuracy = record["out_of_fold_sentence_accuracy"]
    sentence = "" if accuracy is None else f", out-of-fold sentence accuracy {100 * accuracy:.1f} against spoilt labels"
    return (
        f"`configs/{record['config']}.yaml`{overrides}{note}: {100 * record['share']:.0f} % of "
        f"{record['utterances']:,} utterances spoilt, {record['folds']} folds, "
        f"seed {record['seed']}{sentence}; {machine}."
    )


def _row(kind: str, found: Record) -> str:
    cells = " | ".join(f"{100 * found['recall'][share]:.1f}" for share in SHARES)
    return f"| {kind} | {found['planted']:,} | {cells} | {100 * found['average_precision']:.1f} |"


def _verdict(record: Record) -> str:
    listed, planted = record["doubtful"]["listed"], record["doubtful"]["planted"]
    text = (
        f"The list that a user gets holds {listed:,} utterances ({100 * listed / record['utterances']:.1f} %), "
        f"{planted:,} of the planted ones among them."
    )
    if record["config"] == "snips":
        reached = 100 * record["found"]["all"]["recall"]["0.10"]
        text += f" Aimed at: {AIM:.0f} % within the first 10 % {mark(reached >= AIM)}"
    return text
