"""What every test shares: no network, one hypothesis profile, and the folder of known datasets where there is one."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

# Set before any test imports transformers, which reads both once.
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import pytest
from hypothesis import settings

# Tests say `from tiny import ...`. The folder itself stays off sys.path: it holds a `datasets`, a well-known library's name.
_spec = importlib.util.spec_from_file_location("tiny", Path(__file__).with_name("tiny.py"))
assert _spec is not None and _spec.loader is not None
sys.modules["tiny"] = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(sys.modules["tiny"])

# Slow, shared machines: no deadline. Derandomised: a run that passed passes again.
settings.register_profile("project", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("project")


@pytest.fixture(scope="session")
def repository() -> Path:
    """The folder that holds the package, the configs, the datasets and the documents."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def mirror() -> Path:
    """The local mirror of the known datasets; a test that asks for it is skipped where there is none."""
    folder = os.environ.get("JOINTBERT_MIRROR")
    if not folder:
        pytest.skip("JOINTBERT_MIRROR is not set: it names a folder with the known datasets")
    if not Path(folder).is_dir():
        pytest.fail(f"JOINTBERT_MIRROR: {folder!r} is not a folder; expected one with the known datasets")
    return Path(folder)
