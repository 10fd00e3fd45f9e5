"""What Optuna is told: the space in its words, what draws from it, and what gives a trial up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from jointbert.config.space import Space

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution


def sampler(seed: int, turn: int) -> Any:
    """Optuna's TPE sampler for one turn; chance comes from the turn, so that a search that was stopped goes on alike.

    Args:
        seed: Of the search.
        turn: How many trials have ended.
    """
    from optuna.samplers import TPESampler

    return TPESampler(seed=int(np.random.SeedSequence([seed, turn]).generate_state(1)[0]))


def distributions(space: Space) -> dict[str, BaseDistribution]:
    """A space in Optuna's words."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    found: dict[str, BaseDistribution] = {}
    for key, dimension in space.items():
        low, high, step = dimension.low, dimension.high, dimension.step
        if dimension.choices is not None:
            found[key] = CategoricalDistribution(dimension.choices)
        elif isinstance(low, int) and isinstance(high, int):
            found[key] = IntDistribution(low, high, log=dimension.log, step=int(step or 1))
        elif low is not None and high is not None:
            found[key] = FloatDistribution(low, high, log=dimension.log, step=step)
    return found


def pruner() -> Any:
    """Gives up a trial whose best score so far is below the median of the others at the same share of their epochs.

    Median pruning suits fine-tunings of a few epochs. Hyperband shares trials out among brackets that each need a start
    of their own, and so asks for more trials and longer ones. Five trials run to their end first, and no trial is
    judged before 30 % of its epochs, while its learning rate is still rising or has just begun to fall.
    """
    from optuna.pruners import MedianPruner

    return MedianPruner(n_startup_trials=5, n_warmup_steps=3, n_min_trials=3)
