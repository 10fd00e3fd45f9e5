"""Segmenters: where words begin in text that writes none apart."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from itertools import accumulate

from jointbert.codec.pairs import Segmenter
from jointbert.errors import MissingExtraError


def load_segmenter(name: str | None) -> Segmenter | None:
    """The segmenter of a name, or None for none.

    Raises:
        MissingExtraError: Its library is not installed.
    """
    if name is None:
        return None
    try:
        import jieba
    except ImportError:
        raise MissingExtraError("pretrain", "finding Chinese words with jieba") from None
    jieba.setLogLevel(logging.ERROR)

    def begins(text: str) -> Sequence[int]:
        return [0, *accumulate(len(word) for word in jieba.cut(text))][:-1]

    return begins
