"""Column types: texts that come back exactly, JSON that does too, and times in UTC."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, Text
from sqlalchemy.types import TypeDecorator

_TO_ESCAPE = re.compile("[\\\\\x00\ud800-\udfff]")
_ESCAPED = re.compile(r"\\(\\|u[0-9a-f]{4})")


def escape(text: str) -> str:
    r"""The text as both databases can hold it: no NUL (PostgreSQL), no lone surrogate (UTF-8), backslashes doubled.

    Everything else stays as it is, so that what is stored can be searched and read by people.

    Example:
        >>> print(escape("a\x00b \\ \ud83d 你好"))
        a\u0000b \\ \ud83d 你好
    """
    return _TO_ESCAPE.sub(lambda match: "\\\\" if match[0] == "\\" else f"\\u{ord(match[0]):04x}", text)


def unescape(stored: str) -> str:
    r"""The text that :func:`escape` was given.

    Example:
        >>> unescape(escape("a\x00b \\u0041")) == "a\x00b \\u0041"
        True
    """
    if "\\" not in stored:
        return stored
    return _ESCAPED.sub(lambda match: "\\" if match[1] == "\\" else chr(int(match[1][1:], 16)), stored)


class ExactText(TypeDecorator[str]):
    """A text of any code points; it comes back exactly as it was."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Escape on the way in."""
        return None if value is None else escape(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Unescape on the way out."""
        return None if value is None else unescape(value)


class ExactJson(TypeDecorator[Any]):
    """A JSON value whose strings may hold any code points; None is stored as NULL."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Write as JSON. Lone surrogates stay raw for :func:`escape`: as \\ud83d\\ude00 two would be read as one."""
        return None if value is None else escape(json.dumps(value, ensure_ascii=False, separators=(",", ":")))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Read the JSON."""
        return None if value is None else json.loads(unescape(value))


class Utc(TypeDecorator[datetime]):
    """A time with its zone, stored as UTC without one."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC, the zone dropped."""
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The zone put back."""
        return None if value is None else value.replace(tzinfo=UTC)


def now() -> datetime:
    """The present time in UTC."""
    return datetime.now(UTC)
