"""The dev set of a model: found through its config, replaced by --data, and named when it is not there."""

from __future__ import annotations

from pathlib import Path

import pytest
import toy
from tiny import LABELS

from jointbert.errors import DataError
from jointbert.export.dev import read_dev
from jointbert.labels import Labels


def configure(folder: Path, dev: str = "dev.jsonl", **changes: object) -> Path:
    config = toy.config(folder, toy.rows(4, 1), toy.rows(5, 2), data={"dev": str(folder / dev), **changes})
    (folder / "training.yaml").write_text(config.to_yaml(), encoding="utf-8")
    return folder


def test_it_is_what_training_yaml_names(tmp_path: Path) -> None:
    where, found = read_dev(configure(tmp_path), LABELS)
    assert where == str(tmp_path / "dev.jsonl") and len(found) == 5


def test_its_format_is_the_configs(tmp_path: Path) -> None:
    (tmp_path / "dev.txt").write_text("hi O\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"dev\.txt"):
        read_dev(configure(tmp_path, "dev.txt", format="jsonl"), LABELS)


def test_data_takes_its_place(tmp_path: Path) -> None:
    toy.write(tmp_path / "other.jsonl", toy.rows(3, 9))
    where, found = read_dev(tmp_path / "no folder at all", LABELS, tmp_path / "other.jsonl")
    assert where == str(tmp_path / "other.jsonl") and len(found) == 3


def test_a_dev_set_that_is_gone_asks_for_data(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"training\.yaml: names the dev set '.*gone\.jsonl', which .* Give .*--data"):
        read_dev(configure(tmp_path, "gone.jsonl"), LABELS)


def test_a_config_that_is_gone_or_broken_asks_for_data(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"training\.yaml: is missing; .* --data PATH"):
        read_dev(tmp_path, LABELS)
    (tmp_path / "training.yaml").write_text("data: 3\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"training\.yaml: does not name a dev set \(data: 3 is wrong; .* --data PATH"):
        read_dev(tmp_path, LABELS)


@pytest.mark.parametrize(
    ("labels", "intents", "slots", "message"),
    [
        (LABELS, False, False, "has no intents and no slots in its 5 utterances"),
        (Labels(LABELS.intents, None), False, True, "has no intents in"),
        (Labels(None, LABELS.slots), True, False, "has no slots in"),
    ],
)
def test_utterances_without_the_models_kind_of_labels_prove_nothing(
    tmp_path: Path, labels: Labels, intents: bool, slots: bool, message: str
) -> None:
    path = Path(toy.write(tmp_path / "bare.jsonl", toy.rows(5, 3, intents=intents, slots=slots)))
    with pytest.raises(DataError, match=message):
        read_dev(tmp_path, labels, path)


def test_unknown_labels_are_welcome(tmp_path: Path) -> None:
    _, found = read_dev(configure(tmp_path), Labels(LABELS.intents, None))
    assert LABELS.intents is not None and not any(item.intent in LABELS.intents for item in found)
