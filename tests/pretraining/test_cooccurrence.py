"""Counts and vectors by known answers: a handful of counts by hand, and pieces of like company as neighbours."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("datasets", reason="the pretrain extra is not installed")
import torch
from hypothesis import given
from hypothesis import strategies as st

from jointbert.model.pretraining import fresh_pretraining_model, start_embeddings, start_positions
from jointbert.pretraining import cooccurrence
from jointbert.pretraining.cooccurrence import count_near, embed_counts


def by_hand(runs: list[list[int]], vocabulary: int, window: int) -> np.ndarray:
    counts = np.zeros((vocabulary, vocabulary))
    for run in runs:
        for here, one in enumerate(run):
            for there, other in enumerate(run):
                if 0 < abs(here - there) <= window:
                    counts[one, other] += (window + 1 - abs(here - there)) / window
    return counts


@given(st.lists(st.lists(st.integers(0, 5), max_size=9), max_size=5), st.integers(1, 4), st.integers(1, 12))
def test_counts_are_those_made_by_hand_however_they_are_cut(runs: list[list[int]], window: int, at_a_time: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cooccurrence, "_PIECES", at_a_time)
        found = count_near([np.array(run, dtype=np.int64) for run in runs], 6, window)
    np.testing.assert_allclose(found.toarray(), by_hand(runs, 6, window))


def test_pieces_in_like_company_get_like_vectors() -> None:
    """Pieces 0-3 are cities, 4-7 days: each stands between the words of its kind (8-11 and 12-15)."""
    rng = np.random.default_rng(4)
    runs = []
    for _ in range(2000):
        kind = int(rng.integers(2))
        near = 8 + 4 * kind + rng.integers(4, size=4)
        runs.append(np.array([near[0], near[1], 4 * kind + rng.integers(4), near[2], near[3]]))
    vectors = embed_counts(count_near(runs, 18), 4)
    likeness = vectors @ vectors.T
    assert likeness[:4, :4].min() > likeness[:4, 4:8].max() + 0.5
    np.testing.assert_allclose(np.linalg.norm(vectors[:16], axis=1), 1.0, rtol=1e-5)
    assert not vectors[16:].any()  # never counted


def test_a_model_starts_from_vectors_and_frequencies_and_keeps_its_own_where_there_are_none() -> None:
    model = fresh_pretraining_model("tiny", 6, 0, 16, 0.0)
    before = model.get_input_embeddings().weight.detach().clone()
    vectors = np.zeros((6, 128), np.float32)
    vectors[2, 7] = 1.0
    start_embeddings(model, vectors, np.array([0.0, 0.0, 6.0, 0.0, 0.0, 0.0]))
    table = model.get_input_embeddings().weight
    assert torch.equal(table[[0, 1, 3, 4, 5]], before[[0, 1, 3, 4, 5]])
    assert table[2].argmax() == 7 and float(table[2].detach().norm()) == pytest.approx(0.04 * 128**0.5)
    bias = model.cls.predictions.bias
    torch.testing.assert_close(bias.exp(), torch.tensor([1.0, 1, 7, 1, 1, 1]) / 12)
    assert model.cls.predictions.decoder.weight is table  # tied


def test_sinusoidal_positions_are_told_apart_by_their_distance_alone() -> None:
    model = fresh_pretraining_model("tiny", 6, 0, 64, 0.0)
    start_positions(model)
    table = model.bert.embeddings.position_embeddings.weight.detach()
    products = table @ table.T
    for distance in (0, 1, 5, 20):
        along = products.diagonal(distance)
        torch.testing.assert_close(along, along[:1].expand_as(along), rtol=1e-4, atol=1e-5)
    assert products[0, 0] > products[0, 1] > products[0, 5]
    assert float(table.std()) == pytest.approx(0.04, rel=0.3)
