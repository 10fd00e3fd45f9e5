"""Numbers with their nouns."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """A number and its noun, in the plural where it needs one.

    Example:
        >>> counted(1, "utterance"), counted(2900, "utterance")
        ('1 utterance', '2,900 utterances')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
