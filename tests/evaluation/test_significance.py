"""Intervals and tests by known answers: simulations, scipy's distributions, published tables."""

from __future__ import annotations

import time

import numpy as np
import pytest
from scipy.stats import binomtest, chi2

from jointbert.errors import DataError
from jointbert.evaluation.significance import bootstrap_interval, f1, holm, mcnemar, paired_bootstrap, ratio


def spans(random: np.random.Generator, count: int, recall: float, precision: float) -> np.ndarray:
    """Counts per utterance (right, gold, predicted) whose expected recall and precision are known."""
    gold = random.integers(0, 5, count)
    right = random.binomial(gold, recall)
    return np.stack([right, gold, right + random.poisson(2 * recall * (1 / precision - 1), count)], axis=1)


# intervals ----------------------------------------------------------------------------------------------------------


def test_the_interval_of_a_mean_covers_the_truth_as_often_as_it_says() -> None:
    random, covered = np.random.default_rng(0), 0
    for seed in range(400):
        found = bootstrap_interval(random.random(200) < 0.8, resamples=600, seed=seed)
        covered += found.low <= 0.8 <= found.high
    assert 0.92 <= covered / 400 <= 0.98


def test_the_interval_of_f1_covers_the_truth_as_often_as_it_says() -> None:
    random, covered = np.random.default_rng(1), 0
    truth = 2 * 0.9 * 0.75 / (0.9 + 0.75)  # of recall 0.9 and precision 0.75
    for seed in range(400):
        found = bootstrap_interval(spans(random, 150, 0.9, 0.75), f1, resamples=600, seed=seed)
        covered += found.low <= truth <= found.high
    assert 0.92 <= covered / 400 <= 0.98


def test_drawing_kinds_of_rows_is_drawing_rows() -> None:
    random = np.random.default_rng(2)
    rows = spans(random, 120, 0.8, 0.9)
    drawn = f1(rows[random.integers(0, 120, (20_000, 120))].sum(axis=1).astype(float))
    found = bootstrap_interval(rows, f1, resamples=20_000)
    assert (found.low, found.high) == pytest.approx(np.quantile(drawn, [0.025, 0.975]), abs=0.003)


def test_numbers_are_averaged_and_the_level_widens() -> None:
    values = np.random.default_rng(3).normal(5, 2, 1000)
    found, wide = bootstrap_interval(values), bootstrap_interval(values, level=0.99)
    assert found.value == pytest.approx(values.mean())
    assert found.high - found.low == pytest.approx(2 * 1.96 * values.std() / np.sqrt(1000), rel=0.05)
    assert wide.low < found.low < found.high < wide.high
    assert bootstrap_interval(values) == found != bootstrap_interval(values, seed=1)


def test_what_never_happened_cannot_be_drawn() -> None:
    assert bootstrap_interval([1, 1, 1]).low == 1.0


def test_resamples_without_a_score_are_left_out() -> None:
    found = bootstrap_interval([[1, 1]] + [[0, 0]] * 3, ratio)
    assert (found.value, found.low, found.high) == (1.0, 1.0, 1.0)


def test_ten_thousand_utterances_take_no_time() -> None:
    random = np.random.default_rng(4)
    rows, numbers = spans(random, 10_000, 0.9, 0.9), random.random(10_000)
    start = time.process_time()
    bootstrap_interval(rows, f1, resamples=2000)
    assert time.process_time() - start < 2.0
    bootstrap_interval(numbers, resamples=200)  # no two rows alike: slower, and the same path


# pairs --------------------------------------------------------------------------------------------------------------


def test_equal_models_are_told_apart_as_rarely_as_alpha_says() -> None:
    random = np.random.default_rng(5)
    ps = []
    for seed in range(400):
        hard = random.random(200) < 0.4
        first, second = (np.where(hard, random.random(200) < 0.6, True) for _ in range(2))
        ps.append(paired_bootstrap(first, second, resamples=600, seed=seed).p)
    assert 0.02 <= np.mean(np.array(ps) < 0.05) <= 0.08


