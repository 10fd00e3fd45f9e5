"""Lines as they arrive: many at a time where many are there, and none kept back where more are not."""

from __future__ import annotations

import select
from collections import deque
from collections.abc import Callable, Iterator
from typing import BinaryIO

from jointbert.errors import DataError

_BLOCK = 1 << 16


class ArrivingLines:
    """The lines of a file, a pipe or a terminal, without their line feeds; :attr:`ready` says whether one is there.

    Args:
        handle: What to read from.
        where: What a message calls it.

    Raises:
        DataError: It cannot be read on.

    Example:
        >>> import io
        >>> list(ArrivingLines(io.BytesIO(b"hi\\nbye"), "stdin"))
        [b'hi', b'bye']
    """

    def __init__(self, handle: BinaryIO, where: str) -> None:
        self._where = where
        self._handle = handle
        self._lines: deque[bytes] = deque()
        self._rest = bytearray()
        self._ended = False

    def __iter__(self) -> Iterator[bytes]:
        while self._lines or not self._ended:
            if self._lines:
                yield self._lines.popleft()
            else:
                self._read()

    @property
    def ready(self) -> bool:
        """Whether the next line, or the end, can be had without waiting."""
        while not self._lines and not self._ended:
            if not self._has_more():
                return False
            self._read()
        return True

    def _has_more(self) -> bool:
        """Whether a read would not wait; False where the system cannot tell."""
        try:
            return bool(select.select([self._handle], [], [], 0)[0])
        except (OSError, ValueError):  # neither a file nor a pipe; on Windows also those
            return False

    def _read(self) -> None:
        """Take in the next block, waiting for it if need be."""
        try:
            block = self._handle.read1(_BLOCK)  # type: ignore[attr-defined]
        except OSError as error:
            what = f"cannot be read ({error.strerror})"
            raise DataError(self._where, what, "text", "Check where it comes from.") from error
        if not block:
            self._ended = True
            if self._rest:
                self._lines.append(bytes(self._rest))
            return
        first, *others = block.split(b"\n")
        self._rest += first
        for line in others:
            self._lines.append(bytes(self._rest))
            self._rest = bytearray(line)


def chunks(texts: Iterator[str], ready: Callable[[], bool], size: int) -> Iterator[list[str]]:
    """The texts in lists, each ended by its size or where the next text is not ready, and before an error is raised.

    Args:
        texts: What to share out.
        ready: Whether the next one can be had without waiting.
        size: The most texts in a list.

    Example:
        >>> list(chunks(iter("abcde"), lambda: True, 2))
        [['a', 'b'], ['c', 'd'], ['e']]
    """
    chunk: list[str] = []
    try:
        for text in texts:
            chunk.append(text)
            if len(chunk) == size or not ready():
                yield chunk
                chunk = []
    except Exception:
        if chunk:
            yield chunk
        raise
    if chunk:
        yield chunk
