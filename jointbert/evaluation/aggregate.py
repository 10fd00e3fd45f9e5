"""Several runs (seeds) of one recipe as mean and sample standard deviation, for benchmark tables."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from jointbert.errors import DataError
from jointbert.evaluation.score import Scores

METRICS = (
    "intent_accuracy",
    "intent_macro_f1",
    "slot_f1",
    "slot_f1_strict",
    "sentence_accuracy",
)


@dataclass(frozen=True, slots=True)
class Spread:
    """One number over several runs.

    Args:
        mean: The arithmetic mean, 0..1.
        deviation: The sample standard deviation (dividing by runs - 1), or None for a single run.
        runs: How many runs it is over.

    Example:
        >>> str(Spread(0.954, 0.0012, 5)), str(Spread(0.954, None, 1))
        ('95.40 ± 0.12', '95.40')
    """

    mean: float
    deviation: float | None
    runs: int

    def __str__(self) -> str:
        mean = f"{100 * self.mean:.2f}"
        return mean if self.deviation is None else f"{mean} ± {100 * self.deviation:.2f}"


def aggregate(runs: Sequence[Scores]) -> dict[str, Spread | None]:
    """The spread of every headline number over the runs, keyed by its name in METRICS.

    Args:
        runs: Scores of the same data, one per run.

    Returns:
        For each name in METRICS its spread, or None where any of the runs has no such number.

    Raises:
        DataError: There is no run, or the runs were not scored on the same number of utterances in the same units.

    Example:
        >>> run = Scores(10, "characters", 0.5, 0.4, None, None, 0.5)
        >>> aggregate([run, run])["intent_accuracy"]
        Spread(mean=0.5, deviation=0.0, runs=2)
    """
    if not runs:
        raise DataError("aggregate", "there are 0 runs", "at least one", "Train and evaluate one first.")
    kinds = sorted({(run.utterances, run.units) for run in runs})
    if len(kinds) > 1:
        seen = ", ".join(f"{count} utterances in {units}" for count, units in kinds)
        raise DataError(
            "aggregate", f"the runs were scored on {seen}", "one data set", "Evaluate every run on the same file."
        )
    return {name: _spread([getattr(run, name) for run in runs]) for name in METRICS}


def _spread(values: Sequence[float | None]) -> Spread | None:
    numbers = [value for value in values if value is not None]
    if len(numbers) < len(values):
        return None
    return Spread(statistics.mean(numbers), statistics.stdev(numbers) if len(numbers) > 1 else None, len(numbers))
