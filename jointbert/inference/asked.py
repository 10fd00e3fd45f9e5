"""What may be asked of a model, wherever it runs: many texts, each a ``str``."""

from __future__ import annotations

from collections.abc import Iterable

from jointbert.errors import DataError


def check_many(verb: str, texts: object) -> None:
    """Nothing, if ``texts`` is not one text in place of many.

    Raises:
        DataError: It is one, or nothing that holds texts; the message names the verb that takes many.
    """
    if isinstance(texts, str):
        raise DataError(verb, "got one text", "a list of texts", "Use parse(text) for a single one.")
    if not isinstance(texts, Iterable):
        raise DataError(verb, f"got a {type(texts).__name__}", "a list of texts", "Give it one.")


def check_batch_size(verb: str, batch_size: object) -> None:
    """Nothing, if ``batch_size`` is a whole number from 1 on.

    Raises:
        DataError: It is not; the message names the verb.
    """
    if not isinstance(batch_size, int) or batch_size < 1:
        raise DataError(verb, f"batch_size is {batch_size!r}", "a whole number, at least 1", "Leave it out for 32.")


def checked(place: int, text: object) -> str:
    """The text, if it is one.

    Raises:
        DataError: It is no ``str``; the message names its place.

    Example:
        >>> checked(0, "hi")
        'hi'
    """
    if not isinstance(text, str):
        raise DataError(f"text {place}", f"is a {type(text).__name__}", "a str", "Decode or convert it first.")
    return text
