"""Files that a command writes at the user's wish."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn the system's refusal to write a file into the user's mistake."""
    from jointbert.errors import DataError

    try:
        yield
    except OSError as error:
        hint = "Make the folder first, or choose another path."
        raise DataError(str(path), f"cannot be written ({error.strerror})", "a path to write to", hint) from error


def write_json(path: Path, value: Any) -> None:
    """Write a value as indented JSON; a lone surrogate in it becomes an escape.

    Raises:
        DataError: The path cannot be written.
    """
    content = json.dumps(value, ensure_ascii=False, indent=1) + "\n"
    with writing(path):
        path.write_bytes(content.encode("utf-8", "backslashreplace"))
