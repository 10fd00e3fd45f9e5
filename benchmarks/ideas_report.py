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
read. The last column is what an idea gains in sentence accuracy over `plain` with the same seeds, and its 95 %
interval over seeds (Student's t): an interval that holds 0 is no evidence of a gain."""
    groups: dict[str, list[Record]] = {}
    for run in runs:
        groups.setdefault(group(run), []).append(run)
    return "\n\n".join([about, *(f"{name}:\n\n{table(found)}" for name, found in groups.items())])


def group(run: Record) -> str:
    """What a run is compared within, in words."""
    overrides = "".join(f", `--set {each}`" for each in run["settings"])
    share = "" if run["share"] == 100 else f", {run['share']:g} % of the training data"
    return f"`configs/{run['config']}.yaml`{overrides}{share}, on {run['machine']['hardware']}"


def table(runs: list[Record]) -> str:
    """A row for each idea, the one that gains most first."""
    plain = {run["seed"]: run["dev"]["sentence_accuracy"] for run in runs if run["idea"] == PLAIN}
    rows = {}
    for name in dict.fromkeys(run["idea"] for run in runs):
        found = sorted((run for run in runs if run["idea"] == name), key=lambda run: int(run["seed"]))
        gains = [100 * (r["dev"]["sentence_accuracy"] - plain[r["seed"]]) for r in found if r["seed"] in plain]
        cells = [f"`{name}`: {found[0]['about']}", ", ".join(str(run["seed"]) for run in found)]
        for metric in ("intent_accuracy", "slot_f1", "sentence_accuracy"):
            cells.append(spread([100 * run["dev"][metric] for run in found]))
        cells.append("" if name == PLAIN or not gains else spread_and_interval(gains))
        best = sum(gains) / len(gains) if gains else float("-inf")
        rows[name] = (name != PLAIN, -best, f"| {' | '.join(cells)} |")
    head = "| idea | seeds | intent | slot F1 | sentence | gain |\n|---|---|---|---|---|---|"
    return "\n".join([head, *(line for *_, line in sorted(rows.values()))])
