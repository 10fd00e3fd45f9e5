"""Which files and folders are the splits of a dataset."""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path, PurePath

from jointbert.data.check.options import listing
from jointbert.data.registry import FORMATS
from jointbert.errors import DataError

_logger = logging.getLogger("jointbert.data")

_DEV = ("dev", "devel", "development", "val", "valid", "validation")
_ROLES = {"train": "train", "training": "train", "test": "test", "testing": "test"} | dict.fromkeys(_DEV, "dev")
_SPLITS = ("train", "dev", "test")
_NOT_DATA = {"schema", "SOURCE"}
_CONFIG = "training.yaml"  # as a model folder holds it
_DOUBLE = [format.suffix for format in FORMATS.values() if format.suffix.count(".") > 1]
_SUFFIXES = {"", ".jsonl", ".ndjson", ".json", ".yml", ".yaml", ".conll", ".bio", ".iob", ".iob2", ".csv", ".tsv"}


def role(name: str) -> str | None:
    """What a split is for, read from its name, of a path from its end: ``"train"``, ``"dev"``, ``"test"``, or None.

    Example:
        >>> role("oos_train"), role("valid"), role("dev_hand"), role("everything")
        ('train', 'dev', 'dev', None)
    """
    found = (_ROLES.get(word) for part in reversed(PurePath(name.lower()).parts) for word in re.split(r"[^a-z]+", part))
    return next((word for word in found if word), None)


def find_splits(paths: Iterable[Path | str]) -> dict[str, Path]:
    """The splits that paths name, in order: files and folders of data, or folders that hold a train, dev or test.

    A warning names what in such a folder is left out: other data, and what goes by a split's name and is no data
    beside a file that is.

    Raises:
        DataError: A path is named twice.

    Example:
        >>> import tempfile; folder = Path(tempfile.mkdtemp())
        >>> for name in ("train.jsonl", "valid.jsonl", "notes.txt"): (folder / name).touch()
        >>> list(find_splits([folder]))
        ['train', 'dev']
    """
    splits: dict[str, Path] = {}
    folders: list[Path] = []
    for path in map(Path, paths):
        inside = _inside(path)
        folders += [path] if inside else []
        for part in inside or [path]:
            if any(part.resolve() == other.resolve() for other in splits.values()):
                raise DataError(str(part), "is named twice", "each path once", "Leave one out.")
            name = _name(part)
            splits[str(part) if name in splits else name] = part
    _report_left_out(folders, splits.values())
    return splits


def _report_left_out(folders: Iterable[Path], taken: Collection[Path]) -> None:
    """Warn of the data in folders that no split is made of, for its names say no role."""
    known = {path.resolve() for path in taken}
    for folder in folders:
        parts = sorted(part for part in _parts(folder) if part.resolve() not in known)
        others = [part.name for part in parts if _is_data(part)]
        if others:
            what = "left out, for the name says neither train, dev nor test"
            _logger.warning("%s: %s: %s. Name it beside the folder to take it in.", folder, what, listing(others, 5))
        if strange := [part.name for part in parts if _name(part) in _SPLITS and part.name not in others]:
            _logger.warning("%s: left out, for it is in no format of data: %s.", folder, listing(strange, 5))


def _is_data(path: Path) -> bool:
    """Whether something looks like data; what cannot be read may be some."""
    try:
        return any(format.sniff(path) for format in FORMATS.values())
    except OSError:
        return True


def _name(path: Path) -> str:
    stem = _stem(path) if path.is_file() else path.name
    return _ROLES.get(stem.lower(), stem or str(path))


def _stem(path: Path) -> str:
    """A name without its suffix, be it one of two parts.

    Example:
        >>> _stem(Path("train.jsonl")), _stem(Path("train.doccano.jsonl")), _stem(Path("train.v2.jsonl"))
        ('train', 'train', 'train.v2')
    """
    suffix = next((suffix for suffix in _DOUBLE if path.name.lower().endswith(suffix)), path.suffix)
    return path.name[: len(path.name) - len(suffix)]


def _inside(folder: Path) -> list[Path]:
    """The splits in a folder, train first; none where the folder is itself a split."""
    if not folder.is_dir():
        return []
    parts = list(_parts(folder))
    named = {split: [part for part in parts if _name(part) == split] for split in _SPLITS}
    if not any(named.values()):
        return []
    more = [part for part in parts if _name(part) not in _SPLITS and role(_stem(part))]
    return [part for split in _SPLITS for part in sorted(_data_or_all(named[split]))] + sorted(more)


def _data_or_all(parts: list[Path]) -> list[Path]:
    """Those of the files for one split that look like data; all where none does."""
    return [part for part in parts if _is_data(part)] or parts


def _parts(folder: Path) -> Iterator[Path]:
    """What in a folder may be data, going by the suffix."""
    for part in folder.iterdir():
        other = part.name == _CONFIG or part.stem in _NOT_DATA or part.name.startswith(".")
        if part.suffix.lower() in _SUFFIXES and not other:
            yield part
