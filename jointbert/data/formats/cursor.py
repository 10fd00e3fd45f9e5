"""A walk through the outer levels of a JSON file that knows the line of every value."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NoReturn

from jointbert.data.formats.json_value import decode_at
from jointbert.errors import DataError

_BLANK = re.compile(r"[ \t\r\n]*")


class Cursor:
    """A place in JSON source that knows its line.

    Args:
        source: The JSON text.
        path: The file it comes from.
        shape: The next step of every error: one sentence that shows the shape.
    """

    def __init__(self, source: str, path: Path, shape: str) -> None:
        self._source, self._path, self._shape = source, path, shape
        self._at = self._counted = 0
        self._line = 1

    def where(self) -> str:
        """``file:line`` of the next thing that is not white space."""
        self._skip_blanks()
        self._line += self._source.count("\n", self._counted, self._at)
        self._counted = self._at
        return f"{self._path}:{self._line}"

    def skip(self, mark: str) -> bool:
        """Whether ``mark`` comes next; if so it is passed."""
        self._skip_blanks()
        found = self._source.startswith(mark, self._at)
        self._at += found
        return found

    def expect(self, mark: str) -> None:
        """Pass ``mark``, or raise DataError."""
        if not self.skip(mark):
            self.fail(repr(mark))

    def end(self) -> None:
        """Nothing but white space may follow, or DataError."""
        self._skip_blanks()
        if self._at < len(self._source):
            self.fail("the end of the file")

    def value(self) -> object:
        """The JSON value that comes next, or DataError."""
        where = self.where()
        try:
            found, self._at = decode_at(self._source, self._at, where)
        except (ValueError, RecursionError):
            self.fail("a JSON value")
        return found

    def fail(self, expected: str) -> NoReturn:
        """Raise the DataError that says what should have come next."""
        where, found = self.where(), self._source[self._at : self._at + 20]
        raise DataError(where, f"found {found!r}", expected, self._shape)

    def _skip_blanks(self) -> None:
        blank = _BLANK.match(self._source, self._at)
        self._at = blank.end() if blank else self._at
