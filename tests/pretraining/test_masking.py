"""The rates of masking, counted on real inputs; the tolerances are four standard deviations of a fair count."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
import tiny
from hypothesis import given
from hypothesis import strategies as st

from jointbert.codec.pairs import PairCodec, Pieces
from jointbert.pretraining.masking import Masked, Masking

CODEC = PairCodec(tiny.english())
PAIR = CODEC.join(*CODEC.pieces(tiny.ENGLISH[:2]), follows=True)


def masking(share: float = 0.15, whole_words: bool = False) -> Masking:
    return Masking(share, whole_words, CODEC.mask_id, CODEC.ordinary_ids, CODEC.special_ids)


def drawn(times: int, **settings: object) -> list[Masked]:
    kind = masking(**settings)  # type: ignore[arg-type]
    return [kind.apply(PAIR, np.random.default_rng([1, index])) for index in range(times)]


def near(count: int, total: int, share: float) -> bool:
    """Whether ``count`` of ``total`` is within four standard deviations of the share."""
    return abs(count - share * total) <= 4 * sqrt(total * share * (1 - share))


@pytest.mark.parametrize("whole_words", [False, True])
@pytest.mark.parametrize("share", [0.15, 0.4])
def test_the_share_of_the_pieces_is_chosen(share: float, whole_words: bool) -> None:
    ordinary = int((~np.isin(PAIR.input_ids, CODEC.special_ids)).sum())
    found = drawn(4000, share=share, whole_words=whole_words)
    assert near(sum(len(item.chosen) for item in found), 4000 * ordinary, share)


@pytest.mark.parametrize("pieces", [1, 3, 6, 7, 8])
def test_of_very_short_inputs_one_piece_is_chosen_and_so_more_than_the_share(pieces: int) -> None:
    sentence = CODEC.pieces(tiny.ENGLISH[:1])[0]
    assert len(sentence) >= pieces
    pair = CODEC.join(Pieces(sentence.ids[:pieces], sentence.starts[:pieces]))
    counts = [len(masking().apply(pair, np.random.default_rng([2, index])).chosen) for index in range(2000)]
    assert min(counts) == 1
    if 0.15 * pieces < 1:
        assert max(counts) == 1
    else:
        assert near(sum(counts) - 2000, 2000, 0.15 * pieces - 1)  # a second one makes the expected number right


def test_of_very_short_inputs_one_word_is_chosen() -> None:
    pair = CODEC.join(CODEC.pieces(["jazzily"])[0])
    ordinary = int((~np.isin(pair.input_ids, CODEC.special_ids)).sum())
    assert ordinary > 1
    assert len(masking(whole_words=True).apply(pair, np.random.default_rng(1)).chosen) == ordinary


def test_of_the_chosen_80_are_hidden_10_replaced_10_kept() -> None:
    found = drawn(6000)
    shown = np.concatenate([item.input_ids[item.chosen] for item in found])
    labels = np.concatenate([item.labels for item in found])
    total = len(labels)
    assert near(int((shown == CODEC.mask_id).sum()), total, 0.8)
    lucky = 0.1 / len(CODEC.ordinary_ids)  # a random piece may be the right one
    assert near(int((shown == labels).sum()), total, 0.1 + lucky)
    assert near(int(((shown != labels) & (shown != CODEC.mask_id)).sum()), total, 0.1 - lucky)


def test_every_ordinary_piece_may_replace_and_every_place_may_be_chosen() -> None:
    found = drawn(8000)
    replaced = {int(piece) for item in found for piece in item.input_ids[item.chosen]} - {CODEC.mask_id}
    assert replaced <= set(CODEC.ordinary_ids.tolist())
    assert len(replaced) > 0.95 * len(CODEC.ordinary_ids)
    special = np.flatnonzero(np.isin(PAIR.input_ids, CODEC.special_ids))
    chosen = {int(place) for item in found for place in item.chosen}
    assert chosen == set(range(len(PAIR.input_ids))) - set(special.tolist())


@pytest.mark.parametrize("whole_words", [False, True])
def test_what_is_not_chosen_is_shown_as_it_is_and_labels_are_the_truth(whole_words: bool) -> None:
    for item in drawn(200, whole_words=whole_words):
        rest = np.setdiff1d(np.arange(len(PAIR.input_ids)), item.chosen)
        np.testing.assert_array_equal(item.input_ids[rest], PAIR.input_ids[rest])
        np.testing.assert_array_equal(item.labels, PAIR.input_ids[item.chosen])
        assert (np.diff(item.chosen) > 0).all()


def test_the_next_time_other_pieces_are_chosen_and_the_same_time_the_same() -> None:
    one, again, other = (masking().apply(PAIR, np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.chosen, again.chosen)
    np.testing.assert_array_equal(one.input_ids, again.input_ids)
    assert one.chosen.tolist() != other.chosen.tolist()


def test_whole_words_are_chosen_whole() -> None:
    pair = CODEC.join(*CODEC.pieces(["the zebra flies tomorrow", "jazzily booked"]), follows=True)
    ordinary = ~np.isin(pair.input_ids, CODEC.special_ids)
    words = np.where(ordinary, np.cumsum(pair.starts), 0)
    assert np.bincount(words[ordinary])[1:].max() > 1, "the text needs words of several pieces"
    for item in (masking(whole_words=True).apply(pair, np.random.default_rng(seed)) for seed in range(300)):
        for word in set(words[item.chosen].tolist()):
            assert set(np.flatnonzero(words == word)) <= set(item.chosen.tolist())


@given(st.text(max_size=40), st.booleans(), st.integers(0, 99))
def test_any_text_can_be_masked(text: str, whole_words: bool, seed: int) -> None:
    pair = CODEC.join(CODEC.pieces([text])[0])
    item = masking(whole_words=whole_words).apply(pair, np.random.default_rng(seed))
    ordinary = int((~np.isin(pair.input_ids, CODEC.special_ids)).sum())
    assert bool(len(item.chosen)) == bool(ordinary)
    assert len(item.chosen) <= ordinary
