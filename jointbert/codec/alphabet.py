"""Which characters a vocabulary learned from a large corpus has room for."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Mapping
from typing import Literal

COVERED = {"en": 0.9999, "zh": 0.9995}
"""The share of the characters' occurrences that the alphabet covers; rarer characters become [UNK]."""

ALWAYS = frozenset(string.ascii_lowercase + string.digits + string.punctuation)
"""Characters that are pieces however rare they are: what users type on any keyboard."""

_IDEOGRAPH = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")


def choose_alphabet(words: Mapping[str, int], language: Literal["en", "zh"], vocabulary: int) -> frozenset[str]:
    """The characters that may be pieces: the fewest that cover nearly all occurrences, within a share of the vocabulary.

    For ``en`` that is 99.99 % of all occurrences. For ``zh`` it is 99.95 %, of the ideographs and of the other
    characters apart, so that neither crowds the other out. Ideographs take at most three quarters of the vocabulary,
    the others at most a quarter: each may need two pieces, one to begin a word and one to go on.
    Among equally frequent characters the lower code point comes first.

    Args:
        words: Normalised words with their counts.
        language: The language of the texts.
        vocabulary: The most pieces.

    Example:
        >>> sorted(choose_alphabet({"你": 9999, "好": 9999, "龘": 1}, "zh", 8000) - ALWAYS)
        ['你', '好']
    """
    ideographs: Counter[str] = Counter()
    others: Counter[str] = Counter()
    for word, count in words.items():
        for character in word:
            apart = language == "zh" and _IDEOGRAPH.match(character)
            (ideographs if apart else others)[character] += count
    kept = _cover(ideographs, COVERED[language], vocabulary * 3 // 4)
    return ALWAYS | kept | _cover(others, COVERED[language], vocabulary // 8)


def _cover(counts: Mapping[str, int], share: float, most: int) -> frozenset[str]:
    """The most frequent characters that cover this share of all occurrences, at most so many."""
    wanted = share * sum(counts.values())
    kept: list[str] = []
    covered = 0
    for character, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        if covered >= wanted or len(kept) >= most:
            break
        kept.append(character)
        covered += count
    return frozenset(kept)
