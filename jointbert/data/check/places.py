"""Which files and folders are the splits of a dataset."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from jointbert.errors import DataError

_ROLES = {"train": "train", "dev": "dev", "valid": "dev", "validation": "dev", "val": "dev", "test": "test"}
_NOT_DATA = {"schema", "SOURCE"}
_SUFFIXES = {"", ".jsonl", ".ndjson", ".json", ".yml", ".yaml", ".conll", ".bio", ".iob", ".iob2", ".csv", ".tsv"}


def role(name: str) -> str | None:
    """What a split is for, read from its name: ``"train"``, ``"dev"``, ``"test"``, or None.

    Example:
        >>> role("oos_train"), role("valid"), role("dev_hand"), role("everything")
        ('train', 'dev', 'dev', None)
    """
    found = (_ROLES.get(part) for part in re.split(r"[^a-z]+", name.lower()))
    return next((part for part in found if part), None)


def find_splits(paths: Iterable[Path | str]) -> dict[str, Path]:
    """The splits that paths name, in order: files and folders of data, or folders that hold a train, dev or test.

    Raises:
        DataError: A path is named twice.

    Example:
        >>> import tempfile; folder = Path(tempfile.mkdtemp())
        >>> for name in ("train.jsonl", "valid.jsonl", "notes.txt"): (folder / name).touch()
        >>> list(find_splits([folder]))
        ['train', 'dev']
    """
    splits: dict[str, Path] = {}
    for path in map(Path, paths):
        inside = _inside(path)
        for part in inside or [path]:
            if any(part.resolve() == other.resolve() for other in splits.values()):
                raise DataError(str(part), "is named twice", "each path once", "Leave one out.")
            name = _name(part)
            splits[str(part) if name in splits else name] = part
    return splits


def _name(path: Path) -> str:
    stem = path.stem if path.is_file() else path.name
    return _ROLES.get(stem.lower(), stem or str(path))


def _inside(folder: Path) -> list[Path]:
    """The splits in a folder, train first; none where the folder is itself a split."""
    if not folder.is_dir():
        return []
    parts = [
        part
        for part in folder.iterdir()
        if part.suffix.lower() in _SUFFIXES and part.stem not in _NOT_DATA and not part.name.startswith(".")
    ]
    named = [part for part in parts if _name(part) in _ROLES.values()]
    if not named:
        return []
    more = [part for part in parts if part not in named and role(part.stem)]
    order = ["train", "dev", "test"]
    return sorted(named, key=lambda part: (order.index(_name(part)), part.name)) + sorted(more)
