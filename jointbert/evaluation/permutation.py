"""Whether two models differ in a score: the paired permutation test, exact where few utterances differ.

Were A and B equally good, it would be chance which of an utterance's two outputs came from which of them. So a coin is
tossed for each utterance, and how often the coins give a difference as large as the one found is the p-value. As in
:mod:`jointbert.evaluation.significance` an utterance is a row of counts. Where A and B have equal rows the coin changes
nothing, and utterances in which the rows differ alike, in whichever direction, toss their coins together.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jointbert.evaluation.significance import (
    RESAMPLES,
    SEED,
    TOLERANCE,
    Array,
    Statistic,
    block_sizes,
    difference_of,
    paired_rows,
    ratio,
)

EXACT_UP_TO = 10_000
"""Up to so many outcomes of the coins all of them are looked at."""


@dataclass(frozen=True, slots=True)
class Permutation:
    """How often chance alone would part two scores as far as they are.

    Args:
        p: Probability (0..1), two-sided, of a difference at least as large if the two were equally good.
        exact: Whether it is from all outcomes of the coins; otherwise from a sample of them.
    """

    p: float
    exact: bool


def paired_permutation(
    first: ArrayLike,
    second: ArrayLike,
    statistic: Statistic = ratio,
    *,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> Permutation:
    """Whether two scores on the same utterances differ by more than chance.

    It holds for any number of utterances: of equally good models no more than a share of alpha has a p of alpha or
    less. With k utterances that differ, p is never below 2 in 2 to the k: up to five of them are never significant at
    0.05. Of accuracies it is the exact McNemar test. A side that the coins leave without a score (nan) counts as a
    large difference.

    Args:
        first: A number per utterance (n,), whose mean is the score; or counts per utterance (n, k).
        second: Likewise, of the same utterances in the same order.
        statistic: Makes the score from the counts' sums.
        resamples: How often the coins are tossed where not all outcomes are looked at; p is then never below
            1 / (resamples + 1).
        seed: Of the tosses.

    Raises:
        DataError: The two are not of the same utterances, there is none, nothing to score, or a value that is not a
            finite number.

    Source:
        Noreen 1989, *Computer-Intensive Methods for Testing Hypotheses*, chapter 2 (approximate randomization); Yeh
        2000, *More Accurate Tests for the Statistical Significance of Result Differences*, arXiv:cs/0008005 (for F1).

    Example:
        >>> paired_permutation([1, 1, 1, 1, 1, 1], [0, 0, 0, 0, 0, 1])
        Permutation(p=0.0625, exact=True)
    """
    ours, theirs = paired_rows(first, second)
    found = abs(difference_of(statistic, ours, theirs))
    kinds, counts = _kinds(theirs - ours)
    exact = math.prod(count + 1 for count in counts) <= EXACT_UP_TO
    gaps = _all_gaps(kinds, counts) if exact else _drawn_gaps(kinds, counts, resamples, seed)
    total = ours.sum(axis=0) + theirs.sum(axis=0)
    parted = np.abs(statistic((total + gaps) / 2) - statistic((total - gaps) / 2))
    as_far = ~(parted < found - TOLERANCE)
    if exact:
        return Permutation(float(_chances(counts)[as_far].sum()), True)
    return Permutation((int(as_far.sum()) + 1) / (resamples + 1), False)


def _kinds(changes: Array) -> tuple[Array, list[int]]:
    """The ways (kinds, k) in which rows differ, whichever is taken from which, and how many utterances do so."""
    changes = changes[changes.any(axis=1)]
    leading = np.take_along_axis(changes, (changes != 0).argmax(axis=1)[:, None], axis=1)
    kinds, counts = np.unique(changes * np.sign(leading) + 0.0, axis=0, return_counts=True)  # + 0.0: no -0.0
    return kinds, counts.tolist()


def _all_gaps(kinds: Array, counts: list[int]) -> Array:
    """What the sums of the two sides differ by (outcomes, k), for each number of heads of each kind."""
    gaps: Array = np.zeros((1, kinds.shape[1]))
    for kind, count in zip(kinds, counts, strict=True):
        steps = (2.0 * np.arange(count + 1) - count)[:, None] * kind
        gaps = (gaps[:, None] + steps).reshape(-1, kinds.shape[1])
    return gaps


def _chances(counts: list[int]) -> Array:
    """How probable each outcome is (outcomes,), in the order of :func:`_all_gaps`."""
    alone = [_heads(count) for count in counts]
    return reduce(lambda before, each: np.multiply.outer(before, each).ravel(), alone, np.ones(1))


def _heads(coins: int) -> NDArray[np.float64]:
    """The probability of 0, 1, ... heads of so many coins, from whole numbers, so that they are not off."""
    ways = [1]
    for heads in range(coins):
        ways.append(ways[-1] * (coins - heads) // (heads + 1))
    return np.array([each / 2**coins for each in ways])


def _drawn_gaps(kinds: Array, counts: list[int], resamples: int, seed: int) -> Array:
    """What the sums of the two sides differ by (resamples, k), for coins that are tossed."""
    random, coins = np.random.default_rng(seed), np.array(counts)
    sizes = block_sizes(resamples, len(kinds))
    tossed = ((2.0 * random.binomial(coins, 0.5, (size, len(coins))) - coins) @ kinds for size in sizes)
    return np.concatenate(list(tossed))
