"""Where a model is from, as its folder says: read past what another version had, refused by its first problem."""

from __future__ import annotations

from pathlib import Path

import pytest
import toy
import yaml

from jointbert.config.origin import CONFIG, first_problem, read_origin
from jointbert.errors import ConfigError, DataError
from jointbert.training.refit import data_of


def folder(place: Path, **changes: dict[str, object]) -> Path:
    """A model folder with nothing but its training config, some keys of which are changed or new."""
    content = toy.small(place).model_dump()
    for section, values in changes.items():
        content[section] = content.get(section, {}) | values
    (place / CONFIG).write_text(yaml.safe_dump(content), encoding="utf-8")
    return place


def test_keys_that_this_version_does_not_know_are_no_matter_outside_of_data(tmp_path: Path) -> None:
    place = folder(tmp_path, model={"scalar_mix": True}, encoder={"rotary": 3}, novelty={"a": 1})
    found = read_origin(place)
    assert found.data.train == str(tmp_path / "train.jsonl") and found.from_scratch
    assert data_of(place, {}).dev == str(tmp_path / "dev.jsonl")
    assert not read_origin(folder(tmp_path, encoder={"name": "mini-en"})).from_scratch


def test_keys_of_data_are_and_the_first_is_named(tmp_path: Path) -> None:
    place = folder(tmp_path, data={"trian": "a", "typos": "many"})
    with pytest.raises(ConfigError) as refused:
        read_origin(place)
    assert first_problem(refused.value).endswith(", and 1 more")
    assert "data." in first_problem(refused.value) and "problem" not in first_problem(refused.value)
    with pytest.raises(DataError, match=r"does not name the training data \(data\.\w+: .*, and 1 more\); expected a"):
        data_of(place, {})
    assert data_of(place, {"train": str(place / "train.jsonl"), "dev": str(place / "dev.jsonl")}).typos == 0.0


def test_a_config_that_is_none_is_told_in_a_line(tmp_path: Path) -> None:
    (tmp_path / CONFIG).write_text("nonsense: 1\n", encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        read_origin(tmp_path)
    assert first_problem(refused.value) == "data: is missing; expected a value"
    (tmp_path / CONFIG).write_text("a: [1\n", encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        read_origin(tmp_path)
    assert first_problem(refused.value).startswith("is not YAML") and "\n" not in first_problem(refused.value)
