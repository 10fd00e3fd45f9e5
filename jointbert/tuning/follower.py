"""A trial while it trains: heard of after each epoch, held against the others, given up where it falls behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jointbert.tuning.bar import TrialBar
from jointbert.tuning.trial import Pruned

if TYPE_CHECKING:
    from optuna import Trial

_STEPS = 10
"""The shares of a trial's epochs at which it is held against others: tenths."""


class Follower:
    """Hears of a trial's epochs, tells Optuna and the bar, and gives the trial up where Optuna says so.

    Trials of fewer and of more epochs are held against each other at the same share of their epochs, in tenths, because
    the learning rate falls over all of them: half-way through a long run is not the end of a short one.

    Args:
        asked: Optuna's trial.
        epochs: How many it is going to have.
        bar: The bar of the search.
    """

    def __init__(self, asked: Trial, epochs: int, bar: TrialBar) -> None:
        self._asked = asked
        self._epochs = epochs
        self._bar = bar
        self._step = 0
        self.epoch = 0
        self.best: float | None = None

    def hear(self, epoch: int, score: float) -> None:
        """Take over the dev score of an epoch.

        Raises:
            Pruned: The trial is not worth going on with.
        """
        self.epoch, self.best = epoch, max(score, self.best or 0.0)
        self._bar.hear(self._asked.number, epoch, self._epochs, score)
        reached = min(_STEPS * epoch // self._epochs, _STEPS)
        for step in range(self._step + 1, reached + 1):
            self._asked.report(score, step)
        is_new, self._step = reached > self._step, reached
        if is_new and epoch < self._epochs and self._asked.should_prune():
            raise Pruned
