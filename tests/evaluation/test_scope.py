"""AUROC, AUPR and FPR against scikit-learn; the two rules for a threshold; what is told of parses."""

from __future__ import annotations

import io
import json
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve

from jointbert.evaluation.room import Fitting
from jointbert.evaluation.scope import (
    aupr,
    auroc,
    fpr_at,
    judge_scope,
    keeping,
    most_right,
    outside_names,
    part,
    scope_of_parses,
)
from jointbert.evaluation.scope_view import COLUMNS, scope_table
from jointbert.utterance import Parse, Utterance

SHARES = st.sampled_from([0.01, 0.03, 0.1, 0.5, 0.9])
EDGES = np.arange(-3, 3.3, 0.25)
SCORES = st.lists(st.integers(-5, 5).map(lambda number: number / 2), min_size=1, max_size=40).map(np.array)


def some_right(inside: np.ndarray, seed: int) -> np.ndarray:
    """Which utterances are given the right intent: some seven of ten."""
    right: np.ndarray = np.random.default_rng(seed).random(len(inside)) < 0.7
    return right


@given(SCORES, SCORES)
def test_the_areas_are_scikit_learns(inside: np.ndarray, outside: np.ndarray) -> None:
    truth = np.concatenate([np.ones(len(inside)), np.zeros(len(outside))])
    both = np.concatenate([inside, outside])
    assert auroc(inside, outside) == pytest.approx(roc_auc_score(truth, both))
    assert aupr(inside, outside) == pytest.approx(average_precision_score(1 - truth, -both))


@given(SCORES, SCORES)
def test_the_false_positives_are_those_of_scikit_learns_curve(inside: np.ndarray, outside: np.ndarray) -> None:
    truth = np.concatenate([np.ones(len(inside)), np.zeros(len(outside))])
    rates, recalls, _ = roc_curve(truth, np.concatenate([inside, outside]), drop_intermediate=False)
    assert fpr_at(inside, outside) == pytest.approx(rates[np.argmax(recalls >= 0.95 - 1e-9)])


@given(SCORES, st.floats(0.01, 1.0))
def test_a_share_is_kept_and_no_higher_threshold_keeps_it(inside: np.ndarray, share: float) -> None:
    threshold = keeping(inside, share)
    assert (inside >= threshold).mean() >= share - 1e-9
    assert (inside > threshold).mean() < share


@given(SCORES, SCORES, st.integers(0, 2**20), SHARES)
def test_no_threshold_deals_with_more_rightly(inside: np.ndarray, outside: np.ndarray, seed: int, share: float) -> None:
    right = some_right(inside, seed)

    def good(threshold: float) -> float:
        kept, refused = float(((inside >= threshold) & right).mean()), float((outside < threshold).mean())
        return (1 - share) * kept + share * refused

    threshold = most_right(inside, right, outside, share)
    assert good(threshold) == pytest.approx(max(good(edge) for edge in EDGES), abs=1e-9)


@given(SCORES, SCORES, st.integers(0, 2**20))
def test_with_devs_own_share_most_dev_utterances_are_dealt_with_rightly(
    inside: np.ndarray, outside: np.ndarray, seed: int
) -> None:
    right = some_right(inside, seed)

    def good(threshold: float) -> int:
        return int(((inside >= threshold) & right).sum() + (outside < threshold).sum())

    threshold = most_right(inside, right, outside, len(outside) / (len(inside) + len(outside)))
    assert good(threshold) == max(good(edge) for edge in EDGES)


@given(SCORES, SCORES, st.integers(0, 2**20), SHARES, st.integers(2, 10))
def test_more_of_the_same_of_either_kind_does_not_move_the_threshold(
    inside: np.ndarray, outside: np.ndarray, seed: int, share: float, times: int
) -> None:
    right = some_right(inside, seed)
    threshold = most_right(inside, right, outside, share)
    assert most_right(inside, right, np.tile(outside, times), share) == threshold
    assert most_right(np.tile(inside, times), np.tile(right, times), outside, share) == threshold


@pytest.mark.parametrize("share", [0.03, 0.1, 0.5, 0.9])
def test_between_two_bells_the_threshold_is_where_their_weighed_densities_cross(share: float) -> None:
    apart = 3.0
    outside = np.array([NormalDist().inv_cdf((place + 0.5) / 4000) for place in range(4000)])
    inside = outside[::2] + apart
    found = most_right(inside, np.ones(len(inside), dtype=bool), outside, share)
    assert found == pytest.approx(apart / 2 - np.log((1 - share) / share) / apart, abs=0.05)


