"""Words of raw text without a tokenizer: where a careful annotator would set a span's edges."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

# Scripts that part words by nothing: each of their characters is taken for a word of its own.
_UNSPACED = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\u1780-\u17ff"  # Burmese, Khmer
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u30ff\u31f0-\u31ff"  # radicals, kana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f"  # Han, half-width kana
    "\U0001b000-\U0001b16f\U00020000-\U000323af"
)
_ASCII = re.compile(r"[A-Za-z0-9]+|\S")
_CJK = re.compile(f"[{_UNSPACED}]")


@cache
def _marks() -> str:
    """Combining marks as a character class: they belong to the letter before them."""
    found = (point for point in range(0x300, 0x1E000) if unicodedata.category(chr(point)) in ("Mn", "Mc"))
    return "".join(re.escape(chr(point)) for point in found)


@cache
def pattern() -> re.Pattern[str]:
    """A pattern that matches one word at a time: a run of letters and digits, an unspaced character, or a sign."""
    letter, mark = rf"[^\W_{_UNSPACED}]", f"[{_marks()}]"
    return re.compile(rf"{letter}+(?:{mark}+{letter}*)*|\S")


def words(text: str) -> list[tuple[int, int]]:
    """The half-open character offsets of the words of a text.

    Example:
        >>> [text[a:b] for text in ["i'd fly at 5pm, 去北京"] for a, b in words(text)]
        ['i', "'", 'd', 'fly', 'at', '5pm', ',', '去', '北', '京']
    """
    found = (_ASCII if text.isascii() else pattern()).finditer(text)
    return [match.span() for match in found]


def cuts_word(text: str, offset: int) -> bool:
    """Whether an offset lies inside a word of a script that writes spaces.

    Example:
        >>> cuts_word("boston", 3), cuts_word("new york", 3), cuts_word("去北京", 1)
        (True, False, False)
        >>> cuts_word("20°C", 2), cuts_word("$50", 1)
        (True, False)
    """
    return 0 < offset < len(text) and _joins(text[offset - 1]) and _joins(text[offset])


def is_unspaced(text: str) -> bool:
    """Whether a text holds a character of a script that writes no spaces."""
    return _CJK.search(text) is not None


@cache
def _joins(character: str) -> bool:
    """Whether a character makes one word with such a neighbour: a letter, a digit, a mark, and many a symbol.

    BERT's pre-tokenizer splits at ASCII signs and at punctuation, and so at no other symbol (``€``, ``°``, an emoji). A
    symbol that only stands for signs, blanks or Chinese characters (``＄``, ``´``, ``㈱``) is left to the tokenizer:
    those that normalise split there.
    """
    if _CJK.match(character):
        return False
    category = unicodedata.category(character)
    if character.isalnum() or category in ("Mn", "Mc"):
        return True
    plain = unicodedata.normalize("NFKD", character)
    return category[0] == "S" and not _CJK.search(plain) and all(c.isalnum() or not c.isascii() for c in plain)


def normalise(text: str) -> str:
    """A text without what does not tell two utterances apart: letter case and the amount of white space.

    Example:
        >>> normalise("  Fly to\\tBOSTON ")
        'fly to boston'
    """
    return " ".join(text.casefold().split())
