"""What every test shares: no network, one hypothesis profile, and the folder of known datasets where there is one."""

from __future__ import annotations

import importlib.util
import os
import sys
import tempfile
from importlib.machinery import ModuleSpec
from pathlib import Path

# Set before any test imports torch or transformers, which read them once. Tiny models gain nothing from more threads.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["TERM"] = "xterm-256color"  # rich gives a dumb terminal 80 columns, whatever a test asks for
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
# Stores wait for the disk at each commit, and tests make thousands: in memory, where that can be had, none waits.
if "TMPDIR" not in os.environ and os.access("/dev/shm", os.W_OK):
    os.environ["TMPDIR"] = tempfile.tempdir = "/dev/shm"

import pytest
from hypothesis import settings

SHELF = {
    "tiny": "tiny.py",
    "toy": "toy.py",
    "stand": "cli/stand.py",
    "databases": "databases.py",
    "graphs": "export/graphs.py",
    "person": "browser/person.py",
    "visit": "app/visit.py",
    "serving": "serve/serving.py",
    "invented": "report/invented.py",
    "invented_corpus": "pretraining/invented_corpus.py",
}


class _Shelf:
    """Finds the tests' own modules: they say `from tiny import ...`, and torch is loaded only then.

    This folder itself stays off sys.path, so that none of its folders can pass for a library. A module that is loaded
    lazily in sys.modules would not do: torch looks into all of them in the middle of its own import.
    """

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if name not in SHELF:
            return None
        return importlib.util.spec_from_file_location(name, Path(__file__).parent / SHELF[name])


sys.meta_path.append(_Shelf)

from databases import cluster, postgres_url, where  # noqa: E402, F401  fixtures for every folder: the cluster starts once

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
