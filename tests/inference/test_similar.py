"""Near-duplicates and nearest utterances: planted ones are found, also where all vectors lean the same way; blocks are
as brute force, memory is flat."""

from __future__ import annotations

import logging
import tracemalloc
from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jointbert.errors import DataError
from jointbert.inference import similar
from jointbert.inference.centring import FEWEST
from jointbert.inference.nearest import Closest, close_pairs, count_tiles, nearest
from jointbert.inference.similar import Pair, near_duplicates, nearest_utterances
from jointbert.utterance import Utterance


class Stand:
    """An encoder whose vectors lie on a circle at the angle, in degrees, that stands at a text's end."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def embed(
        self, texts: Sequence[str], batch_size: int = 32, progress: Callable[[int], None] | None = None
    ) -> np.ndarray:
        self.asked += texts
        angles = np.radians([float(text.split()[-1]) for text in texts])
        if progress is not None:
            progress(len(texts))
        return np.stack([np.cos(angles), np.sin(angles)], axis=-1).astype(np.float32).reshape(-1, 2)


class Leaning(Stand):
    """The same circle far out along a third axis: the cosine of any two texts is above 0.8."""

    def embed(
        self, texts: Sequence[str], batch_size: int = 32, progress: Callable[[int], None] | None = None
    ) -> np.ndarray:
        circle = super().embed(texts, batch_size, progress)
        out = np.full((len(circle), 1), 3.5, np.float32)
        return (np.concatenate([circle, out], axis=1) / np.hypot(1, 3.5)).astype(np.float32)


def said(*texts: tuple[str, str | None]) -> list[Utterance]:
    return [Utterance(text, intent, where=f"it.jsonl:{line}") for line, (text, intent) in enumerate(texts, start=1)]


def lines(pairs: Sequence[Pair]) -> list[tuple[str, str]]:
    return [(str(pair.first.where)[9:], str(pair.second.where)[9:]) for pair in pairs]


PLANTED = said(
    ("a 0", "x"), ("b 90", "x"), ("c 10", "y"), ("d 180", None), ("e 92", "x"), ("f 275", "y"), ("g 15", None)
)


def test_planted_near_duplicates_are_found_the_most_alike_first() -> None:
    found = near_duplicates(PLANTED, Stand(), threshold=np.cos(np.radians(12)))
    assert lines(found.pairs) == [("2", "5"), ("3", "7"), ("1", "3")]
    assert [pair.cosine for pair in found.pairs] == pytest.approx(np.cos(np.radians([2, 5, 10])), abs=1e-6)
    assert [pair.conflict for pair in found.pairs] == [False, False, True]
    assert (found.total, found.conflicts) == (3, 1)


def test_most_limits_what_is_shown_and_not_what_is_counted() -> None:
    found = near_duplicates(PLANTED, Stand(), threshold=np.cos(np.radians(12)), most=1)
    assert (lines(found.pairs), found.total, found.conflicts) == ([("2", "5")], 3, 1)


def test_conflicts_alone() -> None:
    found = near_duplicates(PLANTED, Stand(), threshold=0.9, conflicts_only=True)
    assert (lines(found.pairs), found.conflicts) == ([("1", "3")], 1)


def test_a_repeated_utterance_pairs_with_its_first_occurrence_only() -> None:
    utterances = said(("a 0", "x"), ("b 1", "x"), ("a 0", "x"), ("a 0", "y"), ("a 0", "x"))
    stand = Stand()
    found = near_duplicates(utterances, stand, threshold=0.99)
    assert lines(found.pairs) == [("1", "3"), ("1", "4"), ("1", "5"), ("1", "2"), ("2", "4")]
    assert [pair.conflict for pair in found.pairs] == [False, True, False, False, True]
    assert (found.total, found.conflicts) == (5, 2)
    assert stand.asked == ["a 0", "b 1"], "a text was computed twice"


def test_identical_vectors_reach_a_threshold_of_one() -> None:
    assert lines(near_duplicates(said(("a 33", "x"), ("b 33", "x")), Stand(), threshold=1.0).pairs) == [("1", "2")]


AROUND = said(
    *((f"{side} {angle + turn}", "x") for side, turn in (("a", 0), ("b", 180)) for angle in range(0, 140, 14))
)
"""20 texts whose mean on the circle is its centre; neighbours are 14 degrees apart."""


def test_a_direction_that_all_vectors_share_does_not_make_them_alike() -> None:
    texts = [item.text for item in AROUND]
    vectors = Leaning().embed(texts)
    assert (vectors @ vectors.T).min() > 0.8
    found = near_duplicates(AROUND, Leaning(), threshold=np.cos(np.radians(20)), most=100)
    assert {lines([pair])[0] for pair in found.pairs} == {
        (str(first), str(first + 1)) for first in range(1, 20) if first != 10
    }
    assert [pair.cosine for pair in found.pairs] == pytest.approx([np.cos(np.radians(14))] * 18, abs=1e-5)
    assert found.total == 18


def test_the_shared_direction_is_taken_off_the_text_that_is_asked_for_too() -> None:
    plain = nearest_utterances("query 17", AROUND, Stand(), most=4)
    leaning = nearest_utterances("query 17", AROUND, Leaning(), most=4)
    assert [item.utterance.text for item in leaning] == ["a 14", "a 28", "a 0", "a 42"]
    assert [item.utterance for item in plain] == [item.utterance for item in leaning]
    assert [item.cosine for item in leaning] == pytest.approx(np.cos(np.radians([3, 11, 17, 25])), abs=1e-5)


def test_a_text_that_stands_there_often_counts_once_in_what_all_share() -> None:
    often = AROUND + said(*(("a 14", f"intent {number}") for number in range(30)), *[("a 28", "x")] * 30)
    found = nearest_utterances("query 17", often, Leaning(), most=1)
    assert found[0].cosine == pytest.approx(np.cos(np.radians(3)), abs=1e-5)


def test_few_texts_are_compared_as_they_are_and_it_is_said(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "jointbert"):
        found = near_duplicates(AROUND[: FEWEST - 1] * 2, Leaning(), threshold=0.8)
    [message] = [record.getMessage() for record in caplog.records]
    assert message.startswith("19 different texts are too few to tell what all have in common (it takes 20)")
    assert found.total == 19 * 18 / 2 + 19
    caplog.clear()
    with caplog.at_level(logging.WARNING, "jointbert"):
        [near] = nearest_utterances("query 30", AROUND[:1], Leaning())
        near_duplicates(AROUND, Leaning())
        near_duplicates([], Leaning())
    assert near.cosine == pytest.approx((np.cos(np.radians(30)) + 3.5**2) / (1 + 3.5**2), abs=1e-6)
    assert [record.getMessage()[:18] for record in caplog.records] == ["1 different texts "]


def test_many_texts_with_one_and_the_same_vector_are_alike() -> None:
    texts = said(*((f"{number} 40", "x") for number in range(30)))
    for encoder in (Stand(), Leaning()):
        assert near_duplicates(texts, encoder, threshold=0.999).total == 30 * 29 / 2


def test_nothing_is_like_nothing() -> None:
    assert near_duplicates([], Stand()).pairs == ()
    assert near_duplicates(said(("a 0", "x")), Stand()).total == 0
    assert nearest_utterances("q 0", [], Stand()) == []


def test_the_nearest_utterances_are_listed_once_each() -> None:
    utterances = said(("a 0", "x"), ("b 40", "y"), ("a 0", "x"), ("a 0", "z"), ("c 200", None))
    found = nearest_utterances("query 30", utterances, Stand(), most=3)
    assert [(item.utterance.where, item.count) for item in found] == [
        ("it.jsonl:2", 1),
        ("it.jsonl:1", 2),
        ("it.jsonl:4", 1),
    ]
    assert [item.cosine for item in found] == pytest.approx(np.cos(np.radians([10, 30, 30])), abs=1e-6)
    assert nearest_utterances("query 200", utterances, Stand())[0].utterance.intent is None


def test_progress_tells_both_parts_to_their_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, int, int]] = []
    near_duplicates(PLANTED, Stand(), progress=lambda *parts: told.append(parts))
    assert told == [("embedding", 7, 7), ("comparing", 1, 1)]


@pytest.mark.parametrize("threshold", [1.5, -2.0, float("nan")])
def test_a_threshold_that_is_no_cosine_is_refused(threshold: float) -> None:
    with pytest.raises(DataError, match=r"threshold: is .*; expected a cosine from -1 to 1"):
        near_duplicates(PLANTED, Stand(), threshold)


def test_showing_nothing_is_refused() -> None:
    with pytest.raises(DataError, match="most: is 0; expected at least 1"):
        near_duplicates(PLANTED, Stand(), most=0)
    with pytest.raises(DataError, match="most: is -1; expected at least 1"):
        nearest_utterances("a 0", PLANTED, Stand(), most=-1)


def unit(rows: int, width: int = 3, seed: int = 0) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(rows, width)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 40), st.integers(1, 50), st.floats(-1, 1), st.integers(1, 30), st.integers(0, 99))
def test_blocks_give_what_brute_force_gives(rows: int, block: int, threshold: float, most: int, seed: int) -> None:
    vectors = unit(rows, seed=seed)
    exact = vectors.astype(np.float64) @ vectors.astype(np.float64).T
    expected = {(a, b): exact[a, b] for a, b in combinations(range(rows), 2)}
    closest, seen, tiles = Closest(most), {}, 0
    for first, second, cosines in close_pairs(vectors, threshold, block):
        tiles += 1
        seen |= dict(zip(zip(first.tolist(), second.tolist(), strict=True), cosines.tolist(), strict=True))
        closest.add((first, second, cosines))
    assert tiles == count_tiles(rows, block)
    assert all(expected[pair] == pytest.approx(cosine, abs=1e-6) for pair, cosine in seen.items())
    assert seen.keys() >= {pair for pair, cosine in expected.items() if cosine >= threshold + 1e-6}
    assert seen.keys() <= {pair for pair, cosine in expected.items() if cosine >= threshold - 3e-6}
    kept = list(closest)
    assert len(kept) == min(most, len(seen))
    assert [cosine for *_, cosine in kept] == pytest.approx(sorted(seen.values(), reverse=True)[:most], abs=3e-6)


def test_of_equals_the_first_pair_is_kept_whatever_the_block() -> None:
    vectors = np.repeat(unit(1), 30, axis=0)
    for block in (4, 7, 100):
        closest = Closest(5)
        for tile in close_pairs(vectors, 0.9, block):
            closest.add(tile)
        assert [(first, second) for first, second, _ in closest] == [(0, 1), (0, 2), (0, 3), (0, 4), (0, 5)]


def test_nearest_is_what_sorting_all_gives() -> None:
    vectors, query = unit(200, 8), unit(1, 8, seed=5)[0]
    expected = np.argsort(-(vectors @ query))[:7]
    assert [place for place, _ in nearest(vectors, query, 7)] == expected.tolist()


def test_memory_does_not_grow_with_the_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = unit(12_000, 8)  # an n x n matrix would take 576 MB, the 7 million pairs above 0.7 another 140 MB
    closest, total = Closest(10), 0
    tracemalloc.start()
    try:
        for tile in close_pairs(vectors, 0.7, block=1024):
            closest.add(tile)
            total += len(tile[0])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert total > 1_000_000
    assert peak < 30e6


def test_the_default_threshold_is_the_commands() -> None:
    from inspect import signature

    from jointbert.cli import data_similar

    assert signature(data_similar.similar).parameters["threshold"].default == similar.THRESHOLD
