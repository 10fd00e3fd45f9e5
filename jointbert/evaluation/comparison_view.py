"""A comparison on a terminal: the scores side by side, what broke first, the verdict. User text is never markup."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from jointbert.evaluation.comparison import KINDS, Comparison, Contest
from jointbert.evaluation.difference import Difference, Frame
from jointbert.evaluation.golden import Golden
from jointbert.evaluation.render import percent
from jointbert.evaluation.room import Fitting
from jointbert.evaluation.significance import Interval
from jointbert.visible import visible

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

SHOW = 20
"""How many differences are listed where nobody says."""
TITLE = "A against B (95 % intervals; B - A in points)"
COLUMNS = ("A", "B", "B - A", "p", "Holm")
STYLES = {"broken": "red", "fixed": "green", "changed": "yellow", "wrong": "yellow"}


def points(change: float) -> str:
    """A difference of two rates in percentage points, with its sign.

    Example:
        >>> points(0.0131), points(-0.002), points(0.0)
        ('+1.3', '-0.2', '0.0')
    """
    shown = f"{100 * change:+.1f}"
    return "0.0" if shown in ("+0.0", "-0.0") else shown


def probability(p: float) -> str:
    """A p-value as it is quoted.

    Example:
        >>> probability(0.0912), probability(0.00004), probability(1.0)
        ('p = 0.09', 'p < 0.001', 'p = 1.00')
    """
    if p < 0.001:
        return "p < 0.001"
    return f"p = {p:.2f}" if p >= 0.06 else f"p = {p:.3f}"


def claim(contest: Contest) -> str:
    """One contest in words: the change, its interval and its corrected p-value.

    Example:
        >>> still = Interval(0.9, 0.8, 1.0)
        >>> claim(Contest("slot F1", still, still, Interval(0.013, -0.002, 0.028), "paired permutation", 0.03, 0.09))
        'slot F1 +1.3 points (95 % interval -0.2 to +2.8, p = 0.09)'
    """
    change = contest.change
    spread = f"{100 * change.level:.0f} % interval {points(change.low)} to {points(change.high)}"
    return f"{contest.score} {points(change.value)} points ({spread}, {probability(contest.p_holm)})"


def verdict_line(comparison: Comparison) -> str:
    """What came of the comparison, in one sentence."""
    if comparison.verdict == "no significant difference":
        return f"No significant difference between A and B: {claim(comparison.contests[-1])}."
    worse = [claim(contest) for contest in comparison.significant if contest.change.value < 0]
    better = [claim(contest) for contest in comparison.significant if contest.change.value > 0]
    if not worse:
        return f"B is better: {'; '.join(better)}."
    return f"B is worse: {'; '.join(worse)}" + (f"; though better in {'; '.join(better)}." if better else ".")


def render_comparison(comparison: Comparison, show: int = SHOW, console: Console | None = None) -> None:
    """Print the scores of both, the differences, the notes and the verdict.

    Args:
        comparison: What :func:`jointbert.evaluation.comparison.compare` gave.
        show: How many differences to list at most, the broken ones first; 0 for none.
        console: Where to print; by default standard output.
    """
    from rich.console import Console
    from rich.text import Text

    console = console or Console()
    console.print(Fitting(_table(comparison), _narrow_table(comparison)))
    tests = "; ".join(f"{contest.score} by {contest.test}" for contest in comparison.contests)
    console.print(Text(f"Tests: {tests}; p corrected by Holm.", style="dim"))
    counts = ", ".join(f"{comparison.count(kind)} {kind}" for kind in KINDS)
    console.print(Text(f"{comparison.a.utterances} utterances; slots over {comparison.a.units}; {counts}."))
    render_differences(comparison.differences, show, console)
    render_notes(comparison.notes, console)
    console.print(Text(verdict_line(comparison), style="bold"))


def render_golden(golden: Golden, show: int, console: Console) -> None:
    """Print how many golden utterances B gets right, the first of the others, and the notes."""
    from rich.text import Text

    right = golden.utterances - len(golden.failures)
    console.print(Text(f"Golden: B gets {right} of {golden.utterances} right.", style="bold"))
    render_differences(golden.failures, show, console)
    render_notes(golden.notes, console)


def render_differences(differences: Sequence[Difference], show: int, console: Console) -> None:
    """Print the first differences, each with what is right and what the models understood."""
    from rich.text import Text

    for found in differences[:show]:
        console.print(_block(found))
    if 0 < show < len(differences):
        console.print(Text(f"... and {len(differences) - show} more; --show lists more, --json writes all."))


def render_notes(notes: Sequence[str], console: Console) -> None:
    """Print each note on a line of its own."""
    from rich.text import Text

    for note in notes:
        console.print(Text(f"Note: {visible(note)}", style="yellow"))


def _table(comparison: Comparison) -> Table:
    """All columns, within a frame."""
    from rich.table import Table

    return _filled(Table(title=TITLE, title_justify="left"), comparison, COLUMNS)


def _narrow_table(comparison: Comparison) -> Table:
    """For 80 columns: no frame, and of the p-values that which the verdict goes by."""
    from rich.box import SIMPLE
    from rich.table import Table

    table = Table(title=TITLE, title_justify="left", box=SIMPLE, padding=(0, 1, 0, 0))
    return _filled(table, comparison, [column for column in COLUMNS if column != "p"])


def _filled(table: Table, comparison: Comparison, columns: Sequence[str]) -> Table:
    """The table with these columns and a row for each score."""
    from rich.text import Text

    table.add_column("", no_wrap=True)
    for column in columns:
        table.add_column(column, justify="right", no_wrap=True)
    for contest in comparison.contests:
        cells = {"A": _shown(contest.a), "B": _shown(contest.b), "B - A": _moved(contest.change)}
        cells |= {"p": _brief(contest.p), "Holm": _brief(contest.p_holm)}
        style = "" if contest not in comparison.significant else "green" if contest.change.value > 0 else "red"
        table.add_row(Text(contest.score), *(Text(cells[column]) for column in columns), style=style)
    return table


def _brief(p: float) -> str:
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def _shown(interval: Interval) -> str:
    return f"{percent(interval.value)}\n{percent(interval.low)} to {percent(interval.high)}"


def _moved(change: Interval) -> str:
    return f"{points(change.value)}\n{points(change.low)} to {points(change.high)}"


def _block(found: Difference) -> Text:
    """One utterance; of two equal frames only the first is shown."""
    from rich.text import Text

    text = Text(f"{found.kind:<8}", style=STYLES[found.kind], overflow="fold")
    text.append(f"{visible(found.where)}: " if found.where else "", style="dim")
    text.append(visible(found.text), style="bold")
    rows = {"broken": ("A, gold", "B"), "fixed": ("B, gold", "A"), "wrong": ("gold", "A, B")}
    frames = {"gold": found.gold, "A": found.a, "B": found.b}
    for names in rows.get(found.kind, ("gold", "A", "B")):
        text.append(f"\n  {names:<8}{_line(frames[names.split(', ')[-1]])}", style="none")
    return text


def _line(frame: Frame) -> str:
    r"""A frame on one line.

    Example:
        >>> from jointbert.utterance import Span
        >>> _line(Frame("go", (Span.of("to rome", "city", 3, 7),)))
        'go | city: rome'
        >>> _line(Frame("go", (), in_scope=False))
        'go (out of scope)'
    """
    intent = (frame.intent or "(no intent)") + (" (out of scope)" if frame.in_scope is False else "")
    return visible(" | ".join((intent, *(f"{span.slot}: {span.value}" for span in frame.spans))))
