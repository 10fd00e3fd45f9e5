"""docs/cross-validation.md: its config is one, its lines are what the code reads and writes, every key is explained."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from jointbert.annotation.intake import MOST_BYTES
from jointbert.config import load_config
from jointbert.data.out_of_fold import from_line, to_line
from jointbert.training.crossval import LABEL_ERRORS, OUT_OF_FOLD, SCORES, _doubtful


@pytest.fixture(scope="module")
def page(repository: Path) -> str:
    return (repository / "docs" / "cross-validation.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def examples(page: str) -> list[Any]:
    """The line of label_errors.jsonl, and that of out_of_fold.jsonl."""
    return [json.loads(block) for block in re.findall(r"```json\n(.*?)```", page, re.DOTALL)]


def test_the_config_and_the_names_of_files_are_those_of_the_code(page: str, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(page.split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    assert load_config(tmp_path / "mine.yaml").data.train == "mine.jsonl"
    for name in (OUT_OF_FOLD, LABEL_ERRORS, SCORES):
        assert f"| `{name}` |" in page
    assert f"over {MOST_BYTES >> 20} MB" in page


def test_the_line_of_a_parse_is_read_and_written_as_it_is_shown(examples: list[Any]) -> None:
    _, shown = examples
    item = from_line(json.dumps(shown), "out_of_fold.jsonl:1")
    assert json.loads(to_line(item)) == shown
    assert list(json.loads(to_line(item))) == list(shown)


def test_the_doubtful_one_is_what_the_ranking_makes_of_that_line(examples: list[Any]) -> None:
    doubtful, shown = examples
    [line] = _doubtful([from_line(json.dumps(shown), "out_of_fold.jsonl:1")])
    assert json.loads(line) == doubtful
    assert list(json.loads(line)) == list(doubtful)


def test_every_key_is_explained(page: str, examples: list[Any]) -> None:
    tables = [table.split("\n\n")[0] for table in page.split("| key | value |\n")[1:]]
    for table, example in zip(tables, examples, strict=True):
        explained = {key for row in table.splitlines() for key in re.findall(r"`(\w+)`", row.split("|")[1])}
        assert explained == example.keys() | {"tokens"}
