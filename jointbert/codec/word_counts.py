"""How often each word occurs in a stream of texts: all that a tokenizer is learned from."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from tokenizers import Tokenizer

from jointbert.codec.align import readable

_MOST_CHUNKS = 300_000
_IDEOGRAPH = re.compile("[\u4e00-\u9fff]")


def count_words(texts: Iterable[str], tokenizer: Tokenizer) -> Counter[str]:
    """The words of the texts, normalised, with their counts.

    Memory holds the counts and not the texts, which are taken one at a time. Each text is cut at spaces and around the
    common ideographs, which the normaliser and BERT's pre-tokenizer treat alike whatever stands beside them; so each
    distinct chunk is taken apart once and not as often as it occurs.

    Args:
        texts: Raw texts.
        tokenizer: Its normaliser and its pre-tokenizer say what a word is: lower case, NFKC, BERT's division.
    """
    words: Counter[str] = Counter()
    chunks: Counter[str] = Counter()
    for text in texts:
        text = readable(text)
        if not text.isascii():
            words.update(_IDEOGRAPH.findall(text))
            text = _IDEOGRAPH.sub(" ", text)
        chunks.update(text.split(" "))
        if len(chunks) >= _MOST_CHUNKS:
            _take_apart(chunks, tokenizer, words)
            chunks.clear()
    _take_apart(chunks, tokenizer, words)
    return words


def _take_apart(chunks: Counter[str], tokenizer: Tokenizer, words: Counter[str]) -> None:
    """Add the words of the chunks to the words."""
    normalise, divide = tokenizer.normalizer.normalize_str, tokenizer.pre_tokenizer.pre_tokenize_str
    for chunk, count in chunks.items():
        if chunk.isascii() and chunk.isalnum():
            words[chunk.lower()] += count
            continue
        for word, _ in divide(normalise(chunk)):
            words[word] += count
