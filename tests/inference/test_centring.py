"""Centring: what all vectors share is taken off, nothing else is, and nothing becomes zero or noise."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from jointbert.inference.centring import FEWEST, common_part, without


def leaning(rows: int, lean: float, seed: int = 0, width: int = 16) -> np.ndarray:
    """Random vectors of length 1, all moved by the same long one."""
    chance = np.random.default_rng(seed)
    vectors = chance.normal(size=(rows, width)) / np.sqrt(width)
    shared = chance.normal(size=width)
    vectors += lean * shared / np.linalg.norm(shared)
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


@settings(max_examples=60, deadline=None)
@given(st.integers(FEWEST, 200), st.floats(0, 20), st.integers(0, 99))
def test_what_is_left_has_length_one_and_leans_nowhere(rows: int, lean: float, seed: int) -> None:
    vectors = leaning(rows, lean, seed)
    kept = vectors.copy()
    common = common_part(vectors)
    found = without(common, vectors)
    assert (found.dtype, found.shape) == (np.float32, vectors.shape)
    np.testing.assert_array_equal(vectors, kept, "the vectors themselves were changed")
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1.0, atol=1e-5)
    exact = vectors.astype(np.float64) - vectors.astype(np.float64).mean(0)
    exact /= np.linalg.norm(exact, axis=1, keepdims=True)
    np.testing.assert_allclose(found, exact, atol=1e-4)
    assert abs((found @ found.T)[np.triu_indices(rows, 1)].mean()) < 0.1


def test_below_the_least_number_nothing_is_taken_off() -> None:
    for rows in (0, 1, 2, 3, FEWEST - 1):
        vectors = leaning(rows, 5)
        common = common_part(vectors)
        assert not common.any() and common.shape == (16,)
        np.testing.assert_allclose(without(common, vectors), vectors, atol=1e-6)
    assert common_part(leaning(FEWEST, 5)).any()


def test_vectors_that_differ_in_rounding_only_are_left_as_they_are() -> None:
    noise = np.random.default_rng(0).normal(size=(50, 16)) * 1e-5
    vectors = leaning(1, 5).repeat(50, axis=0) + noise.astype(np.float32)
    assert not common_part(vectors).any()


def test_rows_of_length_zero_stay_and_do_not_count() -> None:
    vectors = leaning(30, 5)
    holes = np.concatenate([vectors, np.zeros((40, 16), np.float32)])
    np.testing.assert_array_equal(common_part(holes), common_part(vectors))
    found = without(common_part(holes), holes)
    assert not found[30:].any()
    np.testing.assert_array_equal(found[:30], without(common_part(vectors), vectors))
    assert not common_part(np.zeros((40, 16), np.float32)).any()
