"""What a run trains on: the gold utterances by their splits, with whatever was done otherwise put into words."""

from __future__ import annotations

from pathlib import Path

import pytest

from jointbert.annotation.snapshot import LEAST, LEAST_DEV, for_cross_validation, for_training
from jointbert.data import read
from jointbert.errors import StoreError
from jointbert.utterance import Utterance
from tests.annotation.stand_in import StandIn, calls


def test_each_split_goes_into_its_part(tmp_path: Path) -> None:
    project = StandIn(train=calls(30), dev=calls(LEAST_DEV), test=calls(5))
    snapshot = for_training(project, 13)
    assert snapshot.sizes() == {"train": 30, "dev": LEAST_DEV, "test": 5}
    assert snapshot.notes == ()
    assert [item.id for item in snapshot.dev] == [item.id for item in project.labelled("dev")]
    snapshot.write(tmp_path)
    assert read(tmp_path / "train.jsonl") == list(snapshot.train)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dev.jsonl", "test.jsonl", "train.jsonl"]


def test_without_a_dev_split_a_stratified_part_is_set_aside_the_same_one_each_time() -> None:
    project = StandIn(train=calls(60), dev=calls(LEAST_DEV - 1), test=calls(5))
    first, again, other = (for_training(project, seed) for seed in (13, 13, 14))
    assert first.sizes() == {"train": 59, "dev": 10, "test": 5}
    assert first == again
    assert first.dev != other.dev
    assert {item.intent for item in first.dev} == {"call", "mail"}
    ids = [item.id for item in (*first.train, *first.dev, *first.test)]
    assert sorted(ids) == sorted(item.id for item in project.labelled())
    assert "10 of 69 were set aside" in first.notes[0]


def test_utterances_without_an_intent_are_left_out_and_counted_when_others_have_one() -> None:
    snapshot = for_training(StandIn(train=[*calls(40), Utterance("what"), Utterance("so")]), 13)
    assert sum(snapshot.sizes().values()) == 40
    assert snapshot.notes[0] == "2 labelled utterances without an intent were left out, because the others have one."


def test_cross_validation_takes_every_utterance_and_a_copy_of_some_as_dev(tmp_path: Path) -> None:
    project = StandIn(train=calls(40), dev=calls(12), test=calls(8))
    snapshot = for_cross_validation(project, 3, 13)
    assert snapshot.sizes() == {"train": 60, "dev": 12, "test": 0}
    snapshot.write(tmp_path)
    assert not (tmp_path / "test.jsonl").exists()


@pytest.mark.parametrize(
    ("project", "message"),
    [
        (
            StandIn(train=calls(LEAST - 3)),
            "17 labelled utterances outside the test split are too few; expected",
        ),
        (StandIn(train=calls(LEAST - 3), test=calls(9)), "Label 3 more"),
        (StandIn(train=calls(9), dev=calls(20)), "9 labelled utterances in the train split are too few"),
        (StandIn(train=[Utterance(f"text {n}") for n in range(40)]), "has an intent or a slot"),
        (StandIn(train=[Utterance(f"text {n}", f"intent {n}") for n in range(40)]), "set aside as dev"),
    ],
)
def test_what_cannot_be_trained_on_says_what_is_needed(project: StandIn, message: str) -> None:
    with pytest.raises(StoreError, match=message):
        for_training(project, 13)


@pytest.mark.parametrize("folds", [1, 21])
def test_a_senseless_number_of_folds_is_refused(folds: int) -> None:
    with pytest.raises(StoreError, match=f"{folds} folds; expected from 2 to 20"):
        for_cross_validation(StandIn(train=calls(40)), folds, 13)
