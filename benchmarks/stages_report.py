"""What each stage gave the encoders that come with the package, as a table for docs/pretraining.md.

``results/encoder_stages.json`` holds what the stages' own ``pretraining.json`` and ``distillation.json`` said.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

PATH = Path(__file__).parent / "results" / "encoder_stages.json"
Record = dict[str, Any]
ROWS: dict[str, tuple[str, Callable[[float], str]]] = {
    "MLM perplexity": ("mlm_perplexity", lambda value: f"{value:.1f}"),
    "MLM accuracy, %": ("mlm_accuracy", lambda value: f"{100 * value:.1f}"),
    "NSP accuracy, %": ("nsp_accuracy", lambda value: f"{100 * value:.1f}"),
    "texts that the teacher read": ("texts_read", lambda value: f"{value:,}"),
    "steps": ("steps", lambda value: f"{value:,}"),
    "minutes of one CPU core, shared with other work": ("seconds", lambda value: f"{value / 60:.0f}"),
}


def table() -> str:
    """A column for each stage of each encoder."""
    encoders: dict[str, list[Record]] = json.loads(PATH.read_text(encoding="utf-8"))
    stages = [stage for rows in encoders.values() for stage in rows]
    names = [
        stage["stage"] if place else f"{name}: {stage['stage']}"
        for name, rows in encoders.items()
        for place, stage in enumerate(rows)
    ]
    lines = [_line("held-out documents", names), "|---" * (len(names) + 1) + "|"]
    for said, (key, shown) in ROWS.items():
        lines.append(_line(said, ["" if stage.get(key) is None else shown(stage[key]) for stage in stages]))
    return "\n".join(lines)


def _line(first: str, cells: list[str]) -> str:
    return f"| {first} | {' | '.join(cells)} |"
