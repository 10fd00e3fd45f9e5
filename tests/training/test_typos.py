"""Slips of the fingers: one word changes, offsets follow, and nothing is cut by a span's edge."""

from __future__ import annotations

import random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from jointbert.training.typos import mistype, mistyped
from jointbert.utterance import Span, Utterance

WORDS = ["fly", "from", "Boston", "to", "München", "tomorrow", "订去北京的票", "CA1234", "nice-looking", "—", "3:30"]


@pytest.mark.parametrize("word", ["four", "tomorrow", "Boston", "ABBA"])
def test_a_slip_keeps_the_first_letter_and_is_one_of_four_kinds(word: str) -> None:
    found = {mistyped(word, random.Random(seed)) for seed in range(300)}
    assert len(found) > 5
    for slip in found:
        assert slip[0] == word[0] and abs(len(slip) - len(word)) <= 1
        differing = sum(a != b for a, b in zip(slip, word, strict=False))
        assert len(slip) != len(word) or differing <= 2


@given(st.lists(st.tuples(st.sampled_from(WORDS), st.booleans()), min_size=1, max_size=8), st.integers(0, 10**6))
def test_offsets_follow_and_the_rest_stays(parts: list[tuple[str, bool]], seed: int) -> None:
    text = " ".join(word for word, _ in parts)
    spans, at = [], 0
    for word, labelled in parts:
        if labelled:
            spans.append(Span.of(text, "slot", at, at + len(word)))
        at += len(word) + 1
    before = Utterance(text, "go", tuple(spans), where="a:1")
    after = mistype(before, random.Random(seed))
    assert (after.intent, after.where) == ("go", "a:1")
    assert [span.slot for span in after.spans] == [span.slot for span in before.spans]
    changed = [(old, new) for old, new in zip(text.split(" "), after.text.split(" "), strict=True) if old != new]
    assert len(changed) <= 1 and all(old[0] == new[0] or "-" in old for old, new in changed)
    values = [span.value for span in after.spans]
    assert values == [word for word, (_, labelled) in zip(after.text.split(" "), parts, strict=True) if labelled]


@given(st.integers(0, 10**6))
def test_a_word_that_an_edge_cuts_is_left_alone(seed: int) -> None:
    text = "playlist"
    cut = Utterance(text, "go", (Span.of(text, "slot", 0, 4),))
    assert mistype(cut, random.Random(seed)) == cut


@given(st.text(alphabet="北京订票 3 to a é", max_size=12), st.integers(0, 10**6))
def test_what_has_no_long_word_stays(text: str, seed: int) -> None:
    assume(text.strip())
    before = Utterance(text, "go", ())
    assert mistype(before, random.Random(seed)) == before


def test_every_word_has_its_turn_and_every_epoch_its_own_slip() -> None:
    before = Utterance("wake everyone before seven", "set_alarm", ())
    generator = random.Random(0)
    found = [mistype(before, generator).text.split() for _ in range(400)]
    changed = [sum(words[place] != old for words in found) for place, old in enumerate(before.text.split())]
    assert all(60 < count < 140 for count in changed)
    assert len({" ".join(words) for words in found}) > 40
