"""Scorers of scope by known answers; what a scope says of utterances; nothing is lost on the way through arrays."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
import pytest
from sklearn.covariance import ledoit_wolf

from jointbert.codec.scope import SCORERS, Scope, outside_id
from jointbert.codec.scope_logits import Energy, MaxProbability, log_sum
from jointbert.codec.scope_scorer import Evidence
from jointbert.codec.scope_states import BANK, NEIGHBOURS, Contrast, Mahalanobis, Nearest, bank_of, shrunk_covariance
from jointbert.config.shape import ScorerName
from jointbert.labels import Labels, LabelSet

RANDOM = np.random.default_rng(5)
WIDTH = 6


def blobs(count: int = 60, kinds: int = 3, seed: int = 1) -> Evidence:
    """Normal clouds of one unequal covariance around far-off means, and a cloud elsewhere for what is out of scope."""
    random = np.random.default_rng(seed)
    means = random.normal(size=(kinds, WIDTH)) * 8
    classes = np.arange(count) % kinds
    stretch = np.diag([3.0, 1.0, 1.0, 0.5, 0.5, 0.1])
    states = means[classes] + random.normal(size=(count, WIDTH)) @ stretch
    outside = random.normal(size=(8, WIDTH)) - 30.0
    return Evidence(states.astype(np.float32), classes.astype(np.int64), outside.astype(np.float32))


def test_every_name_of_the_config_is_a_scorer() -> None:
    assert set(get_args(ScorerName)) == {"none", "auto", *SCORERS}
    assert all(name == kind.name for name, kind in SCORERS.items())


def test_max_probability_and_energy_by_hand() -> None:
    logits = np.log(np.array([[0.7, 0.2, 0.1], [1.0, 1.0, 2.0]], dtype=np.float32))
    assert MaxProbability().score(logits, None) == pytest.approx([0.7, 0.5])
    assert Energy().score(logits, None) == pytest.approx([np.log(1.0), np.log(4.0)], abs=1e-6)
    assert log_sum(np.array([[1000.0, 1000.0]])) == pytest.approx([1000.0 + np.log(2)])


def test_an_intent_for_what_is_out_of_scope_is_nothing_to_be_sure_of() -> None:
    logits = np.log(np.array([[0.1, 0.1, 0.8], [0.8, 0.1, 0.1]]))
    assert MaxProbability().score(logits, None, 2) == pytest.approx([0.1, 0.8])
    assert Energy().score(logits, None, 2) == pytest.approx([np.log(0.2), np.log(0.9)])


def test_the_shrunk_covariance_is_scikit_learns() -> None:
    for rows in (4, 10, 300):
        states = RANDOM.normal(size=(rows, WIDTH)) * [1, 2, 3, 1, 1, 5]
        centred = states - states.mean(0)
        expected, _ = ledoit_wolf(centred, assume_centered=True)
        np.testing.assert_allclose(shrunk_covariance(centred), expected, rtol=1e-8)


def test_states_that_are_all_the_same_have_a_covariance_to_invert() -> None:
    scorer = Mahalanobis.fit(Evidence(np.ones((3, 4), np.float32), np.zeros(3, np.int64), np.zeros((0, 0))))
    scores = scorer.score(None, np.array([[1.0, 1, 1, 1], [2.0, 1, 1, 1]], dtype=np.float32))
    assert scores[0] == 0.0 and scores[1] < -1.0 and np.isfinite(scores).all()


def test_mahalanobis_is_the_distance_to_the_nearest_mean() -> None:
    evidence = blobs()
    states = evidence.states.astype(np.float64)
    means = np.stack([states[evidence.classes == kind].mean(0) for kind in range(3)])
    inverse = np.linalg.inv(shrunk_covariance(states - means[evidence.classes]))
    asked = RANDOM.normal(size=(7, WIDTH)) * 10
    expected = [-min(float((x - m) @ inverse @ (x - m)) for m in means) for x in asked]
    found = Mahalanobis.fit(evidence).score(None, asked.astype(np.float32))
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_knn_is_the_cosine_of_the_kth_neighbour() -> None:
    evidence = blobs()
    asked = RANDOM.normal(size=(5, WIDTH)).astype(np.float32)
    unit = evidence.states / np.linalg.norm(evidence.states, axis=1, keepdims=True)
    cosines = asked / np.linalg.norm(asked, axis=1, keepdims=True) @ unit.T
    expected = -np.sort(-cosines, axis=1)[:, NEIGHBOURS - 1]
    np.testing.assert_allclose(Nearest.fit(evidence).score(None, asked), expected, atol=2e-3)
    few = Evidence(evidence.states[:2], evidence.classes[:2], evidence.outside)
    np.testing.assert_allclose(Nearest.fit(few).score(None, asked), cosines[:, :2].min(1), atol=2e-3)


def test_contrast_knows_what_lies_near_the_outside() -> None:
    evidence = blobs()
    scorer = Contrast.fit(evidence)
    assert scorer.score(None, evidence.outside).max() < 0.0 < scorer.score(None, evidence.states).min()


def test_a_bank_is_bounded_and_taken_evenly() -> None:
    many = np.eye(2, dtype=np.float32)[np.arange(2 * BANK + 2) % 2]
    assert len(bank_of(many)) <= BANK and len(bank_of(many[:50])) == 50
    assert bank_of(np.zeros((1, 3), np.float32)).tolist() == [[0.0, 0.0, 0.0]]


@pytest.mark.parametrize("name", SCORERS)
def test_a_scorer_parts_the_near_from_the_far_and_comes_back_from_its_arrays(name: str) -> None:
    evidence = blobs()
    scorer = SCORERS[name].fit(evidence)
    logits = np.eye(3)[evidence.classes] * 9
    inside = scorer.score(logits, evidence.states)
    outside = scorer.score(np.zeros((8, 3)), evidence.outside)
    assert inside.shape == (60,) and outside.max() < inside.min()
    again = SCORERS[name].of(scorer.arrays())
    assert (again.score(logits, evidence.states) == inside).all()
    assert bool(scorer.arrays()) == scorer.needs_state


WRONG: list[tuple[type[Any], dict[str, Any]]] = [
    (Mahalanobis, {"whitener": np.eye(3), "means": np.ones((2, 4))}),
    (Mahalanobis, {"whitener": np.ones((3, 4)), "means": np.ones((2, 3))}),
    (Nearest, {"bank": np.ones(3)}),
    (Nearest, {"bank": np.full((2, 3), np.nan)}),
    (Nearest, {"bank": np.ones((0, 3))}),
    (Contrast, {"bank": np.ones((2, 3)), "outside": np.ones((2, 4))}),
]


@pytest.mark.parametrize(("kind", "arrays"), WRONG)
def test_arrays_of_another_shape_are_refused(kind: type[Any], arrays: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"matrix|shape"):
        kind.of(arrays)
    with pytest.raises(KeyError):
        kind.of({})


def test_a_scope_judges_by_its_threshold() -> None:
    scope = Scope(MaxProbability(), 0.5)
    logits = np.log(np.array([[0.5, 0.5], [0.6, 0.4], [0.3, 0.7]]))
    assert scope.judge(logits, None) == [(True, pytest.approx(s)) for s in (0.5, 0.6, 0.7)]
    assert [ok for ok, _ in Scope(MaxProbability(), 0.65).judge(logits, None)] == [False, False, True]
    with pytest.raises(ValueError, match="threshold"):
        Scope(MaxProbability(), float("nan"))


def test_what_is_given_the_intent_out_of_scope_is_never_in_scope() -> None:
    labels = Labels(LabelSet("intent", ("book", "oos")), None)
    assert (outside_id(labels, "oos"), outside_id(labels, None), outside_id(labels, "no")) == (1, None, None)
    scope = Scope(MaxProbability(), 0.0, "oos", outside_id(labels, "oos"))
    logits = np.log(np.array([[0.6, 0.4], [0.4, 0.6]]))
    assert [ok for ok, _ in scope.judge(logits, None)] == [True, False]
