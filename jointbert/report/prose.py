"""Sentences that hold names out of the data, kept apart from our own words so that each page can set them off."""

from __future__ import annotations

from jointbert.visible import visible

Prose = tuple[str, ...]
"""Our words and, at every odd place, a name or a value out of the data."""

LONGEST = 200
"""Characters of a text that a report shows."""


def prose(words: str, *names: object) -> Prose:
    """Our words with each ``{}`` in them taken by a name.

    Example:
        >>> prose("{} loses 2 points to {}.", "book", "search")
        ('', 'book', ' loses 2 points to ', 'search', '.')
    """
    parts = words.split("{}")
    if len(parts) != len(names) + 1:
        raise ValueError(f"{words!r} has {len(parts) - 1} places for {len(names)} names")
    found = [parts[0]]
    for name, part in zip(names, parts[1:], strict=True):
        found += [shown(str(name)), part]
    return tuple(found)


def shortened(sentence: Prose, most: int) -> Prose:
    """The sentence with its names cut to so many characters.

    Example:
        >>> shortened(prose("{} is missed.", "city_of_departure"), 8)
        ('', 'city_of…', ' is missed.')
    """
    return tuple(shown(part, most) if place % 2 else part for place, part in enumerate(sentence))


def plain(sentence: Prose) -> str:
    """The sentence as text, its names in backticks.

    Example:
        >>> plain(prose("{} is missed.", "city"))
        '`city` is missed.'
    """
    return "".join(f"`{part}`" if place % 2 else part for place, part in enumerate(sentence))


def joined(*sentences: Prose) -> Prose:
    """Several sentences as one, a space between them; empty ones are left out.

    Example:
        >>> joined(prose("Rome is a {}.", "city"), prose(""), prose("Add it."))
        ('Rome is a ', 'city', '. Add it.')
    """
    found: Prose = ()
    for sentence in sentences:
        if sentence in ((), ("",)):
            continue
        found = (*found[:-1], f"{found[-1]} {sentence[0]}", *sentence[1:]) if found else sentence
    return found


def shown(text: str, most: int = LONGEST) -> str:
    r"""A text of unknown origin on one line: control characters escaped, its end cut when it is then long.

    Args:
        text: The text.
        most: Characters of the result, escapes and all; at least 1.

    Example:
        >>> print(shown("a\nb"), shown("abcdef", 4), shown("a\n\n\n", 4))
        a\nb abc… a\n…
    """
    cut, end = (text, "") if len(text) <= most else (text[: most - 1], "…")
    spelled = visible(cut)
    return spelled + end if len(spelled + end) <= most else f"{_within(cut, most - 1)}…"


def _within(text: str, most: int) -> str:
    """As many characters of the text as, spelled out, are no more than so many; no escape is cut in two."""
    found = ""
    for escaped in map(visible, text):
        if len(found) + len(escaped) > most:
            break
        found += escaped
    return found


def counted(number: int, noun: str) -> str:
    """A number and its noun.

    Example:
        >>> counted(1, "utterance"), counted(1200, "utterance")
        ('1 utterance', '1,200 utterances')
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
