"""Whether a calibration error is more than chance makes of confidences that hold."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from jointbert.evaluation.reliability import Reliability

Direction = Literal["high", "low"]

LEAST = 100
"""Confidences from which on they are judged."""
LEVEL, DRAWS, SEED = 0.95, 1000, 13
EXCESS = 0.03
"""Calibration error (0..1) beyond what chance makes from which on it matters."""
CLEARLY = 2.0
"""Standard errors that mean confidence and accuracy must lie apart for a direction to be named."""


@dataclass(frozen=True, slots=True)
class Miscalibration:
    """Confidences that do not hold.

    Args:
        sure: The mean confidence (0..1).
        right: The share that is right (0..1).
        ece: The expected calibration error found (0..1).
        chance: The one that chance makes on average (0..1) of as many confidences that hold.
        direction: Whether they are too high or too low; None where they are neither on the whole.
    """

    sure: float
    right: float
    ece: float
    chance: float
    direction: Direction | None


def judge(found: Reliability, seed: int = SEED) -> Miscalibration | None:
    """What is wrong with confidences; None where chance explains their calibration error, or it is too small to matter.

    Few confidences that hold have a large calibration error: each bin holds a handful, of which by chance too many or
    too few are right. So it is drawn what is right, many times, from the confidences themselves, and the error found
    has to be beyond nearly all of those drawn. A bin's confidences are so alike that it is drawn from their mean.

    Args:
        found: How the confidences hold; fewer than :data:`LEAST` are not judged.
        seed: Of the draws: the same confidences and seed give the same answer.

    Source:
        Bröcker and Smith 2007, *Increasing the Reliability of Reliability Diagrams* (consistency resampling).

    Example:
        >>> from jointbert.evaluation.reliability import reliability
        >>> judge(reliability([0.9] * 100, [True] * 85 + [False] * 15)) is None
        True
        >>> wrong = judge(reliability([0.9] * 400, [True] * 320 + [False] * 80))
        >>> wrong.direction, round(wrong.ece, 3), round(wrong.chance, 3)
        ('high', 0.1, 0.012)
    """
    if found.count < LEAST:
        return None
    counts = np.array([each.count for each in found.bins])
    means = np.clip([each.confidence for each in found.bins], 0.0, 1.0)
    drawn = np.random.default_rng(seed).binomial(counts, means, size=(DRAWS, len(counts)))
    errors = np.abs(drawn - counts * means).sum(axis=1) / found.count
    beyond = int(np.count_nonzero(errors >= found.ece - 1e-9))
    chance = float(errors.mean())
    if (beyond + 1) / (DRAWS + 1) >= 1 - LEVEL or found.ece - chance < EXCESS:
        return None
    sure = float(counts @ means) / found.count
    right = sum(each.count * each.accuracy for each in found.bins) / found.count
    spread = math.sqrt(float(counts @ (means * (1 - means)))) / found.count
    return Miscalibration(sure, right, found.ece, chance, _direction(sure - right, spread))


def _direction(gap: float, spread: float) -> Direction | None:
    if abs(gap) <= CLEARLY * spread:
        return None
    return "high" if gap > 0 else "low"