def test_between_two_clouds_the_threshold_is_in_the_middle() -> None:
    assert most_right(np.array([3.0, 4.0]), np.array([True, True]), np.array([0.0, 1.0]), 0.1) == 2.0


def test_what_is_refused_at_any_threshold_needs_none() -> None:
    inside, right = np.array([1.0, 3.0]), np.array([True, True])
    assert most_right(inside, right, np.array([2.0]), 0.4) == 2.5  # 2.0 weighs 0.4, and 1.0 weighs 0.3
    assert most_right(inside, right, np.array([2.0, -np.inf]), 0.4) == 1.0  # 2.0 weighs 0.2
    assert most_right(inside, right, np.array([-np.inf]), 0.4) == 1.0


def test_the_scores_by_hand() -> None:
    inside, right = np.array([5.0, 4.0, 3.0, 1.0]), np.array([True, False, True, True])
    found = judge_scope("energy", 2.0, inside, right, np.array([0.0, 1.0, 2.0, 3.5]))
    assert (found.kept, found.accuracy, found.recall) == (0.75, 0.5, 0.5)
    assert found.precision == pytest.approx(2 / 3) and (found.inside, found.outside) == (4, 4)
    assert json.loads(json.dumps(found.to_dict())) == found.to_dict()
    bare = judge_scope("energy", 2.0, inside, right, np.zeros(0))
    assert (bare.auroc, bare.fpr95, bare.aupr, bare.recall) == (None,) * 4 and bare.kept == 0.75
    assert judge_scope("energy", 0.0, inside, right, np.zeros(0)).precision is None


def test_what_parses_say_counts_not_the_threshold() -> None:
    def said(text: str, intent: str, ok: bool, score: float) -> Parse:
        return Parse(text, intent, 0.9, in_scope=ok, scope_score=score)

    gold = [Utterance("hi", "greet"), Utterance("bye", "leave"), Utterance("hm")]
    parses = [said("hi", "greet", True, 3.0), said("bye", "greet", True, 2.0), said("hm", "oos", False, 9.0)]
    found = scope_of_parses("knn", 1.0, list(zip(gold, parses, strict=True)), [said("2+2", "greet", False, 0.0)])
    assert (found.accuracy, found.kept) == (pytest.approx(1 / 3), pytest.approx(2 / 3))
    assert (found.recall, found.precision, found.auroc) == (1.0, 0.5, 1.0)


def test_utterances_are_parted_by_the_intent_that_marks_them() -> None:
    some = [Utterance("hi", "greet"), Utterance("2+2", "oos"), Utterance("hm")]
    assert part(some, None) == (some, [])
    assert part(some, "oos") == ([some[0], some[2]], [some[1]])
    assert part(some, "oos", None, "greet") == ([some[2]], some[:2])


def test_the_table_marks_what_was_taken() -> None:
    rows = [judge_scope(name, 1.0, np.ones(2), np.ones(2, bool), np.zeros(1)).to_dict() for name in ("knn", "energy")]
    table = scope_table("Dev", rows, "energy")
    assert [str(cell) for cell in table.wide.columns[0].cells] == ["knn", "energy *"]
    assert len(table.wide.columns) == len(COLUMNS) + 2


def test_the_table_fits_80_columns_without_being_cut() -> None:
    names = ("max-probability", "knn-contrast")
    rows = [judge_scope(name, 123456.7, np.ones(2), np.ones(2, bool), np.zeros(1)).to_dict() for name in names]
    rows = [row | {"threshold": -1.2345e-5} for row in rows]
    narrow, wide = (shown(scope_table("Dev", rows, "max-probability"), width) for width in (80, 120))
    assert "…" not in narrow and all(len(line) <= 80 for line in narrow.splitlines())
    assert "max-probability *" in narrow and "threshold" in narrow and "in-scope" in narrow and "AUPR" not in narrow
    assert "AUPR" in wide and "oos precision" in wide


def shown(table: Fitting, width: int) -> str:
    out = io.StringIO()
    Console(file=out, width=width).print(table)
    return out.getvalue()


def test_a_marker_of_another_model_marks_unless_it_is_an_intent() -> None:
    assert outside_names(None, None, ["x"]) == frozenset()
    assert outside_names(None, "oos", ["x"]) == {"oos"} and outside_names(None, "oos", ["x", "oos"]) == frozenset()
    assert outside_names("oos", "oos", ["x", "oos"]) == {"oos"}, "trained as an intent, and still out of scope"
