"""Which characters a vocabulary learned from a large corpus has room for."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Mapping
from typing import Literal

IDEOGRAPHS_COVERED = 0.9995
OTHERS_COVERED = {"en": 0.9999, "zh": 0.999}
"""The shares of the characters' occurrences that the alphabet covers; rarer characters become [UNK]. For ideographs
that holds where there is no room for all of them."""

WITHIN_WORDS = frozenset(string.ascii_lowercase + string.digits + "£€¥°")
"""Characters that are pieces at a word's start and within it however rare they are: "20€" is one word, and "5°c"."""

ALWAYS = WITHIN_WORDS | frozenset(string.punctuation)
"""Characters that are pieces however rare they are: what users type on any keyboard."""

_IDEOGRAPH = re.compile(  # those that BERT's normaliser makes words of their own
    "[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0002a6df\U0002a700-\U0002b81f\U0002b920-\U0002ceaf\U0002f800-\U0002fa1f]"
)


def choose_alphabet(words: Mapping[str, int], language: Literal["en", "zh"], room: int) -> frozenset[str]:
    """The characters that may be pieces: the fewest that cover nearly all occurrences, within a share of the pieces.

    For ``en`` that is 99.99 % of all occurrences. For ``zh`` it is every ideograph of the texts where they fit into
    three quarters of the room left beside the keyboard's characters; else those that cover 99.95 % of the ideographs'
    occurrences, as many as fit. Apart from them it is 99.9 % of the other characters', so that neither crowds the other
    out and pieces of Latin words have room. The others take at most the last quarter of that room: each may need two
    pieces, one to begin a word and one to go on.
    Among equally frequent characters the lower code point comes first.

    Args:
        words: Normalised words with their counts.
        language: The language of the texts.
        room: The most pieces, special ones aside; 200 at least.

    Example:
        >>> sorted(choose_alphabet({"你": 9999, "好": 9999, "龘": 1}, "zh", 7995) - ALWAYS)
        ['你', '好', '龘']
    """
    ideographs: Counter[str] = Counter()
    others: Counter[str] = Counter()
    for word, count in words.items():
        for character in word:
            apart = language == "zh" and _IDEOGRAPH.match(character)
            (ideographs if apart else others)[character] += count
    left = max(room - len(ALWAYS) - len(WITHIN_WORDS), 0)
    most = left * 3 // 4
    kept = frozenset(ideographs) if len(ideographs) <= most else _cover(ideographs, IDEOGRAPHS_COVERED, most)
    return ALWAYS | kept | _cover(others, OTHERS_COVERED[language], left // 8)


def _cover(counts: Mapping[str, int], share: float, most: int) -> frozenset[str]:
    """The most frequent characters that, with the keyboard's, cover this share of all occurrences; at most so many."""
    wanted = share * sum(counts.values())
    kept: list[str] = []
    covered = 0
    for character, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        if covered >= wanted or len(kept) >= most:
            break
        covered += count
        if character not in ALWAYS:
            kept.append(character)
    return frozenset(kept)
