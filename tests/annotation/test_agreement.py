"""Agreement: kappa as scikit-learn counts it, span F1 by hand, and pairs of annotators from the store."""

from __future__ import annotations

import math
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from jointbert.annotation import Agreement, Project
from jointbert.annotation.agreement import cohen_kappa, mutual_f1
from jointbert.annotation.disagreement import disagreement, distance
from jointbert.utterance import Span, Utterance

NOTHING: frozenset[tuple[str, int, int]] = frozenset()


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1, max_size=40))
def test_kappa_is_that_of_scikit_learn(pairs: list[tuple[str, str]]) -> None:
    first, second = [one for one, _ in pairs], [other for _, other in pairs]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = cohen_kappa_score(first, second)
    ours = cohen_kappa(first, second)
    assert (ours is None) == math.isnan(theirs)
    assert ours is None or ours == pytest.approx(theirs, abs=1e-12)


def test_kappa_of_cohens_own_kind_of_table() -> None:
    """20 of 25 alike; by chance 15/25 * 16/25 + 10/25 * 9/25 = 0.528."""
    first = ["yes"] * 13 + ["no"] * 7 + ["yes"] * 2 + ["no"] * 3
    second = ["yes"] * 13 + ["no"] * 7 + ["no"] * 2 + ["yes"] * 3
    assert cohen_kappa(first, second) == pytest.approx((0.8 - 0.528) / (1 - 0.528))


def test_kappa_is_not_defined_for_nothing_and_for_one_category_only() -> None:
    assert cohen_kappa([], []) is None
    assert cohen_kappa(["a"] * 5, ["a"] * 5) is None
    assert cohen_kappa(["a"] * 5, ["a"] * 4 + ["b"]) == 0.0
    assert cohen_kappa(["a", "b"], ["b", "a"]) == -1.0


def test_f1_counts_slot_and_both_offsets_over_all_utterances() -> None:
    one, moved, other = ("city", 0, 4), ("city", 0, 5), ("day", 0, 4)
    assert mutual_f1([({one}, {one}), (set(), set())]) == 1.0
    assert mutual_f1([({one}, {moved}), ({one}, {other})]) == 0.0
    assert mutual_f1([({one}, {one}), ({one, ("day", 9, 12)}, {moved})]) == pytest.approx(2 / 5)
    assert mutual_f1([(set(), set())]) is None


def test_readings_that_differ_in_all_are_one_apart_and_alike_ones_not_at_all() -> None:
    here, there = ("a", frozenset({("city", 0, 4)})), ("b", frozenset({("city", 1, 4)}))
    assert distance(here, here) == 0.0
    assert distance(here, there) == 1.0
    assert distance(here, ("a", NOTHING)) == 0.5
    assert disagreement([here]) is None
    assert disagreement([here, here, there]) == pytest.approx(2 / 3)


TEXT = "fly to Boston"
BOSTON = Span.of(TEXT, "city", 7, 13)


def test_each_pair_is_compared_on_what_both_accepted(project: Project) -> None:
    project.add([Utterance(TEXT), Utterance("cancel it"), Utterance("cancel all"), Utterance("hm")], "ann")
    for number, intent in ((1, "book"), (2, "cancel"), (3, "cancel")):
        project.answer(number, "ann", "accepted", intent, [BOSTON] if number == 1 else [])
        project.answer(number, "bob", "accepted", intent if number < 3 else "book", [BOSTON] if number == 1 else [])
    project.answer(1, "cem", "accepted", "book", [])
    project.answer(2, "cem", "rejected")
    project.answer(4, "cem", "accepted", None)
    assert project.agreement() == [
        Agreement("ann", "bob", 3, pytest.approx(0.4), 1.0),  # type: ignore[arg-type]
        Agreement("ann", "cem", 1, None, 0.0),
        Agreement("bob", "cem", 1, None, 0.0),
    ]


def test_nobody_agrees_with_nobody(project: Project) -> None:
    project.add([Utterance(TEXT, "book")], "ann")
    assert project.agreement() == []
