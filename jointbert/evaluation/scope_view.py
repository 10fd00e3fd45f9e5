"""Scorers of scope side by side, as a table on a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from jointbert.evaluation.render import percent

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


def scope_table(title: str, scores: Sequence[Mapping[str, Any]], taken: str | None = None) -> Table:
    """A row for each scorer, in percent.

    Args:
        title: What stands over it.
        scores: What :meth:`jointbert.evaluation.scope.ScopeScores.to_dict` gave.
        taken: The scorer that is marked, or None.
    """
    from rich.box import SIMPLE
    from rich.table import Table
    from rich.text import Text

    counts = f"{scores[0]['inside']} utterances in scope, {scores[0]['outside']} out of scope"
    table = Table("scorer", box=SIMPLE, padding=(0, 1, 0, 0), title=f"{title}: {counts}", title_justify="left")
    for column in (*COLUMNS, "threshold"):
        table.add_column(column, justify="right")
    for row in scores:
        name = Text(f"{row['scorer']} *" if row["scorer"] == taken else str(row["scorer"]))
        table.add_row(name, *(Text(percent(row[key])) for key in COLUMNS.values()), Text(f"{row['threshold']:.5g}"))
    return table
