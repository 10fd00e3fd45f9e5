"""Calibration error and thresholds by known answers."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from jointbert.evaluation.pairing import pair_up
from jointbert.evaluation.reliability import TARGETS, between, reliabilities, reliability, sure_spans
from jointbert.evaluation.reliability_view import ASK_CAUTION, NO_ASKS, ask_caution, ask_rows, render_reliability
from jointbert.utterance import Parse, Span, Utterance


def test_honest_confidences_have_next_to_no_error() -> None:
    random = np.random.default_rng(0)
    sure = random.random(200_000)
    found = reliability(sure, random.random(200_000) < sure)
    assert found.ece < 0.01 and sum(each.count for each in found.bins) == 200_000


@pytest.mark.parametrize("excess", [0.1, 0.25])
def test_a_known_excess_is_the_error(excess: float) -> None:
    random = np.random.default_rng(1)
    right = random.uniform(0.2, 0.7, 200_000)
    found = reliability(right + excess, random.random(200_000) < right)
    assert found.ece == pytest.approx(excess, abs=0.01)


def test_bins_by_hand() -> None:
    found = reliability([0.0, 0.05, 0.1, 0.95, 1.0], [False, True, False, True, True], bins=10)
    assert [(each.low, each.high, each.count) for each in found.bins] == [(0.0, 0.1, 3), (0.9, 1.0, 2)]
    assert found.bins[0].confidence == pytest.approx(0.05) and found.bins[0].accuracy == pytest.approx(1 / 3)
    assert found.ece == pytest.approx((3 * (1 / 3 - 0.05) + 2 * 0.025) / 5)
    assert json.loads(json.dumps(found.to_dict()))["count"] == 5


def test_the_threshold_keeps_as_much_as_the_target_allows() -> None:
    sure = np.linspace(1.0, 0.01, 100)
    right = np.arange(100) < 90
    rows = {row.target: row for row in reliability(sure, right).ask_back}
    assert rows[0.95].kept == 0.94 and sure[94] < (rows[0.95].threshold or 0) <= sure[93]
    assert rows[0.99].kept == 0.90 and rows[0.99].accuracy == 1.0


def test_equal_confidences_are_kept_or_asked_about_together() -> None:
    [row, *_] = reliability([0.9] * 10, [True] * 9 + [False]).ask_back
    assert (row.threshold, row.kept, row.accuracy) == (None, 0.0, None)


def test_a_threshold_has_as_many_digits_as_it_needs_and_is_never_rounded_up() -> None:
    sure = [0.99994, 0.99993, 0.99992, 0.99991]
    rows = ask_rows({"raw": {"frame": reliability(sure, [True, True, True, False])}})
    assert rows[-1] == ("99 %", "0.99992", "75.0 %", "100.0 % ?")
    rows = ask_rows({"raw": {"frame": reliability([0.9, 0.8], [True, False])}})
    assert rows[-1] == ("99 %", "0.900", "50.0 %", "100.0 % ?")
    just_below = float(np.nextafter(0.3, 0))
    assert between(just_below, 0.3) == 0.3 and between(0.0, 1e-300) == 1e-300
    assert between(just_below / 2, just_below) == 0.299


def test_where_everything_may_be_answered_nobody_is_asked_back() -> None:
    found = reliability([0.9] * 19 + [0.2], [True] * 19 + [False])
    assert [(row.threshold, row.kept) for row in found.ask_back] == [(0.0, 1.0), (0.9, 0.95), (0.9, 0.95)]
    assert [row[1] for row in ask_rows({"raw": {"frame": found}})] == ["never", "0.900", "0.900"]


def test_where_nothing_helps_the_table_says_so_and_stands_over_a_caution() -> None:
    held = {"raw": {"frame": reliability([0.9], [False])}}
    assert ask_rows(held)[0] == ("95 %", "no threshold does", "0.0 %", "-")
    assert ask_rows({}) == ask_rows({"raw": {"intent": reliability([0.9], [True])}}) == ()
    stream = io.StringIO()
    render_reliability(held, Console(file=stream, width=200))
    assert " ".join(ASK_CAUTION.split()[:6]) in " ".join(stream.getvalue().split())


def test_few_answers_are_marked_and_how_many_it_takes_is_said() -> None:
    ten = reliability([0.9] * 10, [True] * 10)
    assert [row[-1] for row in ask_rows({"raw": {"frame": ten}})] == ["100.0 % ?"] * 3
    assert ask_caution({"raw": {"frame": ten}}).endswith("It takes at least 60 for 95 %, 150 for 98 %, 300 for 99 %.")
    assert [(row["answers"], row["enough"], row["rests_on_few"]) for row in ten.to_dict()["ask_back"]] == [
        (10, 60, True),
        (10, 150, True),
        (10, 300, True),
    ]
    many = reliability([0.9] * 150, [True] * 150)
    assert [row.rests_on_few for row in many.ask_back] == [False, False, True]
    nobody = reliability([0.9] * 10, [False] * 10)
    assert not any(row.rests_on_few for row in nobody.ask_back), "a row that promises nothing rests on nothing"


def test_what_the_model_holds_for_out_of_scope_is_not_answered() -> None:
    """Of 400 utterances the 100 of which the model is surest are refused, and half of these would be wrong."""
    texts = [f"hi {number}" for number in range(400)]
    gold = [Utterance(text, "greet") for text in texts]
    parses = []
    for number, text in enumerate(texts):
        intent, sure = ("bye" if number < 50 else "greet"), 0.99 if number < 100 else 0.9
        parses.append(Parse(text, intent, sure, ((intent, sure),), (), None, sure, number >= 100, float(number)))
    held = {"raw": reliabilities(gold, parses)}
    assert [row.threshold for row in held["raw"]["frame"].ask_back] == [0.0] * 3
    assert ask_rows(held)[-1] == ("99 %", "never", "75.0 %", "100.0 %")
    assert "100 of these 400 utterances are told to be out of scope: they count as asked back" in ask_caution(held)
    assert held["raw"]["frame"].ece == pytest.approx((100 * 0.49 + 300 * 0.1) / 400), "confidences hold or not in both"
    none = reliability([0.9], [True], refused=[True])
    assert [(row.threshold, row.kept) for row in none.ask_back] == [(None, 0.0)] * 3


def test_where_nobody_can_tell_when_to_ask_back_that_is_said() -> None:
    text = "to rome"
    span = Span.of(text, "city", 3, 7, confidence=0.9)
    parse = Parse(text, "go", 0.9, (("go", 0.9),), (span,), None, 0.8)
    held = {"raw": reliabilities([Utterance(text, None, (Span.of(text, "city", 3, 7),))], [parse])}
    assert set(held["raw"]) == {"slot"}
    stream = io.StringIO()
    render_reliability(held, Console(file=stream, width=400))
    assert "slot spans" in stream.getvalue() and stream.getvalue().endswith(f"{NO_ASKS}\n")


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans(), st.booleans()), min_size=1, max_size=60))
def test_what_is_promised_holds(rows: list[tuple[float, bool, bool]]) -> None:
    sure, right, refused = (np.array(column) for column in zip(*rows, strict=True))
    found = reliability(sure, right, refused=refused)
    assert 0.0 <= found.ece <= 1.0
    for target, row in zip(TARGETS, found.ask_back, strict=True):
        if row.threshold is not None:
            answered = (sure >= row.threshold) & ~refused
            assert right[answered].mean() == pytest.approx(row.accuracy) and row.accuracy >= target
            assert answered.mean() == pytest.approx(row.kept) and answered.sum() == row.answers
    for (_, below, *_), row in zip(ask_rows({"raw": {"frame": found}}), found.ask_back, strict=True):
        if row.threshold is not None:
            assert float(0 if below == "never" else below) == row.threshold


def test_intents_slots_and_frames_are_told_apart() -> None:
    text = "to rome now"
    rome, now = Span.of(text, "city", 3, 7), Span.of(text, "time", 8, 11)
    gold = [Utterance(text, "go", (rome, now)), Utterance("hi", "greet")]
    sure = Span.of(text, "city", 3, 7, confidence=0.8), Span.of(text, "date", 8, 11, confidence=0.4)
    parses = [
        Parse(text, "go", 0.9, (("go", 0.9), ("greet", 0.1)), sure, None, 0.3),
        Parse("hi", "greet", 0.6, (("greet", 0.6), ("go", 0.4)), (), None, 0.5),
    ]
    found = reliabilities(gold, parses)
    assert {kind: each.count for kind, each in found.items()} == {"intent": 2, "slot": 2, "frame": 2}
    assert found["intent"].ece == pytest.approx((0.1 + 0.4) / 2)
    assert found["slot"].ece == pytest.approx((0.2 + 0.4) / 2)
    assert found["frame"].ece == pytest.approx((0.3 + 0.5) / 2)


def test_what_is_not_there_is_left_out() -> None:
    assert reliabilities([Utterance("hi")], [Parse("hi")]) == {}
    only = reliabilities([Utterance("hi", "greet")], [Parse("hi", "greet", 0.7, (("greet", 0.7),))])
    assert set(only) == {"intent"}


@pytest.mark.parametrize("second", ["city", "airport"])
def test_a_span_that_is_lost_in_the_token_of_another_has_no_confidence(second: str) -> None:
    text = "from o'hare"
    tokens = ((0, 4), (5, 11))
    gold = Utterance(text, None, (Span.of(text, "airport", 5, 11),), None, tokens)
    kept = Span.of(text, "airport", 5, 6, confidence=0.9)
    parse = Parse(text, spans=(kept, Span.of(text, second, 7, 11, confidence=0.2)))
    [pair] = pair_up([gold], [parse])
    assert sure_spans(pair, parse) == [(Span.of(text, "airport", 5, 11), 0.9)]
    assert reliabilities([gold], [parse])["slot"].count == 1


@pytest.mark.parametrize("second", ["city", "airport"])
def test_a_span_that_begins_in_the_token_of_another_is_scored_where_its_own_tokens_are(second: str) -> None:
    text = "o'hare now"
    parse = Parse(
        text, spans=(Span.of(text, "airport", 0, 1, confidence=0.9), Span.of(text, second, 2, 10, confidence=0.2))
    )
    [pair] = pair_up([Utterance(text, tokens=((0, 6), (7, 10)))], [parse])
    assert sure_spans(pair, parse) == [(Span.of(text, "airport", 0, 6), 0.9), (Span.of(text, second, 7, 10), 0.2)]
