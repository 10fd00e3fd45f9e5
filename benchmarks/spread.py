"""Scores of several seeds in one cell of a table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import mean, stdev

METRICS = ("intent_accuracy", "slot_f1", "sentence_accuracy")
"""The three scores of every table, as JSON files name them."""


def spread(percents: Sequence[float]) -> str:
    """Mean ± sample standard deviation; the bare value of a single run.

    Example:
        >>> spread([90.0, 92.0]), spread([90.0])
        ('91.00 ± 1.41', '90.00')
    """
    return f"{mean(percents):.2f} ± {stdev(percents):.2f}" if len(percents) > 1 else f"{percents[0]:.2f}"


def spread_and_interval(percents: Sequence[float], most: float = math.inf) -> str:
    """As :func:`spread`, with the 95 % interval of the mean over seeds; a single run has none.

    Args:
        percents: A value of each seed.
        most: What no value can exceed: 100 for a score, nothing for a gain. The interval ends there.

    Source:
        Student 1908, *The Probable Error of a Mean*: mean ± t(0.975, n - 1) · s / √n.

    Example:
        >>> spread_and_interval([97.0, 98.0, 99.0]), spread_and_interval([90.0])
        ('98.00 ± 1.00 [95.52, 100.48]', '90.00')
        >>> spread_and_interval([97.0, 98.0, 99.0], most=100.0)
        '98.00 ± 1.00 [95.52, 100.00]'
    """
    text = spread(percents)
    if len(percents) < 2:
        return text
    from scipy.stats import t

    half = float(t.ppf(0.975, len(percents) - 1)) * stdev(percents) / math.sqrt(len(percents))
    return f"{text} [{mean(percents) - half:.2f}, {min(mean(percents) + half, most):.2f}]"
