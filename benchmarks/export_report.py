"""The ways of exporting as a table, for docs/export.md."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

PATH = Path(__file__).parent / "results" / "export_variants.json"
SIZES = ("1 x 16", "32 x 16")
CHANGES = ("intent_accuracy", "slot_f1", "sentence_accuracy")


def table(path: Path = PATH) -> str:
    """A row for each graph: its size, its times, how often it parses alike, and what it does to the scores."""
    if not path.exists():
        return "Not run."
    record = json.loads(path.read_text(encoding="utf-8"))
    columns = ["graph", "MB", *(f"{size} pieces, ms" for size in SIZES), "same parses", "intent", "slot F1", "sentence"]
    head = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    where = f"{record['machine']['hardware']}; {record['utterances']:,} utterances, one thread."
    return "\n".join([*head, *(_row(row) for row in record["rows"]), "", where])


def _row(row: dict[str, Any]) -> str:
    times = [f"{row['ms'][size]:.1f}" for size in SIZES]
    changes = [f"{row['changes'][name]:+.2f}" for name in CHANGES]
    same = f"{100 * row['identical']:.1f} %"
    return "| " + " | ".join([row["name"], f"{row['mb']:.1f}", *times, same, *changes]) + " |"
