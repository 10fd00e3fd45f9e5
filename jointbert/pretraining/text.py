"""Plain text as lines, from files as they are or packed with xz, gzip or zstd, a line at a time."""

from __future__ import annotations

import gzip
import io
import lzma
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from jointbert.errors import DataError, MissingExtraError, first_line
from jointbert.pretraining.sniff import HEAD, check_packing, check_text, looks_binary

_LONGEST = 1 << 20
"""Characters of a line that are taken at once; a longer one (a file without line ends) comes in parts."""


def read_lines(path: Path | str) -> Iterator[str]:
    """The lines of a text file without their ends.

    Args:
        path: A UTF-8 file; ``.xz``, ``.gz`` and ``.zst`` are unpacked on the way, in capitals too.

    Raises:
        DataError: It is missing, empty, cut short, binary, packed without saying so or not UTF-8; with the line's
            number where there is one.
        MissingExtraError: ``.zst`` without its library.
    """
    path, number = Path(path), 0
    with _opened(path) as unpacked:
        try:
            check_text(path, unpacked.peek(HEAD)[:HEAD])
            file = io.TextIOWrapper(unpacked, encoding="utf-8", newline="\n")
            while line := file.readline(_LONGEST):
                number += 1
                if "\0" in line:
                    raise looks_binary(f"{path}:{number}")
                yield line.rstrip("\r\n").removeprefix("\ufeff" if number == 1 else "")
        except UnicodeDecodeError as error:
            byte = f"0x{error.object[error.start]:02x}"
            hint = "Convert it, for example: iconv -f GB18030 -t UTF-8."
            raise DataError(f"{path}:{number + 1}", f"is not UTF-8 (byte {byte} soon after)", "UTF-8", hint) from error
        except DataError:
            raise
        except Exception as error:  # every packer has errors of its own kind
            hint = "Fetch or pack the file again."
            raise DataError(f"{path}:{number + 1}", f"cannot be read on ({first_line(error)})", None, hint) from error
    if not number:
        raise DataError(str(path), "is empty", "text, a paragraph or a turn a line")


@contextmanager
def _opened(path: Path) -> Iterator[io.BufferedReader]:
    """A file's bytes, unpacked."""
    with ExitStack() as stack:
        try:
            raw = stack.enter_context(path.open("rb"))
        except OSError as error:
            raise DataError(str(path), f"cannot be opened ({error.strerror})", "a text file") from error
        check_packing(path, raw.peek(HEAD))
        packing, plain = path.suffix.lower(), raw
        if packing == ".xz":
            plain = _buffered(stack.enter_context(lzma.open(raw)))
        elif packing == ".gz":
            plain = _buffered(stack.enter_context(gzip.open(raw)))
        elif packing == ".zst":
            plain = _buffered(stack.enter_context(_zstd(path).stream_reader(raw, read_across_frames=True)))
        yield stack.enter_context(plain)


def _buffered(unpacked: Any) -> io.BufferedReader:
    """What gives unpacked bytes, as a reader that can look ahead."""
    return io.BufferedReader(unpacked)


def _zstd(path: Path) -> Any:
    try:
        from zstandard import ZstdDecompressor
    except ImportError:
        raise MissingExtraError("pretrain", f"reading {path.name}") from None
    return ZstdDecompressor()
