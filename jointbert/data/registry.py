"""The registry of formats: read and write any of them, recognised by suffix and content."""

from __future__ import annotations

import difflib
import itertools
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from jointbert.data.formats import conll, csv, doccano, goo, jsonl, labelstudio, rasa, snips
from jointbert.data.formats.format import Format
from jointbert.data.problem import Report
from jointbert.data.tally import Tally
from jointbert.errors import DataError
from jointbert.utterance import Utterance

_MODULES = (jsonl, goo, conll, rasa, snips, csv, labelstudio, doccano)
FORMATS: dict[str, Format] = {module.FORMAT.name: module.FORMAT for module in _MODULES}

_ALIASES = {".ndjson": "jsonl", ".yaml": "rasa", ".tsv": "csv", ".bio": "conll", ".iob": "conll", ".iob2": "conll"}
_BY_SUFFIX = {format.suffix: name for name, format in FORMATS.items()} | _ALIASES
_KNOWN_DATASETS = ("atis", "snips", "snips-original", "cais", "clinc150")


def read(path: Path | str, format: str | None = None, report: Report | None = None) -> list[Utterance]:
    """The utterances of a file or folder.

    Args:
        path: The file or folder.
        format: A name in FORMATS, or None to recognise it.
        report: Called with every problem; an utterance with an error is then left out. When None, the first error
            is raised and the warnings of the file are logged in one line.

    Raises:
        DataError: The path does not exist or cannot be read, no format fits, or (without a report) the data has an
            error.
    """
    path = Path(path)
    check_exists(path)
    chosen = detect(path) if format is None else by_name(format)
    if path.is_dir() != chosen.is_folder and not chosen.sniff(path):
        found, wanted = ("a folder", "a file") if path.is_dir() else ("a file", "a folder")
        advice = f"Name {wanted}, or another format."
        raise DataError(str(path), f"is {found}", f"{wanted} for {chosen.name} ({chosen.about})", advice)
    tally = Tally(path)
    try:
        utterances = list(chosen.read(path, report or tally))
    except OSError as error:
        raise _os_error(path, "read", error) from error
    tally.log()
    return utterances


def _os_error(path: Path, verb: str, error: OSError) -> DataError:
    """The DataError for what the operating system refused."""
    return DataError(str(path), f"cannot be {verb} ({error.strerror})", None, "Check its permissions and the disk.")


def write(path: Path | str, utterances: Iterable[Utterance], format: str | None = None) -> None:
    """Write utterances to a file or folder; it appears whole or not at all.

    Args:
        path: The file or folder; missing parent folders are made.
        utterances: What to write.
        format: A name in FORMATS, or None to take it from the suffix (no suffix: a ``goo`` folder).

    Raises:
        DataError: No format has that name or suffix, the format cannot carry an utterance, or the path cannot be
            written.
    """
    path = Path(path)
    write_all({path: utterances}, _by_suffix(path).name if format is None else format)


def write_all(parts: Mapping[Path, Iterable[Utterance]], format: str) -> None:
    """Write several files or folders of one format; none appears, and none is replaced, before all are written.

    Args:
        parts: Path → what to write there; missing parent folders are made.
        format: A name in FORMATS.

    Raises:
        DataError: As :func:`write`.
    """
    chosen = by_name(format)
    for path in parts:
        if os.path.lexists(path) and path.is_dir() != chosen.is_folder:
            kind = ("a file", "a folder")[chosen.is_folder]
            raise DataError(str(path), f"is not {kind}", f"{kind} for {chosen.name}", "Choose another name.")
    scratches: dict[Path, Path] = {}
    try:
        for path, utterances in parts.items():
            with _writing(path):
                path.parent.mkdir(parents=True, exist_ok=True)
                scratches[path] = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
                chosen.write(scratches[path], utterances)
        for path, scratch in scratches.items():
            with _writing(path):
                _put_in_place(scratch, path, chosen)
    finally:
        for scratch in scratches.values():
            if scratch.is_dir():
                shutil.rmtree(scratch)
            else:
                scratch.unlink(missing_ok=True)


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Say of what the operating system refuses where it was."""
    try:
        yield
    except OSError as error:
        raise _os_error(path, "written", error) from error


def _put_in_place(scratch: Path, path: Path, format: Format) -> None:
    """Move what was written over the target; of an existing folder only the format's own files are touched."""
    if not path.is_dir():
        os.replace(scratch, path)
        return
    for part in format.parts:
        if (scratch / part).exists():
            os.replace(scratch / part, path / part)
        else:
            (path / part).unlink(missing_ok=True)


