"""Splits: every intent by its share, no text in two parts, the same everywhere."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jointbert.data.split import folds, split
from jointbert.data.words import normalise
from jointbert.errors import DataError
from jointbert.utterance import Utterance


def many(intents: dict[str, int]) -> list[Utterance]:
    return [Utterance(f"{intent} {n}", intent) for intent, count in intents.items() for n in range(count)]


def test_every_intent_is_shared_out_by_the_ratios() -> None:
    parts = split(many({"book": 100, "cancel": 50, "ask": 10}))
    counts = {name: Counter(utterance.intent for utterance in part) for name, part in parts.items()}
    assert counts == {
        "train": {"book": 80, "cancel": 40, "ask": 8},
        "dev": {"book": 10, "cancel": 5, "ask": 1},
        "test": {"book": 10, "cancel": 5, "ask": 1},
    }


def test_an_intent_of_one_goes_to_train() -> None:
    assert [len(part) for part in split(many({"rare": 1})).values()] == [1, 0, 0]


def test_two_ratios_make_train_and_test() -> None:
    assert {name: len(part) for name, part in split(many({"a": 10}), (0.7, 0.3)).items()} == {"train": 7, "test": 3}


def test_the_order_within_a_part_is_that_of_the_input() -> None:
    everything = many({"a": 30})
    train = split(everything)["train"]
    assert train == sorted(train, key=everything.index)


def test_another_seed_is_another_split() -> None:
    everything = many({"a": 50})
    assert split(everything, seed=1) == split(everything, seed=1) != split(everything, seed=2)


def test_the_split_does_not_depend_on_the_hash_seed() -> None:
    program = (
        "from jointbert.data.split import split\nfrom jointbert.utterance import Utterance\n"
        "print([u.text for u in split([Utterance(f'{i} {n}', i) for i in 'abc' for n in range(9)])['test']])"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1


TEXTS = st.sampled_from(["hi", "HI", "hi  ", "bye", "Bye", "book it", "book  IT", "a", "b", "c", "d", "e"])


@given(st.lists(st.builds(Utterance, TEXTS, st.sampled_from(["x", "y", None]))))
def test_nothing_is_lost_and_no_text_is_in_two_parts(utterances: list[Utterance]) -> None:
    parts = split(utterances)
    assert Counter(u for part in parts.values() for u in part) == Counter(utterances)
    texts = [{normalise(utterance.text) for utterance in part} for part in parts.values()]
    assert sum(map(len, texts)) == len(set().union(*texts))


@pytest.mark.parametrize(
    "ratios", [(1.0,), (0.5, 0.4), (0.8, 0.3, -0.1), (0.0, 1.0), (0.25,) * 4, (float("nan"), 0.5), ()]
)
def test_wrong_ratios_are_refused(ratios: tuple[float, ...]) -> None:
    with pytest.raises(DataError, match=r"ratios: are .*; expected the shares of .* For example 0\.8,0\.1,0\.1\."):
        split([], ratios)


# folds --------------------------------------------------------------------------------------------------------------


def test_folds_share_out_every_intent_evenly_and_everybody_once() -> None:
    everything = many({"book": 50, "cancel": 11, "rare": 2})
    parts = folds(everything, 5)
    assert sorted(index for part in parts for index in part) == list(range(63))
    counts = [Counter(everything[index].intent for index in part) for part in parts]
    assert [count["book"] for count in counts] == [10] * 5
    assert sorted(count["cancel"] for count in counts) == [2, 2, 2, 2, 3]
    assert sorted(count["rare"] for count in counts) == [0, 0, 0, 1, 1]
    assert max(map(len, parts)) - min(map(len, parts)) <= 1
    assert parts == folds(everything, 5)
    assert parts != folds(everything, 5, seed=14)


@given(st.lists(st.tuples(st.sampled_from(["a", "A ", "b", "c", "d"]), st.sampled_from(["x", "y"])), min_size=1))
def test_a_text_is_in_one_fold_only(rows: list[tuple[str, str]]) -> None:
    everything = [Utterance(text, intent) for text, intent in rows]
    texts = {normalise(utterance.text) for utterance in everything}
    if len(texts) < 2:
        with pytest.raises(DataError, match=r"folds: are 2, for 1 different texts; expected fewer folds than that"):
            folds(everything, 2)
        return
    parts = folds(everything, 2)
    assert sorted(index for part in parts for index in part) == list(range(len(everything)))
    assert not set.intersection(*({normalise(everything[index].text) for index in part} for part in parts))


def test_one_fold_is_none() -> None:
    with pytest.raises(DataError, match="folds: are 1; expected 2 at least"):
        folds(many({"a": 3}), 1)
