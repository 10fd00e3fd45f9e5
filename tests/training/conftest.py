"""The trained toy model, one a session."""

from __future__ import annotations

from pathlib import Path

import pytest
import toy


@pytest.fixture(scope="session")
def toy_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the learnable corpus, with the trained model in ``model``."""
    return toy.trained(tmp_path_factory)
