"""The parts of a former split: what ``jointbert data split`` once wrote into a folder, in whatever format."""

from __future__ import annotations

from pathlib import Path

from jointbert.data.registry import FORMATS
from jointbert.data.split import PARTS

_NAMES = PARTS[3]


def former_parts(folder: Path) -> list[Path]:
    """The files and folders in a folder that go by the names which a split is written under, and hold that format.

    A ``train.yml`` that is a config, or a ``test.json`` of scores, is none of them.

    Example:
        >>> import tempfile; folder = Path(tempfile.mkdtemp())
        >>> for name in ("dev.yml", "train.jsonl", "train_more.jsonl", "notes.txt"): (folder / name).touch()
        >>> [part.name for part in former_parts(folder)]
        ['train.jsonl', 'dev.yml']
    """
    found = []
    for name in _NAMES:
        for format in FORMATS.values():
            part = folder / f"{name}{'' if format.is_folder else format.suffix}"
            there = part.is_dir() if format.is_folder else part.is_file()
            if there and (format.sniff(part) or _is_empty(part)):
                found.append(part)
    return found


def _is_empty(part: Path) -> bool:
    """Whether it is an empty file, as a part without utterances may be."""
    return part.is_file() and part.stat().st_size == 0


def remove_part(part: Path) -> None:
    """Remove one of them; of a folder only the format's own files, and the folder where nothing else is in it."""
    if not part.is_dir():
        part.unlink()
        return
    for name in {name for format in FORMATS.values() for name in format.parts}:
        (part / name).unlink(missing_ok=True)
    if not any(part.iterdir()):
        part.rmdir()
