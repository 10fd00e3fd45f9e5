"""The intervals of the headline scores: as wide as theory says, the same each time, quick, and never of no width."""

from __future__ import annotations

import math

import numpy as np
import pytest

from jointbert.evaluation.intervals import score_interval, score_intervals, widened
from jointbert.evaluation.render import headline
from jointbert.evaluation.score import evaluate
from jointbert.evaluation.significance import Interval
from jointbert.utterance import Parse, Span, Utterance

Side = tuple[list[Utterance], list[Parse]]


def some(count: int, *, wrong_intent_every: int = 0, missed_every: int = 0) -> Side:
    """So many utterances with one slot each; every n-th intent is wrong, every n-th span is missed."""
    gold, parses = [], []
    for number in range(count):
        text = f"fly to rome {number}"
        spans = (Span.of(text, "city", 7, 11),)
        missed = bool(missed_every) and number % missed_every == 0
        wrong = bool(wrong_intent_every) and number % wrong_intent_every == 0
        gold.append(Utterance(text, "fly", spans))
        parses.append(Parse(text, "stay" if wrong else "fly", spans=() if missed else spans))
    return gold, parses


def test_the_width_is_that_of_the_binomial_distribution() -> None:
    found = score_intervals(*some(1000, wrong_intent_every=5))["intent accuracy"]
    half = 1.96 * math.sqrt(0.8 * 0.2 / 1000)
    assert found.value == 0.8
    assert found.low == pytest.approx(0.8 - half, abs=0.004) and found.high == pytest.approx(0.8 + half, abs=0.004)


def test_the_same_data_and_seed_give_the_same_interval() -> None:
    side = some(200, wrong_intent_every=3, missed_every=4)
    assert score_intervals(*side) == score_intervals(*side)
    assert score_intervals(*side) != score_intervals(*side, seed=14)


def test_a_perfect_score_and_a_score_of_nothing_have_the_rule_of_three() -> None:
    found = score_intervals(*some(100))
    assert {(each.value, each.low, each.high) for each in found.values()} == {(1.0, 0.97, 1.0)}
    found = score_intervals(*some(100, wrong_intent_every=1, missed_every=1))
    assert {(each.value, each.low, each.high) for each in found.values()} == {(0.0, 0.0, 0.03)}
    few = score_intervals(*some(2))["slot F1"]
    assert (few.value, few.low, few.high) == (1.0, 0.0, 1.0)


@pytest.mark.parametrize(
    ("count", "low", "high"), [(1, 0.0, 1.0), (3, 0.0, 1.0), (30, 0.45, 0.55), (300, 0.495, 0.505)]
)
def test_equal_rows_have_the_rule_of_three(count: int, low: float, high: float) -> None:
    found = score_interval("slot F1", np.array([[5.0, 10.0, 10.0]] * count))
    assert (found.value, found.low, found.high) == (0.5, pytest.approx(low), pytest.approx(high))
    text = "a b c d e f g h i j"
    spans = tuple(Span.of(text, "letter", 2 * number, 2 * number + 1) for number in range(10))
    half = score_intervals([Utterance(text, None, spans)] * count, [Parse(text, spans=spans[:5])] * count)["slot F1"]
    assert half.value == pytest.approx(2 / 3) and half.low < half.value < half.high


def test_rows_that_score_alike_without_being_equal_have_it_too() -> None:
    found = score_interval("slot F1", np.array([[1.0, 2.0, 2.0], [2.0, 4.0, 4.0]] * 15))
    assert (found.low, found.high) == (pytest.approx(0.45), pytest.approx(0.55))


def test_utterances_without_a_span_say_nothing_of_slot_f1() -> None:
    """Resamples that hold none of the few with a span have no F1; they are no resamples of F1 0."""
    rows = np.zeros((100, 3))
    rows[0] = 1.0, 2.0, 2.0
    found = score_interval("slot F1", rows)
    assert (found.value, found.low, found.high) == (0.5, 0.0, 1.0)
    found = score_interval("slot F1", np.zeros((100, 3)))
    assert (found.value, found.low, found.high) == (0.0, 0.0, 1.0)


def test_an_interval_with_a_width_stays_as_it_is() -> None:
    found = Interval(0.5, 0.4, 0.6)
    assert widened(found, 1, least=0.0) is found
    gone = widened(Interval(-1.0, -1.0, -1.0), 30, least=-1.0)
    assert (gone.low, gone.high) == (-1.0, pytest.approx(-0.8)), "three in thirty may yet go from -1 to +1"


def test_the_headline_shows_an_interval_for_each_score_there_is() -> None:
    gold, parses = some(100)
    line = headline(evaluate(gold, parses), score_intervals(gold, parses))
    assert line == (
        "intent 100.0 [97.0, 100.0] | slot F1 100.0 [97.0, 100.0] | sentence 100.0 [97.0, 100.0] (95 % intervals)"
    )
    bare, guesses = [Utterance("hi", "greet")], [Parse("hi", "greet")]
    line = headline(evaluate(bare, guesses), score_intervals(bare, guesses))
    assert line == "intent 100.0 [0.0, 100.0] | slot F1 - | sentence 100.0 [0.0, 100.0] (95 % intervals)"
