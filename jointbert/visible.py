"""Text of unknown origin as something that can be shown: nothing in it moves the cursor, colours or reorders."""

from __future__ import annotations

import unicodedata

_HARMFUL = frozenset({"Cc", "Cs", "Zl", "Zp"})
_REORDERING = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})


def visible(text: str) -> str:
    r"""The text with control characters, line breaks and reordering marks spelled as escapes.

    Everything else stays as typed: emoji with their joiners, combining marks, square brackets.

    Example:
        >>> print(visible("[bold]x\x1b[31m\n👩‍🚀"))
        [bold]x\x1b[31m\n👩‍🚀
    """
    if text.isprintable():  # most are, and nothing harmful is
        return text
    return "".join(_escape(character) if _is_harmful(character) else character for character in text)


def _is_harmful(character: str) -> bool:
    return unicodedata.category(character) in _HARMFUL or unicodedata.bidirectional(character) in _REORDERING


def _escape(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")


def visible_lines(message: str) -> str:
    r"""A message of one or more lines, each :func:`visible`; what follows a line break is indented.

    Example:
        >>> print(visible_lines("two problems\nbad\x1b[2J 文"))
        two problems
          bad\x1b[2J 文
    """
    return "\n  ".join(visible(line.rstrip("\r")) for line in message.split("\n"))
