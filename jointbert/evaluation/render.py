"""Scores and confusions as tables on a terminal. What users wrote is shown as typed, never read as markup."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from jointbert.evaluation.confusion import Confusion, Example
from jointbert.evaluation.intervals import Score
from jointbert.evaluation.score import LabelScores, Scores
from jointbert.evaluation.significance import Interval
from jointbert.visible import visible

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

WIDE = 100
"""From this many columns on the slots have bars."""
BAR = 20
NOTHING = "-"
NO_INTERVALS: Mapping[Score, Interval] = {}


def percent(rate: float | None) -> str:
    """A rate from 0 to 1 in percent with one decimal, or ``-`` for None.

    Example:
        >>> percent(0.9774), percent(None)
        ('97.7', '-')
    """
    return NOTHING if rate is None else f"{100 * rate:.1f}"


def headline(scores: Scores, intervals: Mapping[Score, Interval] = NO_INTERVALS) -> str:
    """The three numbers that the literature quotes, in percent, on one line, each with its interval if that is given.

    Args:
        scores: What :func:`jointbert.evaluation.score.evaluate` gave.
        intervals: What :func:`jointbert.evaluation.intervals.score_intervals` gave for the same parses.

    Example:
        >>> from jointbert.evaluation.score import Rates
        >>> rates = Rates(0.95, 0.958, 0.954)
        >>> headline(Scores(893, "tokens", 0.977, 0.9, rates, rates, 0.872))
        'intent 97.7 | slot F1 95.4 | sentence 87.2'
        >>> found = {"sentence accuracy": Interval(0.872, 0.85, 0.893)}
        >>> headline(Scores(893, "tokens", None, None, None, None, 0.872), found)
        'intent - | slot F1 - | sentence 87.2 [85.0, 89.3] (95 % intervals)'
    """
    line = " | ".join(
        (
            f"intent {percent(scores.intent_accuracy)}{_between(intervals.get('intent accuracy'))}",
            f"slot F1 {percent(scores.slot_f1)}{_between(intervals.get('slot F1'))}",
            f"sentence {percent(scores.sentence_accuracy)}{_between(intervals.get('sentence accuracy'))}",
        )
    )
    levels = {each.level for each in intervals.values()}
    return line + "".join(f" ({100 * level:.0f} % intervals)" for level in levels)


def _between(interval: Interval | None) -> str:
    return "" if interval is None else f" [{percent(interval.low)}, {percent(interval.high)}]"


def render(
    scores: Scores,
    intent_confusions: Sequence[Confusion] = (),
    slot_confusions: Sequence[Confusion] = (),
    console: Console | None = None,
    intervals: Mapping[Score, Interval] = NO_INTERVALS,
) -> None:
    """Print the headline, a row per intent and per slot, the worst confusions with their utterances, and the notes.

    Args:
        scores: What :func:`jointbert.evaluation.score.evaluate` gave.
        intent_confusions: What is to be shown of them, most frequent first.
        slot_confusions: Likewise.
        console: Where to print; by default standard output.
        intervals: Those of the headline; none by default.
    """
    from rich.console import Console
    from rich.text import Text

    console = console or Console()
    console.print(Text(headline(scores, intervals), style="bold"))
    console.print(Text(f"{scores.utterances} utterances; slots over {scores.units}. {_details(scores)}"))
    bars = _block(console) if console.width >= WIDE else None
    tables = (
        _score_table("intent", scores.per_intent, None),
        _score_table("slot", scores.per_slot, bars),
        _confusion_table("Intents confused", intent_confusions),
        _confusion_table("Slots confused", slot_confusions),
    )
    for table in tables:
        if table.row_count:
            console.print()
            console.print(table)
    for note in scores.notes:
        console.print(Text(f"Note: {note}", style="yellow"))


def _details(scores: Scores) -> str:
    """The numbers beside the headline, as far as there are any."""
    details = []
    if scores.intent_macro_f1 is not None:
        details.append(f"Intent macro-F1 {percent(scores.intent_macro_f1)}.")
    if scores.slots is not None:
        precision, recall = percent(scores.slots.precision), percent(scores.slots.recall)
        details.append(
            f"Slot precision {precision}, recall {recall}; F1 in strict mode {percent(scores.slot_f1_strict)}."
        )
    return " ".join(details)


def _block(console: Console) -> str:
    return "█" if (console.encoding or "").lower().startswith("utf") else "#"


def _score_table(kind: str, rows: Sequence[LabelScores], block: str | None) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(kind, title=f"Per {kind}", title_justify="left")
    for column in ("support", "precision", "recall", "F1"):
        table.add_column(column, justify="right")
    if block:
        table.add_column("", width=BAR, no_wrap=True)
    for row in rows:
        cells = [Text(visible(row.name), overflow="fold"), Text(str(row.support))]
        cells += [Text(percent(rate)) for rate in (row.precision, row.recall, row.f1)]
        if block:
            cells.append(Text(block * round(BAR * row.f1)))
        table.add_row(*cells)
    return table


def _confusion_table(title: str, confusions: Sequence[Confusion]) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table("gold", "predicted", title=title, title_justify="left", show_lines=True)
    table.add_column("count", justify="right")
    table.add_column("utterances", ratio=1)
    for found in confusions:
        gold, predicted = (Text(visible(name or ""), overflow="fold") for name in (found.gold, found.predicted))
        if found.kind == "boundary":
            predicted.append(" (other place)", style="dim")
        elif found.predicted is None:
            predicted.append("(missed)" if found.kind == "missed" else "(none)", style="dim")
        elif found.gold is None:
            gold.append("(spurious)", style="dim")
        examples = Text("\n", overflow="fold").join(Text(f"- {_line(example)}") for example in found.examples)
        table.add_row(gold, predicted, Text(str(found.count)), examples)
    return table


def _line(example: Example) -> str:
    """One utterance with its place and, for a slot, with what was right and what was predicted."""
    where = f"{visible(example.where)}: " if example.where else ""
    values = [
        f"{side} {value!r}"
        for side, value in (("gold", example.gold), ("predicted", example.predicted))
        if value is not None
    ]
    return f"{where}{visible(example.text)}" + visible(f"  ({', '.join(values)})" if values else "")
