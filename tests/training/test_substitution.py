"""Slot-value substitution: only values move, offsets follow, and an epoch is decided by its seed and number."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from toy import config, rows

from jointbert.errors import ConfigError, DataError
from jointbert.training.batches import LengthGrouped
from jointbert.training.build import build_model
from jointbert.training.corpus import load_corpus
from jointbert.training.run import train
from jointbert.training.substitution import Substitution, substitute, values_of
from jointbert.training.value_lists import read_value_lists
from jointbert.utterance import Span, Utterance

TEXT = "fly from Rome to Oslo"
FLIGHT = Utterance(TEXT, "travel", (Span.of(TEXT, "from", 9, 13), Span.of(TEXT, "to", 17, 21)))


def test_values_move_and_everything_else_stays() -> None:
    after = substitute(FLIGHT, {"from": ["New York"], "to": ["LA"]}, 1.0, random.Random(0))
    assert after.text == "fly from New York to LA"
    assert [(span.slot, span.value) for span in after.spans] == [("from", "New York"), ("to", "LA")]
    assert after.intent == "travel"


def test_a_share_of_nothing_changes_nothing() -> None:
    assert substitute(FLIGHT, values_of([FLIGHT]), 0.0, random.Random(0)) == FLIGHT


def test_a_value_only_ever_comes_from_its_own_slot() -> None:
    values = {"from": ["Rome", "Bern"], "to": ["Oslo", "Lima"]}
    generator = random.Random(3)
    for _ in range(50):
        for span in substitute(FLIGHT, values, 0.5, generator).spans:
            assert span.value in values[span.slot]


def test_an_epoch_is_decided_by_its_number_and_the_order_is_told_its_lengths(tmp_path: Path) -> None:
    settings = config(tmp_path, rows(40, 1), rows(5, 2), data={"substitution": 1.0})
    corpus = load_corpus(settings.data)
    swaps = Substitution(corpus.train, build_model(settings, corpus).codec, 1.0, 7)
    first, again, other = swaps.epoch(0), swaps.epoch(0), swaps.epoch(1)
    assert all(np.array_equal(a.input_ids, b.input_ids) for a, b in zip(first, again, strict=True))
    assert any(not np.array_equal(a.input_ids, b.input_ids) for a, b in zip(first, other, strict=True))
    order = LengthGrouped([1] * 40, 8, 7, lambda epoch: [len(item.input_ids) for item in swaps.epoch(epoch)])
    order.set_epoch(1)
    assert order.lengths == [len(item.input_ids) for item in other]


def test_training_sees_other_values_in_each_epoch(tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    seen: list[int] = []
    original = Substitution.epoch

    def epoch(self: Substitution, number: int) -> list[object]:
        seen.append(number)
        return original(self, number)

    monkeypatch.setattr(Substitution, "epoch", epoch)
    settings = config(
        tmp_path,
        rows(40, 1),
        rows(5, 2),
        data={"substitution": 0.5},
        encoder={"family": "deberta"},
        training={"epochs": 3},
    )
    train(settings, tmp_path / "model")
    assert sorted(set(seen)) == [0, 1, 2]


def test_listed_values_join_those_of_their_slot_and_each_is_as_likely() -> None:
    values = values_of([FLIGHT, FLIGHT], {"from": ["Bern", "rome", "Bern"]})
    assert values == {"from": ["Rome", "Bern"], "to": ["Oslo", "Oslo"]}
    generator = random.Random(1)
    swapped = [substitute(FLIGHT, values, 1.0, generator).spans[0].value for _ in range(400)]
    assert 160 < swapped.count("Bern") < 240


def test_a_run_trains_on_listed_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[object] = []
    original = Substitution.__init__

    def made(self: Substitution, *arguments: object) -> None:
        given.append(arguments[-1])
        original(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Substitution, "__init__", made)
    lists = tmp_path / "values.yaml"
    lists.write_text("city: [Ulan Bator]\nfod: [tea]\n", encoding="utf-8")
    settings = config(tmp_path, rows(24, 1), rows(5, 2), data={"substitution": 0.5, "values": str(lists)})
    train(settings, tmp_path / "model")
    assert given == [{"city": ["Ulan Bator"]}]


def test_lists_without_a_share_to_swap_are_refused_before_training(tmp_path: Path) -> None:
    settings = config(tmp_path, rows(24, 1), rows(5, 2), data={"values": "values.yaml"})
    with pytest.raises(ConfigError, match=r"data\.values: names 'values\.yaml', and data\.substitution is 0"):
        train(settings, tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_a_slot_that_training_does_not_have_is_reported(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "values.yaml"
    path.write_text("ctiy: [Oslo]\ncity: [Rome]\n", encoding="utf-8")
    assert read_value_lists(path, ["city", "date"]) == {"city": ["Rome"]}
    assert "has the slot 'ctiy', its values are not used; did you mean 'city'?" in caplog.text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("- Rome\n", "holds a list"),
        ("city: Rome\n", "city: holds no list of values"),
        ("city: []\n", "city: holds no list of values"),
        ("city: [Rome, 1999]\n", 'city, value 2: is 1999, a int; expected text. Put it in quotation marks: "1999"'),
        ("city: [' Rome']\n", "city, value 1: is ' Rome'"),
        ("city: ['']\n", "city, value 1: is ''"),
        ('city: ["Ro\\nme"]\n', "value 1"),
        ("city: [Rome\n", "is not YAML"),
        ("city: !!python/name:os.system\n", "is not YAML"),
    ],
)
def test_wrong_lists_are_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "values.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_value_lists(path, ["city"])
    assert message in str(caught.value) and str(path) in str(caught.value)


def test_a_missing_file_of_lists_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"Look at data\.values"):
        read_value_lists(tmp_path / "none.yaml", ["city"])
