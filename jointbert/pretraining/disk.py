"""The disk that a run on plain text writes to: what is said when it takes no more."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from jointbert.errors import JointBertError, ModelError, first_line

_FULL = (errno.ENOSPC, errno.EDQUOT)
_NOTHING = 1 << 20
"""Bytes: a disk with less free space than this has none."""


@contextlib.contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Give a disk that takes no more, or a folder that cannot be written, one error, whichever library met it.

    Safetensors and tokenizers have exceptions of their own for it. ``torch.save`` says no more than that a file is not
    as long as it should be, so that the disk itself is looked at.

    Args:
        folder: What is written to.

    Raises:
        ModelError: The folder cannot be written. What else goes wrong is raised as it is.
    """
    try:
        yield
    except OSError as error:
        raise cannot_write(folder, error) from error
    except Exception as error:
        if _says_full(error) or (not isinstance(error, JointBertError) and _free(folder) < _NOTHING):
            raise cannot_write(folder, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))) from error
        raise


def cannot_write(folder: Path, error: OSError) -> ModelError:
    """The error for a disk that takes no more, or a folder that cannot be written."""
    if error.errno in _FULL or _says_full(error):
        hint = "Free some space or choose another --output, then run it again with --resume."
        return ModelError(str(folder), "the disk is full", "room for the examples and checkpoints", hint)
    reason = error.strerror or first_line(error)
    return ModelError(str(folder), f"cannot be written ({reason})", "a folder of your own")


def _says_full(error: Exception) -> bool:
    return any(os.strerror(number) in str(error) for number in _FULL)


def _free(folder: Path) -> int:
    """Bytes that are left on the disk of a folder, which need not be there yet."""
    there = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
    return shutil.disk_usage(there).free
