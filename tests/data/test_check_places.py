"""Which files are the splits: read from their names, train first."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from jointbert.data import FORMATS, write
from jointbert.data.check import find_splits
from jointbert.data.check.places import role
from jointbert.errors import DataError
from jointbert.utterance import Utterance


def touch(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def names(*paths: Path) -> dict[str, str]:
    return {name: path.name for name, path in find_splits(paths).items()}


def test_a_folder_of_split_files(tmp_path: Path) -> None:
    touch(
        tmp_path, "test.jsonl", "valid.jsonl", "train.jsonl", "schema.yaml", "SOURCE.json", "README.md", ".train.part"
    )
    assert names(tmp_path) == {"train": "train.jsonl", "dev": "valid.jsonl", "test": "test.jsonl"}


def test_a_folder_of_split_folders(tmp_path: Path) -> None:
    touch(tmp_path, "train/seq.in", "validation/seq.in")
    assert names(tmp_path) == {"train": "train", "dev": "validation"}


def test_more_splits_beside_the_usual_ones(tmp_path: Path) -> None:
    touch(tmp_path, "train.jsonl", "test.jsonl", "oos_test.jsonl", "dev_hand.jsonl", "data_full.json")
    assert list(names(tmp_path)) == ["train", "test", "dev_hand", "oos_test"]


def test_files_go_by_their_own_names(tmp_path: Path) -> None:
    touch(tmp_path, "everything.yml", "val.csv")
    assert names(tmp_path / "everything.yml", tmp_path / "val.csv") == {
        "everything": "everything.yml",
        "dev": "val.csv",
    }


def test_a_folder_that_is_one_split(tmp_path: Path) -> None:
    touch(tmp_path, "train/seq.in", "train/seq.out", "train/label")
    assert names(tmp_path / "train") == {"train": "train"}


def test_two_splits_of_one_name_are_told_apart_by_their_paths(tmp_path: Path) -> None:
    touch(tmp_path, "a/train.jsonl", "b/train.jsonl")
    found = find_splits([tmp_path / "a", tmp_path / "b"])
    assert list(found) == ["train", str(tmp_path / "b/train.jsonl")]


def test_a_path_named_twice_is_refused(tmp_path: Path) -> None:
    path = touch(tmp_path, "train.jsonl") / "train.jsonl"
    with pytest.raises(DataError, match=r"train\.jsonl: is named twice; expected each path once\. Leave one out\."):
        find_splits([tmp_path, path])


@pytest.mark.parametrize("name", FORMATS)
def test_a_split_is_found_in_every_format(name: str, tmp_path: Path) -> None:
    for part in ("train", "dev", "test"):
        write(tmp_path / f"{part}{FORMATS[name].suffix}", [Utterance("good morning", "greet")], name)
    assert list(find_splits([tmp_path])) == ["train", "dev", "test"]
    assert list(find_splits([tmp_path / f"dev{FORMATS[name].suffix}"])) == ["dev"]


def test_a_suffix_of_two_parts_hides_no_role_of_more_splits(tmp_path: Path) -> None:
    touch(tmp_path, "train.doccano.jsonl", "OOS_Test.LabelStudio.JSON")
    assert list(names(tmp_path)) == ["train", "OOS_Test"]


def test_longer_names_of_the_splits(tmp_path: Path) -> None:
    touch(tmp_path / "a", "training.jsonl", "development.csv", "testing.json", "training.yaml")
    assert names(tmp_path / "a") == {"train": "training.jsonl", "dev": "development.csv", "test": "testing.json"}
    assert names(touch(tmp_path / "b", "devel.jsonl", "test.jsonl")) == {"dev": "devel.jsonl", "test": "test.jsonl"}


def test_a_split_named_by_its_path_is_for_what_its_own_name_says(tmp_path: Path) -> None:
    folder = touch(tmp_path / "test", "train.jsonl", "training.jsonl")
    assert [role(name) for name in find_splits([folder])] == ["train", "train"]
    assert role("data/dev/part2.jsonl") == "dev"


def test_a_warning_names_the_data_that_no_name_makes_a_split(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    touch(tmp_path, "dev.jsonl", "test.jsonl", "notes.json", "values.yaml", "schema.yaml", "tables/a.csv", "all/seq.in")
    (tmp_path / "everything.jsonl").write_text('{"text": "hi"}\n', encoding="utf-8")
    with caplog.at_level(logging.WARNING, logger="jointbert.data"):
        assert list(names(tmp_path)) == ["dev", "test"]
    assert caplog.messages == [
        f"{tmp_path}: left out, for the name says neither train, dev nor test: all, everything.jsonl. "
        "Name it beside the folder to take it in."
    ]
    caplog.clear()
    assert list(names(tmp_path, tmp_path / "all", tmp_path / "everything.jsonl")) == [
        "dev",
        "test",
        "all",
        "everything",
    ]
    assert caplog.messages == []


def test_a_config_that_is_called_train_is_no_split(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    touch(tmp_path, "dev.jsonl")
    (tmp_path / "train.jsonl").write_text('{"text": "hi"}\n', encoding="utf-8")
    (tmp_path / "train.yml").write_text("encoder: mini-en\n", encoding="utf-8")
    with caplog.at_level(logging.WARNING, logger="jointbert.data"):
        assert names(tmp_path) == {"train": "train.jsonl", "dev": "dev.jsonl"}
    assert caplog.messages == [f"{tmp_path}: left out, for it is in no format of data: train.yml."]


def test_a_split_that_is_in_no_format_is_still_one_where_it_is_the_only_one(tmp_path: Path) -> None:
    """Reading it says what is wrong with it."""
    touch(tmp_path, "dev.jsonl")
    (tmp_path / "train.jsonl").write_text("damaged\n", encoding="utf-8")
    assert names(tmp_path) == {"train": "train.jsonl", "dev": "dev.jsonl"}


def test_what_cannot_be_read_is_named_too(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(path))

    touch(tmp_path, "train.jsonl", "secret.jsonl")
    monkeypatch.setitem(FORMATS, "jsonl", replace(FORMATS["jsonl"], sniff=refuse))
    with caplog.at_level(logging.WARNING, logger="jointbert.data"):
        assert list(names(tmp_path)) == ["train"]
    assert "neither train, dev nor test: secret.jsonl." in caplog.text
