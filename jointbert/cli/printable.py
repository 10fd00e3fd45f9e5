"""Text of unknown origin made safe for a terminal."""

from __future__ import annotations


def printable(message: str) -> str:
    r"""The message with control characters escaped, so that no text of a user steers the terminal.

    Line breaks stay (a message may list several problems) and what follows them is indented.

    Example:
        >>> printable("bad\x1b[2J 文")
        'bad\\x1b[2J 文'
    """
    lines = message.split("\n")
    shown = ("".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line) for line in lines)
    return "\n  ".join(shown)
