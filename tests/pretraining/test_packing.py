"""Packing: consecutive pairs are consecutive, random ones are not, both are equally frequent, and no text is lost."""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jointbert.codec.pairs import Pieces
from jointbert.pretraining.packing import Packing, joined, pack_pairs, pack_single, trim

FULL, SOME_SHORT = Packing(64, 0.0), Packing(64, 0.1)


def document(number: int, lengths: tuple[int, ...]) -> list[Pieces]:
    """Sentences of the given lengths whose pieces count up from a number of the document's own."""
    ids, sentences = iter(range(number * 100_000, number * 100_000 + sum(lengths))), []
    for length in lengths:
        starts = np.zeros(length, bool)
        starts[0] = True
        sentences.append(Pieces(np.array([next(ids) for _ in range(length)]), starts))
    return sentences


DOCUMENTS = [document(number, tuple(3 + (number * 7 + place * 5) % 23 for place in range(30))) for number in range(60)]


def pairs(packing: Packing) -> Iterator[tuple[int, Pieces, Pieces, bool]]:
    for number, sentences in enumerate(DOCUMENTS):

        def other(rng: np.random.Generator, here: int = number) -> list[Pieces]:
            return DOCUMENTS[(here + 1 + int(rng.integers(len(DOCUMENTS) - 1))) % len(DOCUMENTS)]

        for first, second, follows in pack_pairs(sentences, other, packing, np.random.default_rng([5, number])):
            yield number, first, second, follows


def test_half_of_the_pairs_are_consecutive() -> None:
    verdicts = [follows for _, _, _, follows in pairs(FULL)]
    assert abs(sum(verdicts) - len(verdicts) / 2) <= 4 * sqrt(len(verdicts) / 4)


@pytest.mark.parametrize("packing", [FULL, SOME_SHORT])
def test_b_follows_a_in_its_document_or_is_of_another_one(packing: Packing) -> None:
    for number, first, second, follows in pairs(packing):
        assert set(first.ids // 100_000) == {number}
        if follows:
            assert second.ids[0] > first.ids[-1]
        if follows and packing is FULL and len(first) + len(second) < 61:  # nothing was cut off between the two
            assert second.ids[0] == first.ids[-1] + 1
        assert (set(second.ids // 100_000) == {number}) is follows
        assert len(first) and len(second) and len(first) + len(second) <= packing.length - 3


def test_pairs_fill_the_length_and_a_share_is_short_on_purpose() -> None:
    full = [len(first) + len(second) for _, first, second, _ in pairs(FULL)]
    assert np.mean(full) > 0.9 * (64 - 3)
    some = [len(first) + len(second) for _, first, second, _ in pairs(SOME_SHORT)]
    assert 0 < np.mean(np.array(some) < 40) - np.mean(np.array(full) < 40) < 0.15


def test_a_document_is_read_from_end_to_end_but_for_what_makes_room() -> None:
    """A or a consecutive B holds every sentence; cutting to the length costs at most a sentence a pair."""
    read: dict[int, set[int]] = {}
    cuts = dict.fromkeys(range(len(DOCUMENTS)), 0)
    for number, first, second, follows in pairs(FULL):
        read.setdefault(number, set()).update(first.ids.tolist(), second.ids.tolist() if follows else ())
        cuts[number] += len(first) + len(second) == 61
    for number, sentences in enumerate(DOCUMENTS):
        longest = max(len(sentence) for sentence in sentences)
        assert len(set(joined(sentences[:-1]).ids.tolist()) - read[number]) <= cuts[number] * longest


def test_documents_of_one_sentence_make_no_pair() -> None:
    assert not list(pack_pairs(document(1, (5,)), lambda _: DOCUMENTS[0], FULL, np.random.default_rng(1)))


@given(st.lists(st.integers(1, 90), min_size=1, max_size=12), st.integers(0, 99))
def test_single_segments_hold_every_piece_once(lengths: list[int], seed: int) -> None:
    sentences = document(1, tuple(lengths))
    parts = list(pack_single(sentences, SOME_SHORT, np.random.default_rng(seed)))
    assert joined(parts).ids.tolist() == joined(sentences).ids.tolist()
    assert max(len(part) for part in parts) <= 62


@given(st.integers(1, 50), st.integers(1, 50), st.integers(2, 60), st.integers(0, 9))
def test_trimming_takes_from_the_longer_one_down_to_the_target(one: int, two: int, target: int, seed: int) -> None:
    first, second = document(1, (one,))[0], document(2, (two,))[0]
    short, long = trim(first, second, target, np.random.default_rng(seed))
    assert len(short) + len(long) == min(one + two, target)
    assert len(short) == one or len(short) >= target // 2
    assert len(long) == two or len(long) >= target // 2
    assert (np.diff(short.ids) == 1).all() and (np.diff(long.ids) == 1).all()