def by_name(name: str) -> Format:
    """The format of that name.

    Raises:
        DataError: There is none; the message lists those there are.
    """
    if name not in FORMATS:
        near = difflib.get_close_matches(name, FORMATS, n=1)
        raise DataError(
            f"format {name!r}",
            "is unknown",
            f"one of {', '.join(FORMATS)}",
            f"Did you mean {near[0]!r}?" if near else "docs/formats.md shows each.",
        )
    return FORMATS[name]


def _suffix_name(path: Path) -> str | None:
    """The format that a path's last two suffixes name (.doccano.jsonl), or else its last one."""
    last = [suffix.lower() for suffix in path.suffixes[-2:]]
    return _BY_SUFFIX.get("".join(last)) or _BY_SUFFIX.get(path.suffix.lower())


def _by_suffix(path: Path) -> Format:
    name = _suffix_name(path)
    if name is None:
        raise DataError(
            str(path),
            f"no format goes by the suffix {path.suffix!r}",
            f"one of {', '.join(suffix for suffix in _BY_SUFFIX if suffix)}",
            f"Rename it, or name the format with --to: {', '.join(FORMATS)}.",
        )
    return FORMATS[name]


def detect(path: Path | str) -> Format:
    """The format of what is at a path: by its suffix if the content agrees, else by content, else by suffix.

    Raises:
        DataError: The path does not exist, or no format fits it.
    """
    path = Path(path)
    check_exists(path)
    by_suffix = None if path.is_dir() else FORMATS.get(_suffix_name(path) or "")
    if by_suffix is not None and not by_suffix.is_folder and by_suffix.sniff(path):
        return by_suffix
    for format in FORMATS.values():
        if format.sniff(path):
            return format
    if by_suffix is not None and not by_suffix.is_folder:
        return by_suffix
    raise DataError(str(path), "is in no format that is known", f"one of {_listing()}", _hint(path))


def _listing() -> str:
    return "; ".join(f"{format.name} ({format.about})" for format in FORMATS.values())


def _hint(path: Path) -> str:
    """What to do about a path that no format fits: a part of the folder that is readable, or ``--from``."""
    if path.is_dir():
        inside = [child for child in sorted(path.iterdir()) if any(format.sniff(child) for format in FORMATS.values())]
        if inside:
            return f"Name one of its parts: {', '.join(str(child) for child in inside[:5])}."
    return f"Name the format with --from: {', '.join(FORMATS)}."


def check_exists(path: Path | str) -> None:
    """Nothing, if there is a file or folder at the path.

    Raises:
        DataError: There is none; the message names what may have been meant.
    """
    if os.path.exists(path):
        return
    where = str(path) if len(str(path)) <= 200 else f"{str(path)[:197]}..."
    path = Path(path)
    for parent, name in itertools.pairwise(path.parts):
        if parent == "datasets" and name in _KNOWN_DATASETS:
            raise DataError(where, "does not exist", "a file or folder", f"Fetch it: jointbert data get {name}")
    near: list[str] = []
    if os.path.isdir(path.parent):
        near = difflib.get_close_matches(path.name, os.listdir(path.parent), n=3)
    meant = " or ".join(str(path.parent / name) for name in near)
    raise DataError(
        where, "does not exist", "a file or folder", f"Did you mean {meant}?" if near else "Check the path."
    )
