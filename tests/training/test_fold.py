"""What a fold learns from and is chosen by: no text in both, no label lost, and never a fold without training data."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jointbert.data.words import normalise
from jointbert.training.fold import MOST, lay_out
from jointbert.utterance import Span, Utterance


def calls(*numbers: int) -> list[Utterance]:
    return [Utterance(f"call {number}", "call") for number in numbers]


def texts(utterances: list[Utterance]) -> set[str]:
    return {normalise(utterance.text) for utterance in utterances}


def test_a_dev_of_other_texts_is_left_alone() -> None:
    rest, dev = calls(1, 2, 3), calls(4, 5)
    assert lay_out(rest, dev, 1) == (rest, dev, True)


def test_what_dev_shares_is_not_learned_from_however_it_is_written() -> None:
    dev = [*calls(2, 9), Utterance(" Call  3", "call")]
    assert lay_out(calls(*range(9)), dev, 1) == (calls(0, 1, *range(4, 9)), dev, True)


def test_what_alone_has_an_intent_or_a_slot_is_learned_from_and_leaves_dev() -> None:
    odd = Utterance("odd", "odd")
    rome = Utterance("call Rome", "call", (Span.of("call Rome", "city", 5, 9),))
    lima = Utterance("call Lima", "call", (Span.of("call Lima", "city", 5, 9),))
    rest, dev = [*calls(*range(12)), odd, rome], [*calls(1), odd, rome, lima]
    assert lay_out(rest, dev, 1) == ([*calls(0, *range(2, 12)), odd, rome], [*calls(1), lima], True)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_dev_that_shares_nearly_everything_takes_a_quarter_away(seed: int) -> None:
    rest = [*calls(*range(60)), *(Utterance(f"mail {number}", "mail") for number in range(20))]
    found = lay_out(rest, rest, seed)
    assert found == lay_out(rest, rest, seed) != lay_out(rest, rest, 3)
    assert (len(found.train), len(found.dev)) == (60, 20) and MOST == 0.25
    assert not texts(found.train) & texts(found.dev)
    assert sum(item.intent == "mail" for item in found.dev) == 5, "stratified by intent"


def test_both_stay_whole_where_dev_would_be_left_without_labels() -> None:
    rest = [*calls(*range(8)), Utterance("odd", "odd")]
    assert lay_out(rest, rest[-1:], 1) == (rest, rest[-1:], False)
    rome = Utterance("call Rome", "call", (Span.of("call Rome", "city", 5, 9),))
    rest, dev = [*calls(*range(8)), rome], [*calls(1), rome]
    assert lay_out(rest, dev, 1) == (rest, dev, False), "the only slot of dev is needed to learn from"


some = st.lists(st.builds(Utterance, st.sampled_from("abcdefghijkl"), st.sampled_from("xyz")), min_size=1, max_size=30)


@given(some, some, st.integers(0, 3))
def test_no_text_is_in_both_and_no_label_is_lost(rest: list[Utterance], dev: list[Utterance], seed: int) -> None:
    found = lay_out(rest, dev, seed)
    assert {item.intent for item in found.train} == {item.intent for item in rest}
    assert texts(found.train) | texts(found.dev) >= texts(rest), "nothing is set aside that dev does not look at"
    if found.is_apart:
        assert not texts(found.train) & texts(found.dev)
    else:
        assert (found.train, found.dev) == (rest, dev)
