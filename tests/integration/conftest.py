"""The trained toy model, one a session; modules of benchmarks/."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
import toy


@pytest.fixture(scope="session")
def toy_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the learnable corpus, with the trained model in ``model``."""
    return toy.trained(tmp_path_factory)


@pytest.fixture
def load(repository: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    """Imports a module of benchmarks/ by its name."""
    monkeypatch.setattr(sys, "path", [str(repository / "benchmarks"), *sys.path])
    return import_module
