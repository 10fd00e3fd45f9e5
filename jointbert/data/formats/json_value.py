"""JSON in which no key hides another: an object that says one twice is refused."""

from __future__ import annotations

import json
from typing import Any

from jointbert.errors import DataError


class _RepeatedKeyError(Exception):
    """An object says a key twice; the message is the key."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object of these pairs, of which none hides another."""
    value = dict(pairs)
    if len(value) < len(pairs):
        names = [name for name, _ in pairs]
        raise _RepeatedKeyError(next(name for name in names if names.count(name) > 1))
    return value


_DECODER = json.JSONDecoder(object_pairs_hook=_unique)


def decode(source: str, where: str) -> object:
    """What a line of JSON holds.

    Raises:
        DataError: An object in it says a key twice.
        ValueError: It is not JSON.

    Example:
        >>> decode('{"text": "hi", "text": "bye"}', "a.jsonl:1")
        Traceback (most recent call last):
        jointbert.errors.DataError: a.jsonl:1: the key "text" stands twice in one object; expected each key once. ...
    """
    try:
        return _DECODER.decode(source)
    except _RepeatedKeyError as error:
        raise _twice(str(error), where) from None


def decode_at(source: str, at: int, where: str) -> tuple[object, int]:
    """The value that begins at a place in a source, and where it ends; raises as :func:`decode` does."""
    try:
        return _DECODER.raw_decode(source, at)
    except _RepeatedKeyError as error:
        raise _twice(str(error), where) from None


def short(value: object) -> str:
    """The beginning of a value's JSON, for a message."""
    shown = json.dumps(value, ensure_ascii=True)
    return shown if len(shown) <= 60 else shown[:57] + "..."


def _twice(key: str, where: str) -> DataError:
    what = f"the key {short(key)} stands twice in one object"
    return DataError(where, what, "each key once", "Remove one of the two.")
