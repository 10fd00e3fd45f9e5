"""What advice is made from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from jointbert.evaluation.reliability import Held
from jointbert.evaluation.score import Scores
from jointbert.report.cases import Case
from jointbert.report.findings import Figure, LengthRow, Listing, ValueRow
from jointbert.report.prose import shown
from jointbert.report.training import Training

LEAST = 3
"""What happened less often than this is told nowhere as a pattern."""

EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Material:
    """All that was found out, before anything is advised.

    Args:
        cases: Each utterance with what is wrong with its parse.
        scores: All scores.
        figures: The headline numbers.
        training: What training had; None where it is not known.
        values: Gold spans by what training knew.
        lengths: Scores by length.
        held: How confidences hold.
        doubts: Gold labels that look wrong.
    """

    cases: tuple[Case, ...]
    scores: Scores
    figures: tuple[Figure, ...]
    training: Training | None
    values: tuple[ValueRow, ...]
    lengths: tuple[LengthRow, ...]
    held: Held
    doubts: Listing

    def points(self, utterances: int) -> float:
        """What so many utterances are worth in points of sentence accuracy (0..100)."""
        return 100 * utterances / (sum(case.judged for case in self.cases) or 1)


def examples(cases: Iterable[Case]) -> tuple[str, ...]:
    """The first different texts of some cases, fit to be shown."""
    found = dict.fromkeys([shown(case.gold.text) for case in cases])
    return tuple(found)[:EXAMPLES]
