"""How well a model tells what is out of its scope, a row for each rate."""

from __future__ import annotations

from dataclasses import dataclass

from jointbert.evaluation.scope import ScopeScores
from jointbert.evaluation.scope_view import COLUMNS
from jointbert.report.prose import counted

WORDS = {
    "kept": "of the utterances in scope, those that are kept",
    "accuracy": "of the utterances in scope, those that are kept and get the right intent",
    "recall": "of the utterances out of scope, those that are told so",
    "precision": "of those told to be out of scope, those that are",
    "auroc": "the chance that an utterance in scope scores higher than one out of scope",
    "fpr95": "of the utterances out of scope, those that are kept where 95 % of those in scope are",
    "aupr": "average precision of finding what is out of scope",
}
"""What the rates are, in the order in which they are read."""


@dataclass(frozen=True, slots=True)
class ScopeRow:
    """One rate of how well a model tells what is out of scope.

    Args:
        name: What it is called.
        rate: From 0 to 1, or None where there is none.
        what: What it is the rate of.
    """

    name: str
    rate: float | None
    what: str


def scope_rows(told: ScopeScores) -> tuple[ScopeRow, ...]:
    """A row for each rate, under the name that `jointbert evaluate` has for it."""
    names = {key: name for name, key in COLUMNS.items()}
    values = told.to_dict()
    return tuple(ScopeRow(names[key], values[key], what) for key, what in WORDS.items())


def scope_rule(told: ScopeScores) -> str:
    """How many utterances of either kind there were, and by what they are told apart."""
    counts = f"{counted(told.inside, 'utterance')} in scope, {told.outside:,} out of it."
    return f"{counts} What {told.scorer} scores below {told.threshold:.5g} is told to be out of scope."
