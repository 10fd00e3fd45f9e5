"""Slot-value substitution: only values move, offsets follow, lists of values are checked."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from toy import config, rows

from jointbert.errors import ConfigError, DataError
from jointbert.training.run import train
from jointbert.training.substitution import substitute, values_of
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


def test_listed_values_join_those_of_their_slot_and_each_is_as_likely() -> None:
    values = values_of([FLIGHT, FLIGHT], {"from": ["Bern", "rome", "Bern"]})
    assert values == {"from": ["Rome", "Bern"], "to": ["Oslo", "Oslo"]}
    generator = random.Random(1)
    swapped = [substitute(FLIGHT, values, 1.0, generator).spans[0].value for _ in range(400)]
    assert 160 < swapped.count("Bern") < 240


def test_lists_without_a_share_to_swap_are_refused_before_training(tmp_path: Path) -> None:
    checked = config(tmp_path, rows(24, 1), rows(5, 2))
    changed = checked.data.model_copy(update={"values": "values.yaml"})  # which nothing checks
    settings = checked.model_copy(update={"data": changed})
    with pytest.raises(ConfigError, match=r"data\.values: names 'values\.yaml', and data\.substitution is 0"):
        train(settings, tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_lists_are_read_before_the_encoder_is_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jointbert.training.run.build_model", lambda *given: pytest.fail("the encoder was built"))
    settings = config(tmp_path, rows(24, 1), rows(5, 2), data={"values": str(tmp_path), "substitution": 0.5})
    with pytest.raises(DataError, match=r"cannot be read \(Is a directory\)"):
        train(settings, tmp_path / "model")


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
