"""What may be asked of a model, wherever it runs: many texts, each a ``str``."""

from __future__ import annotations

from jointbert.errors import DataError


def check_many(verb: str, texts: object) -> None:
    """Nothing, if ``texts`` is not one text in place of many.

    Raises:
        DataError: It is one; the message names the verb that takes many.
    """
    if isinstance(texts, str):
        raise DataError(verb, "got one text", "a list of texts", "Use parse(text) for a single one.")


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
