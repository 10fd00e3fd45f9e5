"""The trained toy model, one a session; a command in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import toy


@pytest.fixture(scope="session")
def toy_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the learnable corpus, with the trained model in ``model``."""
    return toy.trained(tmp_path_factory)


@pytest.fixture
def run_watched(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a command in ``tmp_path``; the last line on standard output lists which of the named modules it loaded."""

    def run(arguments: list[str], *modules: str) -> subprocess.CompletedProcess[str]:
        program = (
            "import atexit, sys\nfrom jointbert.cli.main import main\n"
            f"atexit.register(lambda: print([name for name in {modules!r} if name in sys.modules]))\n"
            f"main({arguments!r})"
        )
        command = [sys.executable, "-c", program]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)

    return run
