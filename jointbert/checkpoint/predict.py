"""The one path from text to parse: encode, collate, score, decode. Training's dev scores and NLU both take it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jointbert.codec import Codec, Decoder, Encoded, by_length
from jointbert.utterance import Parse

Arrays = dict[str, NDArray[Any]]
Output = NDArray[np.float32] | None
Scorer = Callable[[Arrays], tuple[Output, Output, Output]]
"""A batch's arrays → intent logits (B, N) or None, tag logits (B, W, K) or None, [CLS] states (B, H) or None."""

ScoreAll = Callable[[Iterable[Arrays], int], Iterator[tuple[Output, Output, Output]]]
"""Arrays of batches, and how many there are → what the scorer gives for each, in their order."""

Scored = tuple[list[int], Output, Output, Output]
"""The places of a batch's texts, and what the scorer gave for them."""

CHUNK = 2048
"""How many texts a stream holds at a time."""


class Predictor:
    """Texts in, parses out, whatever computes the logits.

    Args:
        codec: Text → arrays.
        decoder: Logits → parses.
        score: Arrays → logits, and [CLS] states where the decoder's scope asks for them.
        pad_id: The piece that fills a batch.
        score_all: What scores several batches; None lets ``score`` do one after the other.
    """

    def __init__(
        self, codec: Codec, decoder: Decoder, score: Scorer, pad_id: int, score_all: ScoreAll | None = None
    ) -> None:
        self.codec = codec
        self.decoder = decoder
        self._score = score
        self._pad_id = pad_id
        self._score_all = score_all or (lambda batches, _: map(score, batches))

    def decoding_with(self, decoder: Decoder) -> Predictor:
        """The same path with another decoder at its end."""
        return Predictor(self.codec, decoder, self._score, self._pad_id, self._score_all)

    def parse_many(self, texts: Sequence[str], batch_size: int = 32) -> list[Parse]:
        """The parses of the texts, in their order; texts of like length share a batch."""
        encoded = self.codec.encode_texts(texts)
        parses: list[Parse | None] = [None] * len(texts)
        for places, *logits in self.score_many(encoded, batch_size):
            words = [encoded[place].words for place in places]
            found = self.decoder.decode([texts[place] for place in places], words, *logits)
            for place, parse in zip(places, found, strict=True):
                parses[place] = parse
        return [parse for parse in parses if parse is not None]

    def score_many(self, encoded: Sequence[Encoded], batch_size: int = 32) -> Iterator[Scored]:
        """The raw logits of encoded texts, a batch of like length at a time.

        Yields:
            The places of the batch's B texts, their intent logits (B, N) and tag logits (B, W, K), None for an absent
            head, and their [CLS] states (B, H), None where the scorer gives none.
        """
        places: deque[list[int]] = deque()

        def batches() -> Iterator[Arrays]:
            for found, batch in by_length(encoded, batch_size, self._pad_id):
                places.append(found)
                yield batch.arrays()

        for output in self._score_all(batches(), -(-len(encoded) // batch_size)):
            yield places.popleft(), *output

    def stream(self, texts: Iterable[str], batch_size: int = 32) -> Iterator[Parse]:
        """Parses as they come, :data:`CHUNK` texts in memory at a time, in the order of the texts."""
        source = iter(texts)
        while chunk := list(islice(source, CHUNK)):
            yield from self.parse_many(chunk, batch_size)
