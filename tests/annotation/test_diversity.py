"""Vectors of texts, orders that cover the data, and batches without twins."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jointbert.annotation.diversity import covering_order, farthest_first, pick
from jointbert.annotation.text_vectors import text_vectors

KINDS = (
    "fly from {} to {} tomorrow morning",
    "play some {} by {} on spotify",
    "what is the weather like in {} and {}",
    "book a table for two at {} near {}",
    "remind me to call {} and {} at noon",
)
FILLERS = ("Rome", "Oslo", "Boston", "Lima", "Cairo", "Tokyo")


def corpus(copies: int) -> list[tuple[int, str]]:
    """Five kinds of texts, each with ``copies`` variants; the kind of each goes along."""
    return [
        (kind, form.format(FILLERS[n % 6], FILLERS[(n // 6) % 6]))
        for kind, form in enumerate(KINDS)
        for n in range(copies)
    ]


def test_alike_texts_are_close_and_others_are_not() -> None:
    vectors = text_vectors(
        ["book a table in Rome", "book a table in rome!", "where is my parcel", "去北京的机票", "去上海的机票"]
    )
    alike = vectors @ vectors.T
    assert alike[0, 1] > 0.9 and alike[0, 2] < 0.3
    assert alike[3, 4] > alike[3, 0]
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("texts", [[], [""], ["", " ", "\u200b"], ["a"], ["\ud83d", "x \udc00 y"], ["same"] * 5])
def test_any_texts_have_vectors_and_an_order(texts: list[str]) -> None:
    vectors = text_vectors(texts)
    assert len(vectors) == len(texts) and np.isfinite(vectors).all()
    assert sorted(covering_order(vectors).tolist()) == list(range(len(texts)))


def test_the_same_texts_give_the_same_vectors() -> None:
    texts = [text for _, text in corpus(30)]
    assert np.array_equal(text_vectors(texts), text_vectors(texts))


def test_the_first_of_the_order_cover_all_kinds() -> None:
    kinds, texts = zip(*corpus(30), strict=True)
    order = covering_order(text_vectors(texts))
    assert sorted(order.tolist()) == list(range(len(texts)))
    assert len({kinds[row] for row in order[:8]}) == 5


def test_near_duplicates_come_last() -> None:
    texts = [text for _, text in corpus(20)]
    doubled = texts + [text.upper() + " " for text in texts]
    first_half = covering_order(text_vectors(doubled))[: len(texts)]
    assert len({doubled[row].strip().casefold() for row in first_half}) == len({text.casefold() for text in texts})


def test_a_rare_kind_is_not_drowned_by_a_frequent_one() -> None:
    texts = [f"play song number {number} by them" for number in range(200)] + [
        "cancel my subscription",
        "is it raining",
    ]
    order = covering_order(text_vectors(texts)).tolist()
    assert max(order.index(200), order.index(201)) < 60


def test_farthest_first_on_a_line_of_angles() -> None:
    angles = np.radians([0, 10, 90, 40])
    vectors = np.stack([np.cos(angles), np.sin(angles)], 1).astype(np.float32)
    order, distances = farthest_first(vectors, 0)
    assert order.tolist() == [0, 2, 3, 1]
    assert distances[1:] == pytest.approx([1 - np.cos(np.radians(d)) for d in (90, 40, 10)], abs=1e-5)


UNIT = np.eye(4, dtype=np.float32)


def test_a_batch_holds_the_uncertain_but_no_twins() -> None:
    vectors = UNIT[[0, 0, 0, 1, 2, 3]]
    uncertainty = np.array([0.99, 0.98, 0.97, 0.5, 0.4, 0.01])
    assert pick(uncertainty, vectors, 3).tolist() == [0, 3, 4]


def test_a_batch_is_chosen_among_the_most_uncertain() -> None:
    rng = np.random.default_rng(0)
    uncertainty = np.linspace(1, 0, 1000)
    chosen = pick(uncertainty, rng.normal(size=(1000, 8)).astype(np.float32), 10)
    assert chosen.max() < 100 and len(set(chosen.tolist())) == 10


def test_a_batch_spreads_further_than_the_most_uncertain_alone() -> None:
    kinds, texts = zip(*corpus(30), strict=True)
    uncertainty = np.array([0.9 - 0.1 * kind for kind in kinds])
    chosen = pick(uncertainty, text_vectors(texts), 10)
    alone = np.argsort(-uncertainty, kind="stable")[:10]
    assert len({kinds[row] for row in alone}) == 1 < len({kinds[row] for row in chosen})


@settings(deadline=None, max_examples=30)
@given(st.lists(st.floats(0, 1), max_size=25), st.integers(0, 12), st.integers(0, 5))
def test_a_batch_has_as_many_as_asked_for_or_all(uncertain: list[float], count: int, seed: int) -> None:
    vectors = np.random.default_rng(seed).integers(0, 2, (len(uncertain), 3)).astype(np.float32)
    chosen = pick(np.array(uncertain), vectors, count).tolist()
    assert len(chosen) == len(set(chosen)) == min(count, len(uncertain))
    values = [uncertain[row] for row in chosen]
    assert values == sorted(values, reverse=True)
