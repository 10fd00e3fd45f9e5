"""The paired permutation test by known answers: every swap tried by hand, scipy's binomial test, simulations."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest
from scipy.stats import binomtest

from jointbert.errors import DataError
from jointbert.evaluation import permutation, significance
from jointbert.evaluation.intervals import f1_or_zero
from jointbert.evaluation.permutation import paired_permutation
from jointbert.evaluation.significance import f1, paired_bootstrap


def spans(random: np.random.Generator, count: int, recall: float) -> np.ndarray:
    """Counts per utterance (right, gold, predicted), float64 (count, 3), of one to four gold spans in each."""
    return rival(random, random.integers(1, 5, count), recall)


def rival(random: np.random.Generator, gold: np.ndarray, recall: float) -> np.ndarray:
    right = random.binomial(gold, recall)
    return np.stack([right, gold, right + random.poisson(0.3, len(gold))], axis=1).astype(float)


def by_hand(first: np.ndarray, second: np.ndarray) -> float:
    """The share of all swaps that part the two F1 by at least as much as they are parted."""
    gaps = []
    for swapped in itertools.product([False, True], repeat=len(first)):
        ours, theirs = (np.where(np.array(swapped)[:, None], *sides) for sides in ((second, first), (first, second)))
        gaps.append(abs(f1_or_zero(theirs.sum(axis=0)) - f1_or_zero(ours.sum(axis=0))))
    return float(np.mean(np.array(gaps) >= gaps[0] - 1e-12))


@pytest.mark.parametrize("count", range(1, 11))
def test_it_is_what_all_swaps_give(count: int) -> None:
    for seed in range(5):
        random = np.random.default_rng([count, seed])
        first = spans(random, count, 0.9)
        second = rival(random, first[:, 1].astype(int), 0.5)
        found = paired_permutation(first, second, f1_or_zero)
        assert found.exact and found.p == pytest.approx(by_hand(first, second))
        assert found == paired_permutation(second, first, f1_or_zero, seed=1), "neither side nor seed matters"


@pytest.mark.parametrize(("broken", "fixed"), [(0, 0), (1, 0), (5, 0), (0, 6), (3, 9), (40, 60), (300, 380)])
def test_of_accuracies_it_is_the_exact_test_of_mcnemar(broken: int, fixed: int) -> None:
    first = [1] * broken + [0] * fixed + [1, 0] * 10
    second = [0] * broken + [1] * fixed + [1, 0] * 10
    wanted = binomtest(broken, broken + fixed).pvalue if broken + fixed else 1.0
    found = paired_permutation(first, second)
    assert found.exact and found.p == pytest.approx(wanted)


def test_tossing_coins_gives_what_all_outcomes_give(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(1)
    first = spans(random, 10, 0.9)
    second = rival(random, first[:, 1].astype(int), 0.7)
    whole = paired_permutation(first, second, f1)
    monkeypatch.setattr(permutation, "EXACT_UP_TO", 1)
    drawn = paired_permutation(first, second, f1, resamples=40_000)
    assert whole.exact and not drawn.exact and drawn.p == pytest.approx(whole.p, abs=0.01)
    monkeypatch.setattr(significance, "_BLOCK", 1000)
    assert paired_permutation(first, second, f1, resamples=40_000).p == pytest.approx(whole.p, abs=0.01)
    missed = first * [0, 1, 0]
    assert paired_permutation(np.tile(first, (9, 1)), np.tile(missed, (9, 1)), f1_or_zero).p == 1 / 5001


@pytest.mark.parametrize("count", range(1, 9))
def test_few_utterances_tell_equally_good_models_apart_no_more_often_than_alpha(count: int) -> None:
    random, ps = np.random.default_rng(count), []
    for _ in range(600):
        gold = np.ones(count, dtype=int)
        first, second = (np.stack([right, gold, right], axis=1) for right in random.random((2, count)) < 0.5)
        ps.append(paired_permutation(first, second, f1_or_zero).p)
    for alpha in (0.01, 0.05, 0.2):
        allowed = alpha + 3 * np.sqrt(alpha * (1 - alpha) / 600)
        assert np.mean(np.array(ps) <= alpha) <= allowed


@pytest.mark.parametrize("count", [20, 60, 200])
def test_equally_good_models_are_told_apart_as_rarely_as_alpha_says(count: int) -> None:
    random, ps = np.random.default_rng(count), []
    for seed in range(400):
        first = spans(random, count, 0.8)
        second = rival(random, first[:, 1].astype(int), 0.8)
        ps.append(paired_permutation(first, second, f1_or_zero, resamples=600, seed=seed).p)
    assert 0.02 <= np.mean(np.array(ps) <= 0.05) <= 0.085


def test_it_sees_as_much_as_the_paired_bootstrap() -> None:
    random, swapped, drawn = np.random.default_rng(3), 0, 0
    for seed in range(200):
        first = spans(random, 200, 0.8)
        second = rival(random, first[:, 1].astype(int), 0.74)
        swapped += paired_permutation(first, second, f1_or_zero, resamples=600, seed=seed).p <= 0.05
        drawn += paired_bootstrap(first, second, f1_or_zero, resamples=600, seed=seed).p <= 0.05
    assert drawn > 80 and swapped >= 0.9 * drawn


def test_a_side_that_is_left_without_a_score_counts_as_far() -> None:
    first, second = np.eye(3)[[2, 1, 1]], np.eye(3)[[1, 2, 1]]
    assert paired_permutation(first, second, f1).p == 1.0
    bare = np.array([[0.0, 0, 1], [0, 0, 0]]), np.array([[0.0, 0, 0], [0, 0, 1]])
    assert paired_permutation(*bare, f1).p == 1.0, "both predictions on one side leave the other none"


def test_ten_thousand_utterances_take_no_time() -> None:
    random = np.random.default_rng(4)
    first = spans(random, 10_000, 0.9)
    second = rival(random, first[:, 1].astype(int), 0.9)
    start = time.process_time()
    found = paired_permutation(first, second, f1)
    assert time.process_time() - start < 2.0 and not found.exact
    assert paired_permutation(first, second, f1) == found != paired_permutation(first, second, f1, seed=1)
    paired_permutation(random.random(10_000), random.random(10_000), resamples=200)  # no two rows differ alike


def test_what_cannot_be_tested_is_refused() -> None:
    with pytest.raises(DataError, match="paired scores: values of 2 and 1 utterances; expected both of the same ones"):
        paired_permutation([1, 0], [1])
    with pytest.raises(DataError, match="there is nothing to score; expected utterances with labels"):
        paired_permutation([[0, 0]], [[0, 0]])
