"""The one path from text to parse: encode, collate, score, decode. Training's dev scores and NLU both take it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jointbert.codec import Codec, Decoder, Encoded, collate
from jointbert.utterance import Parse

Arrays = dict[str, NDArray[Any]]
Scorer = Callable[[Arrays], tuple[NDArray[np.float32] | None, NDArray[np.float32] | None]]
"""A batch's arrays → intent logits (B, N) or None, and tag logits (B, W, K) or None."""

CHUNK = 2048
"""How many texts a stream holds at a time."""


class Predictor:
    """Texts in, parses out, whatever computes the logits.

    Args:
        codec: Text → arrays.
        decoder: Logits → parses.
        score: Arrays → logits.
        pad_id: The piece that fills a batch.
    """

    def __init__(self, codec: Codec, decoder: Decoder, score: Scorer, pad_id: int) -> None:
        self.codec = codec
        self.decoder = decoder
        self._score = score
        self._pad_id = pad_id

    def parse_many(self, texts: Sequence[str], batch_size: int = 32) -> list[Parse]:
        """The parses of the texts, in their order; texts of like length share a batch."""
        encoded = self.codec.encode_texts(texts)
        order = sorted(range(len(texts)), key=lambda index: len(encoded[index].input_ids))
        parses: list[Parse | None] = [None] * len(texts)
        for begin in range(0, len(order), batch_size):
            places = order[begin : begin + batch_size]
            found = self._batch([texts[place] for place in places], [encoded[place] for place in places])
            for place, parse in zip(places, found, strict=True):
                parses[place] = parse
        return [parse for parse in parses if parse is not None]

    def stream(self, texts: Iterable[str], batch_size: int = 32) -> Iterator[Parse]:
        """Parses as they come, :data:`CHUNK` texts in memory at a time, in the order of the texts."""
        source = iter(texts)
        while chunk := list(islice(source, CHUNK)):
            yield from self.parse_many(chunk, batch_size)

    def _batch(self, texts: Sequence[str], encoded: Sequence[Encoded]) -> list[Parse]:
        batch = collate(encoded, self._pad_id)
        intent_logits, tag_logits = self._score(batch.arrays())
        return self.decoder.decode(texts, [item.words for item in encoded], intent_logits, tag_logits)
