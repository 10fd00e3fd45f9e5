"""The spread over runs by known answers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jointbert.errors import DataError
from jointbert.evaluation.aggregate import METRICS, Spread, aggregate
from jointbert.evaluation.score import Rates, Scores

RUN = Scores(10, "tokens", 0.9, 0.8, Rates(0.5, 0.5, 0.5), Rates(0.4, 0.4, 0.4), 0.7)


def test_mean_and_sample_standard_deviation() -> None:
    spreads = aggregate([RUN, replace(RUN, intent_accuracy=0.7), replace(RUN, intent_accuracy=0.8)])
    accuracy = spreads["intent_accuracy"]
    assert accuracy == Spread(pytest.approx(0.8), pytest.approx(0.1), 3)  # type: ignore[arg-type]
    assert spreads["slot_f1"] == Spread(0.5, 0.0, 3)
    assert spreads["slot_f1_strict"] == Spread(0.4, 0.0, 3)
    assert tuple(spreads) == METRICS


def test_one_run_has_no_deviation() -> None:
    spread = aggregate([RUN])["sentence_accuracy"]
    assert spread == Spread(0.7, None, 1)
    assert str(spread) == "70.00"


def test_a_number_that_a_run_lacks_has_no_spread() -> None:
    assert aggregate([RUN, replace(RUN, slots=None)])["slot_f1"] is None


def test_runs_must_be_comparable() -> None:
    with pytest.raises(DataError, match="scored on 10 utterances in characters, 10 utterances in tokens; expected one"):
        aggregate([RUN, replace(RUN, units="characters")])
    with pytest.raises(DataError, match="aggregate: there are 0 runs; expected at least one"):
        aggregate([])
