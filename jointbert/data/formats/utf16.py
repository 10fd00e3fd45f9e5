"""Offsets in UTF-16 code units, as JavaScript counts them, and back to characters."""

from __future__ import annotations


def to_units(text: str, offset: int) -> int:
    """The UTF-16 code units before a character: one each, two for what stands beyond U+FFFF (emoji, rare Han).

    Args:
        text: The text.
        offset: A character offset inside it.

    Example:
        >>> to_units("😀 hi", 2)
        3
    """
    return offset + sum(character > "\uffff" for character in text[:offset])


def from_units(text: str, units: int) -> int | None:
    """The character offset of a UTF-16 offset, or None when it lies outside the text or inside a character.

    Example:
        >>> from_units("😀 hi", 3), from_units("😀 hi", 1), from_units("😀 hi", 9)
        (2, None, None)
    """
    passed = 0
    for offset, character in enumerate(text):
        if passed >= units:
            return offset if passed == units else None
        passed += 2 if character > "\uffff" else 1
    return len(text) if passed == units else None
