"""Fisher's exact test: whether a group of cases comes out right less often than the others."""

from __future__ import annotations

import math


def less_often(right: int, total: int, other_right: int, other_total: int) -> float:
    """The probability (0..1) that chance alone gives a group so few right ones, if it were as good as the others.

    Args:
        right: How many of the group are right.
        total: How many there are in the group.
        other_right: How many of the others are right.
        other_total: How many others there are.

    Returns:
        The one-sided p-value; it is exact however small the group is.

    Source:
        Fisher 1935, *The Logic of Inductive Inference*.

    Example:
        >>> round(less_often(1, 4, 3, 4), 4), less_often(4, 4, 4, 4)
        (0.2429, 1.0)
    """
    every, hits = total + other_total, right + other_right
    least = max(0, total - (every - hits))
    chances = (_log_choose(hits, k) + _log_choose(every - hits, total - k) for k in range(least, right + 1))
    whole = _log_choose(every, total)
    return min(1.0, math.fsum(math.exp(chance - whole) for chance in chances))


def _log_choose(of: int, chosen: int) -> float:
    """The logarithm of the number of ways to choose so many."""
    return math.lgamma(of + 1) - math.lgamma(chosen + 1) - math.lgamma(of - chosen + 1)
