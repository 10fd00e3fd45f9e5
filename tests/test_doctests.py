"""Every example in a docstring runs and prints what it says."""

from __future__ import annotations

import doctest
import pkgutil
from importlib import import_module
from pathlib import Path

import pytest

import jointbert

MODULES = sorted(module.name for module in pkgutil.walk_packages(jointbert.__path__, "jointbert."))


def examples(name: str) -> list[doctest.DocTest]:
    finder = doctest.DocTestFinder(exclude_empty=True)
    return [found for found in finder.find(import_module(name)) if found.examples]


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # an example that leaves a file leaves it here
    results = doctest.testmod(import_module(name), optionflags=doctest.ELLIPSIS)
    assert results.failed == 0


def test_there_are_examples_to_run() -> None:
    assert len(examples("jointbert.tags")) >= 5
    assert len(examples("jointbert.utterance")) >= 3
