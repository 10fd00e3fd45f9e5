"""The lines of a text file, numbered, decoded one by one so that a bad byte is named with its line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from jointbert.data.problem import Problem

_BOM = b"\xef\xbb\xbf"


def numbered_lines(path: Path, *, keep_ends: bool = False) -> Iterator[tuple[int, str | Problem]]:
    """The (line number from 1, line) pairs of a UTF-8 file; a line that is not UTF-8 comes as a Problem instead.

    A byte-order mark is dropped. Lines end at LF or CRLF and nowhere else.

    Args:
        path: The file.
        keep_ends: Whether the line's end stays on it.
    """
    with path.open("rb") as file:
        for number, raw in enumerate(file, start=1):
            if number == 1:
                raw = raw.removeprefix(_BOM)
            if not keep_ends:
                raw = raw.removesuffix(b"\n").removesuffix(b"\r")
            try:
                yield number, raw.decode("utf-8")
            except UnicodeDecodeError as error:
                yield number, not_utf8(f"{path}:{number}", error)


def not_utf8(where: str, error: UnicodeDecodeError) -> Problem:
    """What to say of a line that does not decode: the byte, its position, and how to convert a file."""
    return Problem(
        where,
        "not-utf-8",
        "error",
        f"byte 0x{error.object[error.start]:02x} at position {error.start} of the line is not UTF-8; expected UTF-8",
        "Convert the file, for example: iconv -f latin1 -t utf-8 (or -f utf-16).",
    )


def head(path: Path, size: int = 8192) -> str:
    """The beginning of a file, for recognising a format; bytes that are not UTF-8 are replaced."""
    with path.open("rb") as file:
        return file.read(size).removeprefix(_BOM).decode("utf-8", errors="replace")
