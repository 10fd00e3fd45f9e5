"""The section of RESULTS.md about ideas, from the kept runs of ideas.py."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from spread import spread, spread_and_interval

RESULTS = Path(__file__).parent / "results"
PLAIN = "plain"
Record = dict[str, Any]


def section(results: Path = RESULTS) -> str:
    """The section's text."""
    runs = [json.loads(path.read_text(encoding="utf-8")) for path in sorted((results / "ideas").glob("*.json"))]
    if not runs:
        return "Not run."
    about = """\
`python benchmarks/ideas.py CONFIG`: the config as it stands (`plain`), and with one change at a time; scores on dev of
the epoch with the best sentence accuracy, in percent, mean ± sample standard deviation over the seeds. Test is never
read. A row may have settings of its own beside those above its table. The last column is what it gains in sentence
accuracy over the first row, `plain` with the fewest settings of its own, with the same seeds, and the 95 % interval
over seeds (Student's t): an interval that holds 0 is no evidence of a gain."""
    groups: dict[tuple[str, float, str], list[Record]] = {}
    for run in runs:
        groups.setdefault((run["config"], run["share"], run["machine"]["hardware"]), []).append(run)
    return "\n\n".join([about, *(f"{heading(found)}:\n\n{table(found)}" for found in groups.values())])


def common(runs: list[Record]) -> list[str]:
    """The settings that all runs share."""
    return [each for each in runs[0]["settings"] if all(each in run["settings"] for run in runs)]


def heading(runs: list[Record]) -> str:
    """What runs are compared within, in words."""
    run, overrides = runs[0], "".join(f", `--set {each}`" for each in common(runs))
    share = "" if run["share"] == 100 else f", {run['share']:g} % of the training data"
    return f"`configs/{run['config']}.yaml`{overrides}{share}, on {run['machine']['hardware']}"


def table(runs: list[Record]) -> str:
    """A row for each idea and for each of its own settings, the one that gains most first."""
    shared = common(runs)
    rows: dict[tuple[str, ...], list[Record]] = {}
    for run in sorted(runs, key=lambda run: int(run["seed"])):
        own = (each for each in run["settings"] if each not in shared)
        rows.setdefault((run["idea"], *own), []).append(run)
    base = min((key for key in rows if key[0] == PLAIN), key=len, default=None)
    plain = {run["seed"]: run["dev"]["sentence_accuracy"] for run in (rows[base] if base else [])}
    lines = []
    for (name, *own), found in rows.items():
        gains = [100 * (r["dev"]["sentence_accuracy"] - plain[r["seed"]]) for r in found if r["seed"] in plain]
        settings = "".join(f", `--set {each}`" for each in own)
        cells = [f"`{name}`: {found[0]['about']}{settings}", ", ".join(str(run["seed"]) for run in found)]
        for metric in ("intent_accuracy", "slot_f1", "sentence_accuracy"):
            cells.append(spread([100 * run["dev"][metric] for run in found]))
        compared = (name, *own) != base
        cells.append(spread_and_interval(gains) if compared and gains else "")
        best = sum(gains) / len(gains) if gains else float("-inf")
        lines.append((compared, -best, f"| {' | '.join(cells)} |"))
    head = "| idea | seeds | intent | slot F1 | sentence | gain |\n|---|---|---|---|---|---|"
    return "\n".join([head, *(line for *_, line in sorted(lines))])
