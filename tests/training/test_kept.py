"""What trainings by a config depend on: also the content of what it only names."""

from __future__ import annotations

from pathlib import Path

import pytest
import toy

from jointbert.config import Config
from jointbert.errors import DataError, ModelError
from jointbert.training.corpus import load_corpus
from jointbert.training.kept import run_print


def made(config: Config, more: str = "2 folds") -> str:
    return run_print(config, load_corpus(config.data), more)


def test_the_content_of_value_lists_counts_and_not_how_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "values.yaml"
    path.write_text("city: [Paris]\n", encoding="utf-8")
    config = toy.small(tmp_path, data={"substitution": 0.5, "values": str(path)})
    before = made(config)
    path.write_text("# of 2026\ncity:\n- Paris\n", encoding="utf-8")
    assert made(config) == before
    path.write_text("city: [Berlin]\n", encoding="utf-8")
    assert made(config) != before
    path.write_text("city: Berlin\n", encoding="utf-8")
    with pytest.raises(DataError, match="holds no list of values"):
        made(config)


@pytest.fixture
def encoder(tmp_path: Path) -> Path:
    folder = tmp_path / "encoders" / "mine"
    (folder / "work").mkdir(parents=True)
    for name in ("config.json", "model.safetensors", "tokenizer.json", "README.md", "work/model.safetensors"):
        (folder / name).write_text(name, encoding="utf-8")
    return folder


@pytest.mark.parametrize("by_name", [False, True])
@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("model.safetensors", True),
        ("tokenizer.json", True),
        ("vocab.txt", True),
        ("README.md", False),
        ("work/model.safetensors", False),
    ],
)
def test_what_is_read_of_an_encoders_folder_counts(
    name: str, counts: bool, by_name: bool, tmp_path: Path, encoder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOINTBERT_ENCODERS", str(encoder.parent))
    config = toy.small(tmp_path, encoder={"name": "mine" if by_name else str(encoder)})
    before = made(config)
    assert made(config) == before != made(config, "3 folds")
    (encoder / name).write_text("another", encoding="utf-8")
    assert (made(config) != before) is counts


def test_an_encoder_that_cannot_be_read_is_said_at_once(tmp_path: Path, encoder: Path) -> None:
    (encoder / "model.safetensors").unlink()
    (encoder / "model.safetensors").mkdir()
    with pytest.raises(ModelError, match=r"model\.safetensors: cannot be read"):
        made(toy.small(tmp_path, encoder={"name": str(encoder)}))
