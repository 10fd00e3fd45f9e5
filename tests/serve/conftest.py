"""A tiny model folder, one of another model, and a key file."""

from __future__ import annotations

from pathlib import Path

import pytest
import tiny
from serving import KEY, save_other

from jointbert.inference.nlu import NLU


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder that tests leave as it is."""
    return tiny.folder(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="session")
def other_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of another model, likewise."""
    return save_other(tmp_path_factory.mktemp("models") / "other")


@pytest.fixture(scope="session")
def offline(tiny_folder: Path) -> NLU:
    """The tiny model in this process."""
    return NLU.load(tiny_folder)


@pytest.fixture(scope="session")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key file that only its owner can read."""
    path = tmp_path_factory.mktemp("keys") / "keys.txt"
    path.write_text(f"# for tests\n\nanother-key-of-the-file\n{KEY}\n")
    path.chmod(0o600)
    return path
