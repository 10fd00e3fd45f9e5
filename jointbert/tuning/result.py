"""What a search found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jointbert.config import Config
from jointbert.tuning.trial import Trial


@dataclass(frozen=True)
class Tuned:
    """What a search found so far.

    Args:
        folder: Its folder.
        dev: The file that all trials were scored on.
        judged: How many utterances of it sentence accuracy is counted over.
        config: The best trial's config, whole.
        trials: What became of each, by number; those that were stopped and done again among them.
        importances: For each key of the space, its share (0..1) in what makes a trial good; empty where too few trials
            tell.
    """

    folder: Path
    dev: str
    judged: int
    config: Config
    trials: tuple[Trial, ...]
    importances: Mapping[str, float]

    @property
    def done(self) -> tuple[Trial, ...]:
        """The trials that count among those asked for."""
        return tuple(trial for trial in self.trials if trial.counts)

    @property
    def start(self) -> Trial:
        """The trial of the config itself."""
        return next(trial for trial in self.trials if trial.is_start and trial.state == "complete")

    @property
    def best(self) -> Trial:
        """The trial with the best score, the earliest of equals."""
        return best_of(self.trials)

    @property
    def gain(self) -> float:
        """How much better the best trial is than the start, 0..1."""
        return (self.best.score or 0.0) - (self.start.score or 0.0)

    @property
    def looks(self) -> int:
        """How often dev was scored: once an epoch of every trial."""
        return sum(trial.epochs for trial in self.trials)


def best_of(trials: tuple[Trial, ...]) -> Trial:
    """The complete trial with the best score, the earliest of equals.

    Raises:
        ValueError: None is complete.
    """
    complete = [trial for trial in trials if trial.state == "complete"]
    return max(complete, key=lambda trial: (trial.score or 0.0, -trial.number))
