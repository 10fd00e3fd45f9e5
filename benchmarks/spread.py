"""Scores of several seeds in one cell of a table."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import mean, stdev


def spread(percents: Sequence[float]) -> str:
    """Mean ± sample standard deviation; the bare value of a single run.

    Example:
        >>> spread([90.0, 92.0]), spread([90.0])
        ('91.00 ± 1.41', '90.00')
    """
    return f"{mean(percents):.2f} ± {stdev(percents):.2f}" if len(percents) > 1 else f"{percents[0]:.2f}"
