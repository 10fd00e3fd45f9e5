"""Sentences: where a line of running text is cut, in English and in Chinese."""

from __future__ import annotations

import re
from itertools import pairwise

_WIDE_END = re.compile(r"[。！？…；]+[”’」』）》\"']*|[!?]+(?=[\u3400-\u9fff])")
_NARROW_END = re.compile(r"[.!?]+[\"')\]”’]*\s+(?=[\"'(\[“‘]*[A-Z0-9])")
_SHORTENED = re.compile(
    r"(?:\b(?:[A-Za-z]|Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|vs|etc|No|Inc|Ltd|Co|Corp|Gen|Col|Lt|Capt|Sgt|ca|cf"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec)|\b[ei]\.[eg])\.$"
)


def split_sentences(line: str) -> list[str]:
    """The sentences of a line, without white space around them.

    Chinese and English marks both end one, so mixed text needs no language. A full stop ends one only before a capital
    or a digit, and not after an initial or a common shortening.

    Example:
        >>> split_sentences('Dr. J. Smith left at 5.30 p.m. sharp. "Why?" Nobody knows.')
        ['Dr. J. Smith left at 5.30 p.m. sharp.', '"Why?"', 'Nobody knows.']
        >>> split_sentences("你好。今天3.5度！去吗？Yes.")
        ['你好。', '今天3.5度！', '去吗？', 'Yes.']
    """
    cuts = {match.end() for match in _WIDE_END.finditer(line)}
    for match in _NARROW_END.finditer(line):
        if not (match.group().startswith(".") and _SHORTENED.search(line[: match.start() + 1][-8:])):
            cuts.add(match.end())
    edges = [0, *sorted(cuts), len(line)]
    parts = (line[start:end].strip() for start, end in pairwise(edges))
    return [part for part in parts if part]
