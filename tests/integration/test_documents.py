"""docs/config.md is what the models say, and docs/parse-json.md shows the shape of a real parse."""

from __future__ import annotations

import json
import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pydantic import BaseModel

from jointbert.inference.nlu import NLU


@pytest.fixture(scope="module")
def generator(repository: Path) -> ModuleType:
    spec = spec_from_file_location("generate_config", repository / "docs" / "generate_config.py")
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_config_page_is_current(generator: ModuleType) -> None:
    for name, (head, shape) in generator.PAGES.items():
        written = (generator.DOCS / name).read_text(encoding="utf-8")
        assert written == generator.page(head, shape), "run: python docs/generate_config.py"


def test_the_pages_explain_every_key(generator: ModuleType) -> None:
    for head, shape in generator.PAGES.values():
        page = generator.page(head, shape)
        for _, section in generator.sections_of(shape):
            for key in section.model_fields:
                assert re.search(rf"^\| `{key}` \| .+ \| .+ \| .{{10,}} \|$", page, re.MULTILINE), key


def test_a_key_without_a_meaning_fails_the_page(generator: ModuleType) -> None:
    class Odd(BaseModel):
        """A section.

        Args:
            told: What it means.
        """

        told: int = 1
        untold: int = 2

    with pytest.raises(KeyError, match="untold"):
        generator.section_page("odd", Odd)


def test_a_stale_page_is_caught(generator: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generator, "DOCS", tmp_path)
    assert generator.main(["--check"]) == 1
    assert generator.main([]) == 0
    assert generator.main(["--check"]) == 0


def shape(value: Any) -> Any:
    """The kinds of a JSON value; lists stand for their first item."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        assert all(shape(item) == shape(value[0]) for item in value)
        return [shape(value[0])]
    return type(value)


def test_the_parse_page_shows_a_real_parse(repository: Path, toy_folder: Path) -> None:
    document = (repository / "docs" / "parse-json.md").read_text(encoding="utf-8")
    block = re.search(r"```json\n(.*?)```", document, re.DOTALL)
    assert block is not None
    shown = json.loads(block[1])
    real = NLU.load(toy_folder / "model").parse(shown["text"]).to_dict()
    assert list(real) == list(shown)
    assert shape(json.loads(json.dumps(real))) == shape(shown)
    places = [[(slot["slot"], slot["value"], slot["start"], slot["end"]) for slot in p["slots"]] for p in (real, shown)]
    assert places[0] == places[1]
    assert real["intent"]["name"] == shown["intent"]["name"]
    for key in ("text", "intent", "intent_ranking", "slots", "truncated_at"):
        assert f"| `{key}` |" in document