def test_the_interval_of_a_difference_covers_the_truth() -> None:
    random, covered = np.random.default_rng(6), 0
    for seed in range(300):
        first = random.random(300) < 0.8
        second = np.where(random.random(300) < 0.9, first, random.random(300) < 0.3)  # 0.9 * 0.8 + 0.1 * 0.3
        found = paired_bootstrap(first, second, resamples=600, seed=seed).interval
        covered += found.low <= 0.75 - 0.8 <= found.high
    assert 0.91 <= covered / 300 <= 0.99


def test_a_difference_in_f1() -> None:
    random = np.random.default_rng(7)
    first = spans(random, 300, 0.9, 0.9)
    worse = first.copy()
    worse[:60, 0] = 0
    found = paired_bootstrap(first, worse, f1)
    assert found.interval.value == pytest.approx(float(f1(worse.sum(axis=0) * 1.0) - f1(first.sum(axis=0) * 1.0)))
    assert found.interval.high < 0 and found.p == 1 / 5001
    same = paired_bootstrap(first, first, f1)
    assert (same.interval.value, same.interval.low, same.interval.high, same.p) == (0.0, 0.0, 0.0, 1.0)


def test_pairs_are_drawn_together() -> None:
    first = np.random.default_rng(8).random(500) < 0.5
    second = first.copy()
    second[np.flatnonzero(~first)[:10]] = True
    assert paired_bootstrap(first, second).p < 0.01, "ten fixed and none broken"
    assert bootstrap_interval(first).high > bootstrap_interval(second).low, "each alone would not tell"


@pytest.mark.parametrize(
    ("first", "second", "complaint"),
    [
        ([1, 0], [1], "paired scores: values of 2 and 1 utterances; expected both of the same ones"),
        ([], [], "bootstrap: is over 0 utterances; expected a finite number for each of at least one"),
        ([1, float("nan")], [1, 0], "bootstrap: holds a value that is no number; expected a finite number"),
        ([[0, 0]], [[0, 0]], "bootstrap: there is nothing to score; expected utterances with labels"),
    ],
)
def test_what_cannot_be_tested_is_refused(first: list[float], second: list[float], complaint: str) -> None:
    with pytest.raises(DataError, match=complaint):
        paired_bootstrap(first, second)


# McNemar ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("broken", range(13))
@pytest.mark.parametrize("fixed", [0, 1, 5, 12])
def test_few_pairs_are_tested_exactly(broken: int, fixed: int) -> None:
    found = mcnemar(broken, fixed)
    total = broken + fixed
    wanted = binomtest(broken, total).pvalue if total else 1.0
    assert found.exact and found.p == pytest.approx(wanted)


@pytest.mark.parametrize(("broken", "fixed"), [(25, 0), (10, 15), (40, 40), (121, 59), (3, 1000)])
def test_many_pairs_are_tested_by_chi_squared(broken: int, fixed: int) -> None:
    found = mcnemar(broken, fixed)
    squared = max(abs(broken - fixed) - 1, 0) ** 2 / (broken + fixed)
    assert not found.exact and found.p == pytest.approx(chi2.sf(squared, 1))


def test_worked_examples() -> None:
    assert mcnemar(121, 59).p == pytest.approx(5.45e-6, rel=0.01), "61 squared by 180 is chi-squared 20.67"
    assert mcnemar(6, 16).p == pytest.approx(0.0525, abs=5e-5), "110,056 of 2 to the 21st"
    assert mcnemar(0, 6).p == 2 / 2**6


def test_counts_are_not_negative() -> None:
    with pytest.raises(DataError, match="McNemar's test: broken -1, fixed 2; expected counts from 0 on"):
        mcnemar(-1, 2)


# Holm ---------------------------------------------------------------------------------------------------------------


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([0.2]) == [0.2]
    assert holm([]) == []
