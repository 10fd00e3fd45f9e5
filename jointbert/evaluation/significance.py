"""What chance alone can do to a score: bootstrap intervals, the paired bootstrap, McNemar's test, Holm's correction.

The paired permutation test stands beside them, in :mod:`jointbert.evaluation.permutation`.

A score here is a function of sums over utterances: accuracy of (right, judged), F1 of (right, gold, predicted). So an
utterance is a row of counts, and a resample is a sum of rows drawn with replacement. Utterances with equal rows cannot
be told apart in it: it is drawn how often each *kind* of row comes, which has the same distribution and costs about as
little for ten thousand utterances as for a hundred.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jointbert.errors import DataError

Array = NDArray[np.float64]
Statistic = Callable[[Array], Array]
"""Sums of rows, float64 (..., k) → the score of each, float64 (...); nan where there is nothing to score."""

LEVEL, RESAMPLES, SEED = 0.95, 5000, 13
EXACT_BELOW = 25
"""McNemar's test is exact below this many pairs that differ."""
TOLERANCE = 1e-12
"""By so much two differences of scores may be apart and still count as equal."""
_BLOCK = 4_000_000  # numbers drawn at a time, which bounds the memory


@dataclass(frozen=True, slots=True)
class Interval:
    """A score, or the difference of two, with the interval that chance leaves it.

    Args:
        value: On the data itself.
        low: The lower end.
        high: The upper end.
        level: The confidence of the interval, 0..1.
    """

    value: float
    low: float
    high: float
    level: float = LEVEL


@dataclass(frozen=True, slots=True)
class Change:
    """The difference of two scores on the same utterances.

    Args:
        interval: The difference, second minus first, with its interval.
        p: Probability (0..1), two-sided, of a difference at least as large if the two were equally good, as far as
            resamples tell; too small where only a few utterances differ.
    """

    interval: Interval
    p: float


@dataclass(frozen=True, slots=True)
class McNemar:
    """Whether two models are right equally often.

    Args:
        broken: Utterances that only the first gets right.
        fixed: Utterances that only the second gets right.
        p: Probability (0..1), two-sided, of so uneven a parting if the two were equally good.
        exact: Whether it is from the binomial distribution; otherwise from chi-squared with continuity correction.
    """

    broken: int
    fixed: int
    p: float
    exact: bool


def ratio(sums: Array) -> Array:
    """The first of two columns divided by the second: a share, or a mean.

    Args:
        sums: Float64 (..., 2), for example right and judged utterances.

    Returns:
        Float64 (...); nan where the second is 0.
    """
    return _divide(sums[..., 0], sums[..., 1])


def f1(sums: Array) -> Array:
    """F1 from three columns: right, gold and predicted spans.

    Args:
        sums: Float64 (..., 3).

    Returns:
        Float64 (...); nan where there is neither a gold nor a predicted span.

    Example:
        >>> float(f1(np.array([8.0, 10.0, 10.0])))
        0.8
    """
    return _divide(2 * sums[..., 0], sums[..., 1] + sums[..., 2])


def _divide(above: Array, below: Array) -> Array:
    shares: Array = np.full(np.shape(below), np.nan)
    return np.divide(above, below, out=shares, where=np.asarray(below) != 0)


