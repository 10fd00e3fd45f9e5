"""The config of a run: what it names is there, or is one of the problems that are reported at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from jointbert.config import load_config
from jointbert.errors import ConfigError
from jointbert.training.run_config import DATA_PATHS, load_run_config, missing_paths

FOUND = "data:\n  train: train.jsonl\n  dev: parts\nencoder: mini-en\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that commands run in, with a file and folders."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("JOINTBERT_ENCODERS", raising=False)
    (tmp_path / "train.jsonl").write_text("", encoding="utf-8")
    for folder in ("parts", "encoders/mine", "conf"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "conf" / "c.yaml").write_text(FOUND, encoding="utf-8")
    return tmp_path


def lines(*overrides: str) -> list[str]:
    """What is said of the config, a problem a line."""
    with pytest.raises(ConfigError) as caught:
        load_run_config("conf/c.yaml", overrides)
    head, *found, page = str(caught.value).splitlines()
    plural = "1 problem" if len(found) == 1 else f"{len(found)} problems"
    assert head == f"conf/c.yaml: {plural}" and page == "  Every key is described in docs/config.md."
    return [line.strip() for line in found]


def test_a_config_whose_files_and_folders_are_there_is_taken(here: Path) -> None:
    more = ["data.values=train.jsonl", "data.substitution=0.5", "data.out_of_scope_train=parts"]
    for overrides in ([], more, ["data.out_of_scope_dev=train.jsonl", "encoder=encoders/mine"]):
        assert load_run_config("conf/c.yaml", overrides) == load_config("conf/c.yaml", overrides)


@pytest.mark.parametrize("key", DATA_PATHS)
def test_each_path_that_is_not_there_is_a_problem(here: Path, key: str) -> None:
    expected = "a YAML file" if key == "values" else "a file or folder"
    [line] = lines(f"data.{key}=none", "data.substitution=0.5")
    assert line == f"data.{key}: 'none' does not exist; expected {expected}. Check the path."


def test_what_may_have_been_meant_is_named(here: Path) -> None:
    train, dev, values, encoder = lines(
        "data.train=./trian.jsonl",
        "data.dev=datasets/atis/valid",
        "data.values=~/values.yaml",
        "data.substitution=1",
        "encoder=./encoders/mien",
    )
    assert train == "data.train: './trian.jsonl' does not exist; expected a file or folder. Did you mean train.jsonl?"
    assert dev.endswith(
        "'datasets/atis/valid' does not exist; expected a file or folder. Fetch it: jointbert data get atis"
    )
    assert values.endswith("'~/values.yaml' does not exist; expected a YAML file. Write your home folder out.")
    assert encoder == (
        "encoder.name: './encoders/mien' does not exist; expected the folder of an encoder. Did you mean encoders/mine?"
    )


def test_paths_are_relative_to_where_the_command_runs_not_to_the_file(here: Path) -> None:
    (here / "conf" / "dev").mkdir()
    assert lines("data.dev=dev") == ["data.dev: 'dev' does not exist; expected a file or folder. Check the path."]


@pytest.mark.parametrize("name", ["./none", "../none", "~/none", "/none", "encoders/en/none", "none/", "a b/c", "a\\b"])
def test_an_encoder_that_can_only_be_a_path_has_to_be_there(here: Path, name: str) -> None:
    [line] = lines(f"encoder.name='{name}'")
    assert line.startswith(f"encoder.name: {name!r} does not exist; expected the folder of an encoder. ")


def test_a_file_is_no_encoder(here: Path) -> None:
    assert lines("encoder=./train.jsonl") == [
        "encoder.name: './train.jsonl' is a file; expected the folder of an encoder"
    ]


@pytest.mark.parametrize(
    "name", ["scratch", "gte-small", "bert-base-uncased", "BAAI/bge-small-zh-v1.5", "encoders/none"]
)
def test_a_name_that_may_be_on_the_hub_is_left_to_the_hub(here: Path, name: str) -> None:
    assert load_run_config("conf/c.yaml", [f"encoder.name={name}"]).encoder.name == name


def test_an_encoder_on_the_shelf_is_there(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "shelf" / "team" / "en" / "v2").mkdir(parents=True)
    monkeypatch.setenv("JOINTBERT_ENCODERS", str(here / "shelf"))
    assert load_run_config("conf/c.yaml", ["encoder=team/en/v2"]).encoder.name == "team/en/v2"
    assert len(lines("encoder=team/en/v3")) == 1


def test_missing_files_stand_beside_what_else_is_wrong(here: Path) -> None:
    assert lines("data.train=7", "data.dev=none", "data.formt=goo", "encoder.nam=x") == [
        "data.train: 7 is wrong; expected a valid string",
        "data.formt: unknown key with value 'goo'; did you mean 'format'?",
        "encoder.nam: unknown key with value 'x'; did you mean 'name'?",
        "data.dev: 'none' does not exist; expected a file or folder. Check the path.",
    ]


@pytest.mark.parametrize(
    "content", [{}, {"data": None, "encoder": ["./x"]}, {"data": {"train": "", 7: "x", "dev": [1]}}]
)
def test_content_that_names_no_path_has_none_missing(content: dict[str, object]) -> None:
    assert list(missing_paths(content)) == []


def test_odd_paths_are_shown_and_cut(here: Path) -> None:
    long, null = lines(f"data.train={'x' * 5000}", 'data.dev="a\\0b"')
    assert len(long) < 300 and "...' does not exist" in long
    assert null.startswith(r"data.dev: 'a\x00b' does not exist")


def test_load_config_leaves_the_files_alone(here: Path) -> None:
    assert load_config("conf/c.yaml", ["data.train=none", "encoder=./none"]).data.train == "none"


def test_nothing_heavy_is_imported() -> None:
    heavy = "torch", "transformers", "tokenizers", "numpy", "sklearn"
    code = f"import sys, jointbert.training.run_config; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.strip() == "[]"
