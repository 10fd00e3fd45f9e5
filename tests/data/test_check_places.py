"""Which files are the splits: read from their names, train first."""

from __future__ import annotations

from pathlib import Path

import pytest

from jointbert.data.check import find_splits
from jointbert.errors import DataError


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