def bootstrap_interval(
    values: ArrayLike,
    statistic: Statistic = ratio,
    *,
    level: float = LEVEL,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> Interval:
    """A score with its percentile bootstrap interval over utterances.

    The interval says what another sample of utterances could have given; not what another training run could have.
    Where nothing was wrong, no resample can be: the interval of 100 % has no width, and 3 / n is what to keep in mind.

    Args:
        values: A number per utterance (n,), whose mean is the score; or counts per utterance (n, k).
        statistic: Makes the score from the counts' sums. Resamples without a score (nan) are left out.
        level: The confidence of the interval, 0..1.
        resamples: How many samples are drawn.
        seed: Of the draws: the same values and seed give the same interval.

    Raises:
        DataError: There is no utterance, nothing to score, or a value that is not a finite number.

    Source:
        Efron and Tibshirani 1993, *An Introduction to the Bootstrap*, chapter 13 (the percentile interval).

    Example:
        >>> found = bootstrap_interval([1] * 90 + [0] * 10)
        >>> found.value, round(found.low, 2), round(found.high, 2)
        (0.9, 0.84, 0.95)
    """
    rows = _rows(values)
    value = _score(statistic, rows)
    drawn = statistic(_resample(rows, resamples, seed))
    return _percentiles(value, drawn, level)


def paired_bootstrap(
    first: ArrayLike,
    second: ArrayLike,
    statistic: Statistic = ratio,
    *,
    level: float = LEVEL,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> Change:
    """The difference of two scores on the same utterances, which are drawn together.

    The interval is the percentile one. The p-value counts the resamples whose difference strays from the one found by
    at least as much as that one is from 0; the two can part on the brink, where the p-value is the more careful.

    Resamples hold nothing but what was seen. Of a few utterances that all differ alike none strays, so that the
    interval has no width and p is as small as can be: with less than ten utterances that differ, judge by
    :func:`jointbert.evaluation.permutation.paired_permutation`, as :func:`jointbert.evaluation.comparison.compare`
    always does.

    Args:
        first: As in :func:`bootstrap_interval`.
        second: Likewise, of the same utterances in the same order.
        statistic: Makes the score from the counts' sums.
        level: The confidence of the interval, 0..1.
        resamples: How many samples are drawn; p is never below 1 / (resamples + 1).
        seed: Of the draws.

    Raises:
        DataError: The two are not of the same utterances, or as in :func:`bootstrap_interval`.

    Source:
        Koehn 2004, *Statistical Significance Tests for Machine Translation Evaluation*, section 4 (drawing pairs);
        Berg-Kirkpatrick, Burkett and Klein 2012, *An Empirical Investigation of Statistical Significance in NLP*,
        section 2.2 (the shift to the null hypothesis).
    """
    ours, theirs = paired_rows(first, second)
    columns = ours.shape[1]
    value = difference_of(statistic, ours, theirs)
    sums = _resample(np.concatenate([ours, theirs], axis=1), resamples, seed)
    drawn = statistic(sums[:, columns:]) - statistic(sums[:, :columns])
    drawn = drawn[np.isfinite(drawn)]
    beyond = int(np.count_nonzero(np.abs(drawn - value) >= abs(value) - TOLERANCE))
    return Change(_percentiles(value, drawn, level), (beyond + 1) / (len(drawn) + 1))


def paired_rows(first: ArrayLike, second: ArrayLike) -> tuple[Array, Array]:
    """The counts of both sides, float64 (n, k) each.

    Args:
        first: A number per utterance (n,), or counts per utterance (n, k).
        second: Likewise, of the same utterances in the same order.

    Raises:
        DataError: The two are not of the same utterances, there is none, or a value is not a finite number.
    """
    ours, theirs = _rows(first), _rows(second)
    if ours.shape != theirs.shape:
        what = f"values of {ours.shape[0]} and {theirs.shape[0]} utterances"
        raise DataError("paired scores", what, "both of the same ones", "Score both on one file.")
    return ours, theirs


def difference_of(statistic: Statistic, ours: Array, theirs: Array) -> float:
    """The second score minus the first, of counts as :func:`paired_rows` gives them.

    Raises:
        DataError: One of the two has nothing to score.
    """
    return _score(statistic, theirs) - _score(statistic, ours)


def _rows(values: ArrayLike) -> Array:
    """Counts per utterance (n, k); plain numbers (n,) become (number, 1), so that their ratio is the mean."""
    rows = np.asarray(values, dtype=np.float64)
    if rows.ndim == 1:
        rows = np.stack([rows, np.ones_like(rows)], axis=1)
    if not len(rows) or not np.isfinite(rows).all():
        what = "holds a value that is no number" if len(rows) else "is over 0 utterances"
        raise DataError("bootstrap", what, "a finite number for each of at least one", "Look at the scores.")
    return rows


def _score(statistic: Statistic, rows: Array) -> float:
    value = float(statistic(rows.sum(axis=0)))
    if not math.isfinite(value):
        raise DataError("bootstrap", "there is nothing to score", "utterances with labels", "Choose a labelled file.")
    return value


def _resample(rows: Array, resamples: int, seed: int) -> Array:
    """The sums (resamples, k) of as many rows as there are, drawn with replacement."""
    kinds, counts = np.unique(rows, axis=0, return_counts=True)
    random, total = np.random.default_rng(seed), len(rows)
    sizes = block_sizes(resamples, len(kinds))
    return np.concatenate([random.multinomial(total, counts / total, size=size) @ kinds for size in sizes])


def block_sizes(draws: int, width: int) -> list[int]:
    """How many draws of so many numbers each are made at a time, all in all so many."""
    step = max(1, _BLOCK // width)
    return [min(step, draws - begin) for begin in range(0, draws, step)]


def _percentiles(value: float, drawn: Array, level: float) -> Interval:
    ends = np.nanquantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return Interval(value, float(ends[0]), float(ends[1]), level)


def mcnemar(broken: int, fixed: int) -> McNemar:
    """McNemar's test, from the utterances that only one of two models gets right.

    Args:
        broken: How many only the first gets right.
        fixed: How many only the second gets right.

    Raises:
        DataError: One of them is negative.

    Source:
        McNemar 1947, *Note on the sampling error of the difference between correlated proportions or percentages*;
        the continuity correction: Edwards 1948.

    Example:
        >>> mcnemar(broken=5, fixed=0)
        McNemar(broken=5, fixed=0, p=0.0625, exact=True)
    """
    if broken < 0 or fixed < 0:
        what = f"broken {broken}, fixed {fixed}"
        raise DataError("McNemar's test", what, "counts from 0 on", "Count the utterances that differ.")
    total = broken + fixed
    if total < EXACT_BELOW:
        tail = sum(math.comb(total, count) for count in range(min(broken, fixed) + 1)) / 2**total
        return McNemar(broken, fixed, min(1.0, 2 * tail), True)
    squared = max(abs(broken - fixed) - 1, 0) ** 2 / total
    return McNemar(broken, fixed, math.erfc(math.sqrt(squared / 2)), False)


def holm(ps: Sequence[float]) -> list[float]:
    """The p-values corrected for being several: reject what stays below alpha, and alpha holds for all together.

    Args:
        ps: The p-values of the tests, 0..1, in any order.

    Returns:
        The corrected ones, in the same order.

    Source:
        Holm 1979, *A Simple Sequentially Rejective Multiple Test Procedure*.

    Example:
        >>> holm([0.01, 0.04, 0.03])
        [0.03, 0.06, 0.06]
    """
    corrected, least = [0.0] * len(ps), 0.0
    for rank, index in enumerate(sorted(range(len(ps)), key=lambda index: ps[index])):
        least = max(least, min(1.0, (len(ps) - rank) * ps[index]))
        corrected[index] = least
    return corrected
