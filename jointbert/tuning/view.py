"""What a search found, on a terminal: a table of what changed, and what the figures are worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jointbert.evaluation.comparison_view import points
from jointbert.evaluation.render import percent
from jointbert.tuning.files import train_command, written
from jointbert.tuning.result import Tuned
from jointbert.visible import visible

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table


def statement(tuned: Tuned) -> tuple[str, ...]:
    """What came of the search, a sentence or two each; honest about what a dev score is worth after it."""
    best, states = tuned.best, [trial.state for trial in tuned.done]
    unit = f"one dev utterance is {100 / tuned.judged:.1f} points"
    if best.is_start:
        first = f"No trial did better on dev than the config itself ({unit})."
    else:
        more = round(tuned.gain * tuned.judged)
        first = f"Trial {best.number} gains {points(tuned.gain)} points: {more} more of {tuned.judged} dev utterances "
        first += f"right as a whole ({unit})."
    aside = f", {states.count('pruned')} given up early" if "pruned" in states else ""
    aside += f", {states.count('failed')} failed" if "failed" in states else ""
    trials = f"{len(states)} trials{aside}" if len(states) > 1 else "1 trial"
    honest = (
        f"Dev was scored {tuned.looks} times ({trials}) and the best is shown, all with one seed: its dev score is "
        "optimistic. For a figure to quote, train it and score the test set once: jointbert evaluate."
    )
    return first, honest, f"Next: {visible(train_command(tuned))}"


def render_tuned(tuned: Tuned, console: Console | None = None) -> None:
    """Print the start beside the best trial, and what they are worth.

    Args:
        tuned: What a search found.
        console: Where to print; by default standard output.
    """
    from rich.console import Console
    from rich.text import Text

    console = console or Console()
    console.print(_table(tuned))
    for line in statement(tuned):
        console.print(Text(line), soft_wrap=True)


def _table(tuned: Tuned) -> Table:
    """The scores and every key of the space, those that differ first."""
    from rich.table import Table
    from rich.text import Text

    start, best = tuned.start, tuned.best
    table = Table()
    table.add_column("", overflow="fold")
    table.add_column(f"start (trial {start.number})", justify="right", overflow="fold")
    table.add_column(f"best (trial {best.number})", justify="right", overflow="fold")
    table.add_row("dev sentence accuracy", percent(start.score), percent(best.score), style="bold")
    table.add_row("epochs seen", str(start.epochs), str(best.epochs), end_section=True)
    for key in sorted(start.settings, key=lambda key: start.settings[key] == best.settings[key]):
        before, after = start.settings[key], best.settings[key]
        after_it = "=" if before == after else visible(written(after))
        table.add_row(Text(key), Text(visible(written(before))), Text(after_it))
    return table
