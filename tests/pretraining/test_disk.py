"""A disk that takes no more is said in one line whichever library met it; what else goes wrong is raised as it is."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from types import SimpleNamespace

import pytest
from safetensors import SafetensorError

from jointbert.errors import DataError, ModelError
from jointbert.pretraining.disk import writing

CUT = "[enforce fail at inline_container.cc:672] . unexpected pos 805056 vs 804948"


def leave(monkeypatch: pytest.MonkeyPatch, free: int) -> None:
    """Let every disk have so many bytes left."""
    monkeypatch.setattr("jointbert.pretraining.disk.shutil.disk_usage", lambda _: SimpleNamespace(free=free))


@pytest.mark.parametrize(
    ("error", "free"),
    [
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), 1 << 30),
        (OSError(errno.EDQUOT, os.strerror(errno.EDQUOT)), 1 << 30),
        (SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)"), 1 << 30),
        (Exception("No space left on device (os error 28)"), 1 << 30),
        (ModelError("out", "cannot be written (No space left on device)"), 1 << 30),
        (RuntimeError(CUT), 4096),
    ],
)
def test_a_full_disk_is_one_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, free: int
) -> None:
    leave(monkeypatch, free)
    folder = tmp_path / "not" / "there"
    with pytest.raises(ModelError) as caught, writing(folder):
        raise error
    assert str(caught.value) == (
        f"{folder}: the disk is full; expected room for the examples and checkpoints. "
        "Free some space or choose another --output, then run it again with --resume."
    )
    assert caught.value.__cause__ is error


@pytest.mark.parametrize(
    ("error", "free"),
    [(RuntimeError(CUT), 1 << 30), (ValueError("a shape"), 1 << 30), (DataError("c.txt", "is empty"), 0)],
)
def test_anything_else_is_raised_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, free: int
) -> None:
    leave(monkeypatch, free)
    with pytest.raises(type(error)) as caught, writing(tmp_path):
        raise error
    assert caught.value is error


def test_a_folder_that_may_not_be_written_is_said(tmp_path: Path) -> None:
    denied = PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    said = r"cannot be written \(Permission denied\); expected a folder of your own"
    with pytest.raises(ModelError, match=said), writing(tmp_path):
        raise denied
