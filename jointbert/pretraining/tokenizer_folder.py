"""The folder a learned tokenizer lies in: whole or not there at all."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any, Protocol

from jointbert.errors import DataError, first_line

FILES = frozenset(
    {"tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.txt"}
)
"""What a tokenizer's folder may hold; with anything else in it, it is something else."""
_HINT = "Choose another folder."


class _Savable(Protocol):
    """What this file needs of a tokenizer: that it can save itself."""

    def save_pretrained(self, save_directory: Path) -> Any:
        """Write ``tokenizer.json`` and what its library wants beside it."""


def check_place(folder: Path) -> None:
    """Refuse a place where a tokenizer must not be written: a file, or a folder that holds anything else.

    Raises:
        DataError: With one thing that lies there.
    """
    try:
        there = sorted(item.name for item in folder.iterdir()) if folder.exists() else []
    except OSError as error:
        raise DataError(str(folder), f"cannot be read ({error.strerror})", "a folder to write to", _HINT) from error
    others = [name for name in there if name not in FILES]
    if others or (there and "tokenizer.json" not in there):
        held = (others or there)[0]
        expected = "a new or empty folder, or one with nothing but a tokenizer"
        raise DataError(str(folder), f"holds {held!r}", expected, _HINT)


def save_tokenizer(tokenizer: _Savable, folder: Path) -> None:
    """Write a tokenizer's folder beside its place and move it there in one step; an older tokenizer makes way.

    Raises:
        DataError: It cannot be written; nothing half-written is left.
    """
    aside: Path | None = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        new = aside / "new"
        new.mkdir()  # with the rights of any new folder, which mkdtemp's has not
        tokenizer.save_pretrained(new)
        check_place(folder)
        if folder.exists():
            folder.rename(aside / "old")
        new.rename(folder)
    except DataError:
        raise
    except Exception as error:  # a full disk is an OSError here, and no more than an Exception in the Rust library
        what = f"cannot be written ({first_line(error)})"
        raise DataError(str(folder), what, "a folder to write to", "Free space, or choose another folder.") from error
    finally:
        if aside is not None:
            shutil.rmtree(aside, ignore_errors=True)
