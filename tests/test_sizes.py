"""No module grows over 400 lines and no function over 50."""

from __future__ import annotations

import ast
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
MODULE_LINES, FUNCTION_LINES = 400, 50
PLACES = ("jointbert/**/*.py", "app/**/*.py", "datasets/*.py", "benchmarks/**/*.py", "docs/*.py")


def too_long(path: str, source: str) -> list[str]:
    """What is too long in one file: the file itself, or functions (their docstrings count)."""
    lines = len(source.splitlines())
    found = [f"{path}: {lines} lines; expected at most {MODULE_LINES}"] if lines > MODULE_LINES else []
    for node in ast.walk(ast.parse(source, path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES:
                found.append(f"{path}:{node.lineno}: {node.name} has {length} lines; expected at most {FUNCTION_LINES}")
    return found


def test_nothing_is_too_long() -> None:
    paths = sorted(path for place in PLACES for path in REPOSITORY.glob(place))
    assert len(paths) > 10, "the walk found no files to measure"
    found: list[str] = []
    for path in paths:
        found += too_long(path.relative_to(REPOSITORY).as_posix(), path.read_text(encoding="utf-8"))
    assert found == []


def test_a_long_module_is_caught() -> None:
    assert too_long("a.py", "x = 1\n" * MODULE_LINES) == []
    assert too_long("a.py", "x = 1\n" * (MODULE_LINES + 1)) == ["a.py: 401 lines; expected at most 400"]


def test_a_long_function_is_caught_also_inside_a_class() -> None:
    body = "        x = 1\n"
    assert too_long("a.py", "class A:\n    def f(self):\n" + body * (FUNCTION_LINES - 1)) == []
    assert too_long("a.py", "class A:\n    async def f(self):\n" + body * FUNCTION_LINES) == [
        "a.py:2: f has 51 lines; expected at most 50"
    ]
