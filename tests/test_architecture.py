"""The picture of the project stays true: each path it names exists, and its ranks are the enforced ones."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
NAMED_PATH = re.compile(r"`((?:jointbert|app|configs|datasets|benchmarks|tests|docs)/[^`\s<>]*)`")
RANKED_ROW = re.compile(r"^\| (\d) \| `jointbert/(\w+)(?:\.py|/)` \|", re.MULTILINE)


def named_paths(document: str) -> list[str]:
    return NAMED_PATH.findall(document)


def missing(document: str) -> list[str]:
    return [path for path in named_paths(document) if not (REPOSITORY / path).exists()]


def read(name: str) -> str:
    return (REPOSITORY / name).read_text(encoding="utf-8")


def enforced_ranks() -> dict[str, int]:
    """The ranks that tests/test_layers.py enforces, read from its source."""
    for node in ast.parse(read("tests/test_layers.py")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "RANKS":
            ranks = ast.literal_eval(node.value)
            return {name: rank for rank, names in enumerate(ranks) for name in names}
    raise AssertionError("tests/test_layers.py has no RANKS")


@pytest.mark.parametrize("name", ["docs/ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_every_path_that_a_document_names_exists(name: str) -> None:
    assert len(named_paths(read(name))) >= 4
    assert missing(read(name)) == []


def test_a_path_that_does_not_exist_is_caught() -> None:
    assert missing("see `jointbert/errors.py` and `jointbert/ghost.py`") == ["jointbert/ghost.py"]


def test_the_ranks_shown_are_the_ranks_enforced_and_nothing_is_left_out() -> None:
    shown = {name: int(rank) for rank, name in RANKED_ROW.findall(read("docs/ARCHITECTURE.md"))}
    ranks = enforced_ranks()
    assert shown == {name: ranks[name] for name in shown}
    entries = [path for path in (REPOSITORY / "jointbert").iterdir() if not path.name.startswith("_")]
    package = {path.stem for path in entries if path.suffix == ".py" or list(path.glob("*.py"))}
    assert len(package) > 15
    assert package - shown.keys() == set()
