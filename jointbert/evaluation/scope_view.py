"""What is told of scope, for a terminal: scorers side by side as a table, two models side by side as a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from jointbert.evaluation.render import percent
from jointbert.evaluation.room import Fitting
from jointbert.evaluation.scope import ScopeScores

if TYPE_CHECKING:
    from rich.table import Table

COLUMNS = {
    "AUROC": "auroc",
    "FPR95": "fpr95",
    "AUPR": "aupr",
    "in-scope acc.": "accuracy",
    "kept": "kept",
    "oos recall": "recall",
    "oos precision": "precision",
}
"""What a column is called, and the score of :class:`~jointbert.evaluation.scope.ScopeScores` that it shows."""
NARROW = {
    "AUROC": "auroc",
    "FPR95": "fpr95",
    "in-scope\nacc.": "accuracy",
    "kept": "kept",
    "oos\nrecall": "recall",
    "oos\nprec.": "precision",
}
"""Likewise for 80 columns."""


def scope_table(title: str, scores: Sequence[Mapping[str, Any]], taken: str | None = None) -> Fitting:
    """A row for each scorer, in percent; on a narrow terminal without AUPR.

    Args:
        title: What stands over it.
        scores: What :meth:`jointbert.evaluation.scope.ScopeScores.to_dict` gave.
        taken: The scorer that is marked, or None.
    """
    counts = f"{scores[0]['inside']} utterances in scope, {scores[0]['outside']} out of scope"
    wide, narrow = (_table(f"{title}: {counts}", scores, taken, columns) for columns in (COLUMNS, NARROW))
    return Fitting(wide, narrow)


def _table(title: str, scores: Sequence[Mapping[str, Any]], taken: str | None, columns: Mapping[str, str]) -> Table:
    from rich.box import SIMPLE
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE, padding=(0, 1, 0, 0), title=title, title_justify="left")
    table.add_column("scorer", no_wrap=True)
    for column in (*columns, "threshold"):
        table.add_column(column, justify="right", no_wrap=True)
    for row in scores:
        name = Text(f"{row['scorer']} *" if row["scorer"] == taken else str(row["scorer"]))
        table.add_row(name, *(Text(percent(row[key])) for key in columns.values()), Text(f"{row['threshold']:.5g}"))
    return table


def scope_line(told: Mapping[str, ScopeScores | None]) -> str:
    """How many utterances each of some models keeps and refuses.

    Args:
        told: The models' names, each with its scores, or with None where it cannot tell.

    Example:
        >>> some = ScopeScores("knn", 10, 4, 0.5, 0.9, 0.9, 0.75, 0.75, None, None, None)
        >>> scope_line({"A": some})
        'A keeps 9 of 10 utterances in scope and refuses 3 of 4 out of scope.'
        >>> scope_line({"A": None})
        'A does not tell what is out of scope, so it keeps all.'
    """
    return "; ".join(f"{name} {_deeds(scores)}" for name, scores in told.items()) + "."


def _deeds(scores: ScopeScores | None) -> str:
    if scores is None:
        return "does not tell what is out of scope, so it keeps all"
    deeds = []
    if scores.kept is not None:
        deeds.append(f"keeps {round(scores.kept * scores.inside)} of {scores.inside} utterances in scope")
    if scores.recall is not None:
        deeds.append(f"refuses {round(scores.recall * scores.outside)} of {scores.outside} out of scope")
    return " and ".join(deeds)
