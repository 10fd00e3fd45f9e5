"""Whether a calibration error is more than chance: seldom called so of confidences that hold, and seen where it is."""

from __future__ import annotations

import numpy as np
import pytest

from jointbert.evaluation.miscalibration import LEAST, judge
from jointbert.evaluation.reliability import Reliability, reliability


def drawn(count: int, seed: int, shape: tuple[float, float], lower: float = 0.0) -> Reliability:
    """Confidences from a beta distribution, each right with its own probability less so much."""
    chance = np.random.default_rng(seed)
    sure = chance.beta(*shape, count)
    return reliability(sure, chance.random(count) < sure - lower)


@pytest.mark.parametrize("count", [100, 200, 300, 500])
@pytest.mark.parametrize("shape", [(4.0, 1.0), (7.0, 1.05)])
def test_confidences_that_hold_are_seldom_called_wrong(count: int, shape: tuple[float, float]) -> None:
    found = [drawn(count, seed, shape) for seed in range(200)]
    assert sum(judge(each) is not None for each in found) <= 0.08 * len(found)
    if count == 100:
        assert sum(each.ece >= 0.05 for each in found) > 0.7 * len(found), "the error itself is large by chance"


def test_confidences_that_do_not_hold_are_seen_and_told_to_be_too_high() -> None:
    found = [judge(drawn(500, seed, (4.0, 1.0), lower=0.15)) for seed in range(50)]
    assert all(each is not None and each.direction == "high" for each in found)
    (one,) = found[:1]
    assert one is not None and one.ece > one.chance + 0.05 and one.sure > one.right


def test_too_low_and_neither() -> None:
    low = judge(reliability([0.5] * 100, [True] * 90 + [False] * 10))
    assert low is not None and (low.direction, low.sure, low.right) == ("low", 0.5, 0.9)
    both = judge(reliability([0.5] * 200 + [0.9] * 200, [True] * 140 + [False] * 60 + [True] * 140 + [False] * 60))
    assert both is not None and both.direction is None
    assert (both.sure, both.right, both.ece) == pytest.approx((0.7, 0.7, 0.2))


def test_what_does_not_matter_and_what_is_too_little_is_not_told() -> None:
    many = 40_000
    assert judge(reliability([0.9] * many, np.arange(many) < 0.88 * many)) is None, "two points, though no chance"
    assert judge(reliability([0.9] * many, np.arange(many) < 0.86 * many)) is not None
    assert judge(reliability([0.99] * (LEAST - 1), [False] * (LEAST - 1))) is None
    assert judge(reliability([0.99] * LEAST, [False] * LEAST)) is not None


def test_the_same_confidences_give_the_same_answer() -> None:
    found = drawn(200, 3, (4.0, 1.0), lower=0.15)
    assert judge(found) == judge(found) is not None
