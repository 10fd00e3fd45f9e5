"""How data, its statistics and its problems look on a terminal; user text is never markup and never steers it."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from jointbert.data.problem import Problem
from jointbert.visible import visible

if TYPE_CHECKING:
    from jointbert.data.stats import Statistics

_STYLES = {"error": "bold red", "warning": "yellow", "info": "cyan"}
_ROWS = 40


def console(stderr: bool = False) -> Console:
    """A console that takes every text as it stands."""
    return Console(stderr=stderr, markup=False, highlight=False, emoji=False, soft_wrap=True)


def as_json(value: object) -> str:
    """The value as JSON in ASCII, which nothing can garble and no terminal obeys."""
    return json.dumps(value, indent=1)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """A table; numbers stand to the right, and no text is cut. Without names of columns it has no head."""
    cells = [list(row) for row in rows]
    made = Table(title=Text(title), title_justify="left", title_style="bold", show_header=any(columns))
    for index, column in enumerate(columns):
        numeric = bool(cells) and all(isinstance(row[index], int) for row in cells)
        made.add_column(Text(column), justify="right" if numeric else "left", overflow="fold")
    for row in cells:
        made.add_row(*(Text(visible(str(cell))) for cell in row))
    return made


def show_statistics(out: Console, splits: Mapping[str, Statistics]) -> None:
    """Print the sizes and lengths of splits, then their intents and slots side by side."""
    names = list(splits)
    rows = []
    for name, found in splits.items():
        numbers = found.to_dict()
        lengths = [" / ".join(str(number) for number in numbers[unit].values()) for unit in ("words", "characters")]
        rows.append([name, found.utterances, len(found.intents), len(found.slots), *lengths])
    heads = ["split", "utterances", "intents", "slots", "words (min / median / 90 % / 99 % / max)", "characters"]
    out.print(table("utterances", heads, rows))
    intents = _order({name: found.intents for name, found in splits.items()})
    counts = [[intent, *(splits[name].intents.get(intent, 0) for name in names)] for intent in intents]
    _long_table(out, f"{len(intents)} intents, in utterances", ["intent", *names], counts)
    slots = _order({name: {slot: c.spans for slot, c in found.slots.items()} for name, found in splits.items()})
    _long_table(
        out, f"{len(slots)} slots, in spans", ["slot", *_slot_heads(names)], [_slot(slot, splits) for slot in slots]
    )


def _slot_heads(names: Sequence[str]) -> list[str]:
    return [head for name in names for head in (name, "distinct")]


def _slot(slot: str, splits: Mapping[str, Statistics]) -> list[object]:
    row: list[object] = [slot]
    for found in splits.values():
        count = found.slots.get(slot)
        row += [count.spans, count.values] if count else [0, 0]
    return row


def _order(counts: Mapping[str, Mapping[str, int]]) -> list[str]:
    """The names of all splits, the commonest first."""
    total: Counter[str] = Counter()
    for split in counts.values():
        total.update(split)
    return [name for name, _ in sorted(total.items(), key=lambda item: (-item[1], item[0]))]


def _long_table(out: Console, title: str, columns: Sequence[str], rows: list[list[object]]) -> None:
    if rows:
        out.print(table(title, columns, rows[:_ROWS]))
    if len(rows) > _ROWS:
        out.print(f"… and {len(rows) - _ROWS} more; --json lists them all")


def show_problems(out: Console, problems: Sequence[Problem], most: int) -> None:
    """Print problems, the gravest rule first, at most so many of each rule (0: all), and count them."""
    groups: dict[tuple[str, str], list[Problem]] = defaultdict(list)
    for problem in problems:
        groups[problem.severity, problem.rule].append(problem)
    gravity = list(_STYLES)
    ordered = sorted(groups.items(), key=lambda item: (gravity.index(item[0][0]), item[0][1]))
    for (severity, rule), group in ordered:
        out.print(Text.assemble((severity, _STYLES[severity]), " ", (rule, "bold"), f" ({len(group)})"))
        _show_group(out, group, most or len(group))
    if ordered:
        rows = [[rule, severity, len(group)] for (severity, rule), group in ordered]
        out.print(table("findings", ["rule", "severity", "count"], rows))
    counts = Counter(problem.severity for problem in problems)
    out.print(f"{counts['error']} errors, {counts['warning']} warnings, {counts['info']} infos")


def _show_group(out: Console, group: Sequence[Problem], most: int) -> None:
    """Print the first findings of a rule; advice that repeats the line before is not said again."""
    said = ""
    for problem in group[:most]:
        out.print(Text.assemble("  ", (visible(problem.where), "dim"), " ", visible(problem.message)))
        if problem.suggestion and problem.suggestion != said:
            out.print(Text(f"      → {visible(problem.suggestion)}"))
            said = problem.suggestion
    if len(group) > most:
        out.print(f"  … and {len(group) - most} more (--show 0 lists them all)")
