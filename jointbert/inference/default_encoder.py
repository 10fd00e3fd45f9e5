"""Which of the encoders that come with this package fits given texts."""

from __future__ import annotations

from collections.abc import Iterable

from jointbert.data.words import is_unspaced


def default_encoder(texts: Iterable[str]) -> str:
    """``mini-zh`` where more than half of the texts hold a character of a script without spaces, else ``mini-en``.

    The Chinese script is one of those. One such character in a text is enough, whatever else is in it: mini-zh reads
    Latin words, too, and mini-en reads no Chinese.

    Example:
        >>> default_encoder(["play some jazz", "fly to 北京"]), default_encoder(["open水晶灯", "pause", "播放音乐"])
        ('mini-en', 'mini-zh')
    """
    total = unspaced = 0
    for text in texts:
        total += 1
        unspaced += is_unspaced(text)
    return "mini-zh" if unspaced * 2 > total else "mini-en"
