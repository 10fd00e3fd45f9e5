"""What the first bytes of a file tell of it: packed, another encoding, no text at all."""

from __future__ import annotations

import re
from pathlib import Path

from jointbert.errors import DataError

HEAD = 4096
"""Bytes that are looked at."""

READ = {".xz": b"\xfd7zXZ\0", ".gz": b"\x1f\x8b\x08", ".zst": b"\x28\xb5\x2f\xfd"}
"""The packers that are read, by the ends of their files' names, and how their files begin."""

_OTHERS = {
    "bzip2": re.compile(rb"BZh[1-9]1AY&SY"),
    "zip": re.compile(rb"PK\x03\x04"),
    "7z": re.compile(rb"7z\xbc\xaf\x27\x1c"),
    "lz4": re.compile(rb"\x04\x22\x4d\x18"),
}
"""Packers that are not read, and how their files begin."""

_MARKS = {b"\xff\xfe\0\0": "UTF-32", b"\0\0\xfe\xff": "UTF-32", b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}
"""Byte order marks of other encodings, the longer ones first."""


def check_packing(path: Path, head: bytes) -> None:
    """See that a packed file has a name that says so.

    Args:
        path: The file.
        head: Its first bytes, as they are on disk.

    Raises:
        DataError: Its name does not say so, or it is packed in a way that is not read.
    """
    for suffix, begins in READ.items():
        if head.startswith(begins) and path.suffix.lower() != suffix:
            what, wanted = f"is packed as {suffix[1:]}", f"a name that ends in {suffix}"
            name = path.stem if path.suffix.lower() in READ else path.name
            raise DataError(str(path), what, wanted, f"Rename it to {name}{suffix}.")
    for packer, pattern in _OTHERS.items():
        if pattern.match(head):
            wanted = "text, plain or packed as .xz, .gz or .zst"
            raise DataError(str(path), f"is packed as {packer}", wanted, "Unpack it first.")


def check_text(path: Path, head: bytes) -> None:
    """See that a file may be UTF-8 text.

    Args:
        path: The file.
        head: Its first bytes, unpacked.

    Raises:
        DataError: It is in another encoding that its first bytes name, or looks binary.
    """
    for mark, encoding in _MARKS.items():
        if head.startswith(mark):
            hint = f"Convert it, for example: iconv -f {encoding} -t UTF-8."
            raise DataError(str(path), f"is {encoding} by its byte order mark", "UTF-8", hint)
    if head.startswith(b"%PDF-"):
        raise DataError(str(path), "is a PDF: it looks binary", "UTF-8 text", "Take the text out of it first.")
    if (place := head.find(b"\0")) >= 0:
        line = head.count(b"\n", 0, place) + 1
        raise looks_binary(f"{path}:{line}")


def looks_binary(where: str) -> DataError:
    """The error for a NUL character in a text."""
    hint = "Give plain text, one paragraph or turn a line."
    return DataError(where, "holds a NUL character: it looks binary", "UTF-8 text", hint)
