"""What somebody uploads, looked at before anything is stored: its format, its utterances, and what is wrong with it."""

from __future__ import annotations

import io
import lzma
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from jointbert.data.problem import Problem, Severity
from jointbert.data.registry import FORMATS, by_name, detect, read
from jointbert.errors import DataError
from jointbert.utterance import Utterance

LINES = "lines"
"""The format of plain text: one utterance a line."""

MOST_BYTES = 200 * 1024 * 1024

_UNPACKING = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),
    *(RuntimeError, EOFError, OSError, ValueError, IndexError),
)
"""What the zipfile module raises for an archive that is damaged, encrypted, or packed in a way it does not know."""

_SUFFIXES = {".ndjson", ".yaml", ".tsv", ".bio", ".iob", ".iob2"} | {format.suffix for format in FORMATS.values()}


@dataclass(frozen=True, slots=True)
class FileFormat:
    """A format that can be uploaded or downloaded.

    Args:
        name: Its name in the registry.
        about: One line for people.
        suffix: The usual suffix of its files, with the dot; ``.zip`` for a folder, which travels as one.
    """

    name: str
    about: str
    suffix: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with an uploaded file.

    Args:
        place: ``line 41``, with the file's name in a folder (``seq.out, line 41``); empty for the file as a whole.
        severity: ``"error"``: the utterance is left out; ``"warning"``: it was repaired; ``"info"``: worth knowing.
        reason: What is wrong and what was expected.
        advice: What to do next; may be empty.
    """

    place: str
    severity: Severity
    reason: str
    advice: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What an upload holds; nothing of it is stored yet.

    Args:
        format: The format it was read in, or ``lines``.
        about: The format in a few words.
        utterances: What can be used.
        findings: What is wrong, in the order of the file.
    """

    format: str
    about: str
    utterances: tuple[Utterance, ...]
    findings: tuple[Finding, ...]

    @property
    def labelled(self) -> int:
        """How many of the utterances carry an intent or a slot."""
        return sum(utterance.intent is not None or bool(utterance.spans) for utterance in self.utterances)


def file_formats() -> dict[str, FileFormat]:
    """Every format that a project can be read from and written to, by name.

    Example:
        >>> file_formats()["goo"].suffix
        '.zip'
    """
    return {
        name: FileFormat(name, format.about, ".zip" if format.is_folder else format.suffix)
        for name, format in FORMATS.items()
    }


def preview_lines(text: str) -> Preview:
    """The utterances of pasted text, one a line; blank lines are left out.

    Example:
        >>> [utterance.text for utterance in preview_lines("good morning\\n\\n bye ").utterances]
        ['good morning', 'bye']
    """
    kept = tuple(Utterance(line.strip()) for line in text.splitlines() if line.strip())
    return Preview(LINES, "plain text, one utterance a line", kept, ())


def preview_upload(name: str, content: bytes, format: str | None = None) -> Preview:
    """What an uploaded file holds.

    Args:
        name: The name it was uploaded under. Only its suffix is looked at; it never becomes a path.
        content: Its bytes. A zip may hold the files of a folder format (goo), or one file of another format.
        format: A name in :func:`file_formats`, ``lines``, or None to recognise it.

    Raises:
        DataError: No format fits, the archive holds nothing usable, or it is too large.
    """
    suffix = PurePosixPath(name.replace("\\", "/")).suffix.lower()
    if format == LINES or (format is None and suffix == ".txt"):
        return preview_lines(text_of(name, content))
    with tempfile.TemporaryDirectory(prefix="jointbert-upload-") as folder:
        path = _unpack(name, content, Path(folder)) if _is_zip(content) else _store(content, suffix, Path(folder))
        return _preview(name, path, format)


def text_of(name: str, content: bytes) -> str:
    """What an uploaded text file says.

    Raises:
        DataError: It is not UTF-8.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(name, f"byte {error.start} is not UTF-8", "a text file in UTF-8", "Save it as UTF-8.") from None


def _is_zip(content: bytes) -> bool:
    return content[:4] == b"PK\x03\x04"


def _store(content: bytes, suffix: str, folder: Path) -> Path:
    """The upload as a file whose name is ours but for a suffix that a format has."""
    path = folder / f"upload{suffix if suffix in _SUFFIXES else ''}"
    path.write_bytes(content)
    return path


def _unpack(name: str, content: bytes, folder: Path) -> Path:
    """The part of an archive that a format reads: the folder for a folder format, or the one file it holds."""
    advice = "Pack seq.in, seq.out and label, or one file of another format."
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        members = [member for member in archive.infolist() if _is_data(member)]
        if sum(member.file_size for member in members) > MOST_BYTES:
            raise DataError(name, f"holds more than {MOST_BYTES >> 20} MB", "a smaller archive", "Split it.")
        parts = {part for format in FORMATS.values() if format.is_folder for part in format.parts}
        known = [member for member in members if PurePosixPath(member.filename).name in parts]
        if known:
            return _extract_parts(name, archive, known, folder)
        if len(members) == 1:
            return _store(archive.read(members[0]), PurePosixPath(members[0].filename).suffix.lower(), folder)
    except _UNPACKING as error:
        kind = f"{type(error).__module__}.{type(error).__name__}".removeprefix("builtins.")
        raise DataError(name, f"cannot be unpacked ({kind})", "a zip file", "Pack it anew.") from error
    raise DataError(name, f"holds {len(members)} files and none is known", "the files of one dataset", advice)


def _is_data(member: zipfile.ZipInfo) -> bool:
    """Not a folder, and not what macOS adds to an archive."""
    path = PurePosixPath(member.filename)
    return not member.is_dir() and path.parts[:1] != ("__MACOSX",) and not path.name.startswith(".")


def _extract_parts(name: str, archive: zipfile.ZipFile, members: Sequence[zipfile.ZipInfo], folder: Path) -> Path:
    """Write the known files, each under its own last name; two splits in one archive are refused."""
    names = [PurePosixPath(member.filename).name for member in members]
    if len(set(names)) < len(names):
        raise DataError(name, "holds more than one split", "one folder", "Upload train, dev and test one by one.")
    target = folder / "upload"
    target.mkdir()
    for last, member in zip(names, members, strict=True):
        (target / last).write_bytes(archive.read(member))
    return target


def _preview(name: str, path: Path, format: str | None) -> Preview:
    """Read the stored upload; errors speak of the name it was uploaded under."""
    problems: list[Problem] = []
    try:
        chosen = detect(path) if format is None else by_name(format)
        utterances = read(path, chosen.name, problems.append)
    except DataError as error:
        where = error.where.replace(str(path), name)
        raise DataError(where, error.what, error.expected, _advice(error)) from error
    return Preview(chosen.name, chosen.about, tuple(utterances), tuple(_finding(path, found) for found in problems))


def _advice(error: DataError) -> str | None:
    """The next step, in words that fit a page where the command line's do not."""
    step = error.next_step or ""
    return "Choose the format by hand." if "--from" in step else error.next_step


def _finding(path: Path, problem: Problem) -> Finding:
    where = problem.where.removeprefix(str(path)).strip("/\\:")
    file, colon, line = where.rpartition(":")
    place = f"{file}, line {line}".removeprefix(", ") if colon else (f"line {where}" if where.isdigit() else where)
    return Finding(place, problem.severity, problem.message.replace(str(path), "the file"), problem.suggestion)
