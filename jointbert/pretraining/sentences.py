"""Sentences: where a line of running text is cut, in English, in Chinese and in scripts with marks like theirs."""

from __future__ import annotations

import re
from itertools import pairwise

_WIDE_END = re.compile(r"[。！？…；]+[”’」』）》\"']*|[!?]+(?=[\u3400-\u9fff])|[।؟][।؟!?]*[”’»\"')\]]*")
_NARROW_END = re.compile(r"[.!?]+[\"')\]”’]*\s+(?=[\"'(\[“‘¿¡]*([^\W\uff00-\uffef]))")
_INITIAL = r"[A-Za-z\u00c0-\u058f\u1e00-\u1fff]"
"""A letter of a script that has capitals: Latin, Greek, Cyrillic, Armenian."""
_SHORTENED = re.compile(
    rf"(?:\b(?:{_INITIAL}|Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|vs|etc|No|Inc|Ltd|Co|Corp|Gen|Col|Lt|Capt|Sgt|ca|cf"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec)|\b[ei]\.[eg])\.$"
)


def split_sentences(line: str) -> list[str]:
    """The sentences of a line, without white space around them.

    Chinese and English marks both end one, so mixed text needs no language. A full stop ends one only before a capital
    or a digit of any script (full-width ones aside), and not after an initial or a common shortening. The danda and the
    Arabic question mark, whose scripts have no capitals, always end one.

    Example:
        >>> split_sentences('Dr. J. Smith left at 5.30 p.m. sharp. "Why?" Nobody knows.')
        ['Dr. J. Smith left at 5.30 p.m. sharp.', '"Why?"', 'Nobody knows.']
        >>> split_sentences("你好。今天3.5度！去吗？Yes.")
        ['你好。', '今天3.5度！', '去吗？', 'Yes.']
        >>> split_sentences("Он ушёл. Это А. С. Пушкин. ¿Qué? ¡Ándale! वह गया। मैं आया।")
        ['Он ушёл.', 'Это А. С. Пушкин.', '¿Qué?', '¡Ándale! वह गया।', 'मैं आया।']
    """
    cuts = {match.end() for match in _WIDE_END.finditer(line)}
    for match in _NARROW_END.finditer(line):
        begins = match[1].isupper() or match[1].isdigit()
        if begins and not (match.group().startswith(".") and _SHORTENED.search(line[: match.start() + 1][-8:])):
            cuts.add(match.end())
    edges = [0, *sorted(cuts), len(line)]
    parts = (line[start:end].strip() for start, end in pairwise(edges))
    return [part for part in parts if part]
