"""The section of RESULTS.md about ideas, from the kept runs of ideas.py."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

from spread import METRICS, spread, spread_and_interval

RESULTS = Path(__file__).parent / "results"
PLAIN = "plain"
Record = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """Runs that differ in the seed alone.

    Args:
        name: The idea.
        settings: What the runs have of their own beside the group's.
        runs: By seed.
        gains: Of those seeds that plain training had as well: points of sentence accuracy over it.
        is_plain: Whether it is what the others are compared with.
    """

    name: str
    settings: tuple[str, ...]
    runs: list[Record]
    gains: list[float]
    is_plain: bool

    @property
    def gain(self) -> float:
        """The mean of the gains; minus infinity where there is nothing to compare with."""
        return mean(self.gains) if self.gains else float("-inf")


def groups(results: Path = RESULTS) -> list[list[Record]]:
    """The kept runs, those together that may be compared: of one config, share of the data, and kind of machine."""
    found: dict[tuple[str, float, str], list[Record]] = {}
    for path in sorted((results / "ideas").glob("*.json")):
        run = json.loads(path.read_text(encoding="utf-8"))
        found.setdefault((run["config"], run["share"], run["machine"]["hardware"]), []).append(run)
    return list(found.values())


def section(results: Path = RESULTS) -> str:
    """The section's text."""
    found = groups(results)
    if not found:
        return "Not run."
    about = """\
`python benchmarks/ideas.py CONFIG`: the config as it stands (`plain`), and with one change at a time; scores on dev of
the epoch with the best sentence accuracy, in percent, mean ± sample standard deviation over the seeds. Test is never
read. A row may have settings of its own beside those above its table. The last column is what it gains in sentence
accuracy over the first row, `plain` with the fewest settings of its own, with the same seeds, and the 95 % interval
over seeds (Student's t): an interval that holds 0 is no evidence of a gain.

![What each idea gains in sentence accuracy on dev over plain training, a dot a seed](ideas.png)"""
    return "\n\n".join([about, *(f"{heading(runs)}:\n\n{table(runs)}" for runs in found)])


def common(runs: list[Record]) -> list[str]:
    """The settings that all runs share."""
    return [each for each in runs[0]["settings"] if all(each in run["settings"] for run in runs)]


def heading(runs: list[Record]) -> str:
    """What runs are compared within, in words."""
    run, overrides = runs[0], "".join(f", `--set {each}`" for each in common(runs))
    share = "" if run["share"] == 100 else f", {run['share']:g} % of the training data"
    return f"`configs/{run['config']}.yaml`{overrides}{share}, on {run['machine']['hardware']}"


def rows(runs: list[Record]) -> list[Row]:
    """A row for each idea and for each of its own settings: plain training, then what gains most first."""
    shared = common(runs)
    keyed: dict[tuple[str, ...], list[Record]] = {}
    for run in sorted(runs, key=lambda run: int(run["seed"])):
        own = (each for each in run["settings"] if each not in shared)
        keyed.setdefault((run["idea"], *own), []).append(run)
    base = min((key for key in keyed if key[0] == PLAIN), key=len, default=None)
    plain = {run["seed"]: run["dev"][METRICS[-1]] for run in (keyed[base] if base else [])}
    found = []
    for (name, *own), alike in keyed.items():
        gains = [100 * (run["dev"][METRICS[-1]] - plain[run["seed"]]) for run in alike if run["seed"] in plain]
        found.append(Row(name, tuple(own), alike, gains, (name, *own) == base))
    return sorted(found, key=lambda row: (not row.is_plain, -row.gain))


def table(runs: list[Record]) -> str:
    """The rows as a table."""
    lines = ["| idea | seeds | intent | slot F1 | sentence | gain |", "|---|---|---|---|---|---|"]
    for row in rows(runs):
        settings = "".join(f", `--set {each}`" for each in row.settings)
        cells = [f"`{row.name}`: {row.runs[0]['about']}{settings}", ", ".join(str(run["seed"]) for run in row.runs)]
        cells += [spread([100 * run["dev"][metric] for run in row.runs]) for metric in METRICS]
        cells.append(spread_and_interval(row.gains) if row.gains and not row.is_plain else "")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)
