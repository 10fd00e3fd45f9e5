"""What advice is made from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from jointbert.evaluation.miscalibration import Miscalibration, judge
from jointbert.evaluation.reliability import Held
from jointbert.evaluation.score import Scores
from jointbert.report.cases import Case
from jointbert.report.findings import Figure, LengthRow, Listing, ValueRow
from jointbert.report.prose import shown
from jointbert.report.setup import UNKNOWN, Setup
from jointbert.report.training import Training

LEAST = 3
"""What happened less often than this is told nowhere as a pattern."""
ENOUGH = 20
"""Spans or utterances from which on a rate of a group is compared with another."""
GAP = 0.10
"""Difference of two rates (0..1) that is worth telling."""
ALPHA = 0.05
"""A difference is told that chance makes less often than this (0..1)."""

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
        setup: What is known of how the model was made.
    """

    cases: tuple[Case, ...]
    scores: Scores
    figures: tuple[Figure, ...]
    training: Training | None
    values: tuple[ValueRow, ...]
    lengths: tuple[LengthRow, ...]
    held: Held
    doubts: Listing
    setup: Setup = UNKNOWN

    def points(self, cases: Iterable[Case]) -> float | None:
        """What some utterances are worth in points of sentence accuracy (0..100), which leaves some utterances out.

        Args:
            cases: The utterances; one that comes twice counts once.

        Returns:
            The points; None where sentence accuracy leaves all of them out.
        """
        return self.share(len({id(case) for case in cases if case.judged}))

    def share(self, judged: int) -> float | None:
        """The same of a number of utterances, all of which count for sentence accuracy."""
        return 100 * judged / sum(case.judged for case in self.cases) if judged else None

    @property
    def miscalibration(self) -> Miscalibration | None:
        """What is wrong with the final confidences in everything at once; None where they hold, or are not known."""
        final = self.held[list(self.held)[-1]] if self.held else {}
        found = final.get("frame") or final.get("intent")
        return None if found is None else judge(found)


def examples(cases: Iterable[Case]) -> tuple[str, ...]:
    """The first different texts of some cases, fit to be shown."""
    found = dict.fromkeys([shown(case.gold.text) for case in cases])
    return tuple(found)[:EXAMPLES]
