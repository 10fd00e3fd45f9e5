"""The intervals of the headline scores: as wide as theory says, the same each time, quick, and never of no width."""

from __future__ import annotations

import math

import pytest

from jointbert.evaluation.intervals import score_intervals
from jointbert.evaluation.render import headline
from jointbert.evaluation.score import evaluate
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


def test_the_headline_shows_an_interval_for_each_score_there_is() -> None:
    gold, parses = some(100)
    line = headline(evaluate(gold, parses), score_intervals(gold, parses))
    assert line == (
        "intent 100.0 [97.0, 100.0] | slot F1 100.0 [97.0, 100.0] | sentence 100.0 [97.0, 100.0] (95 % intervals)"
    )
    bare, guesses = [Utterance("hi", "greet")], [Parse("hi", "greet")]
    line = headline(evaluate(bare, guesses), score_intervals(bare, guesses))
    assert line == "intent 100.0 [0.0, 100.0] | slot F1 - | sentence 100.0 [0.0, 100.0] (95 % intervals)"
