"""Encoder: sentence vectors from any encoder, or from the one inside a trained model."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from jointbert.checkpoint.session import check_threads
from jointbert.codec import Encoded, TextCodec, by_length
from jointbert.errors import DataError, ModelError
from jointbert.inference.asked import check_batch_size, checked
from jointbert.inference.opening import Opened, open_encoder
from jointbert.model.encoder import encode
from jointbert.model.pooling import TextPooling, text_vectors

Vectors = NDArray[np.float32]

UNKNOWN_SHARE = 0.05
"""The share of unknown pieces (0..1) above which the texts are taken for another language than the encoder's."""

_CHUNK = 2048
"""How many texts are held as pieces at a time."""

_logger = logging.getLogger("jointbert.inference")


class Encoder:
    """Turns texts into vectors whose cosine says how alike the texts are. One instance may serve many threads.

    Args:
        opened: An encoder with its tokenizer; :meth:`load` makes it.

    Example:
        encoder = Encoder.load("mini-en")
        a, b = encoder.embed(["book a table for two", "reserve a table for 2 people"])
        float(a @ b)  # the cosine
    """

    def __init__(self, opened: Opened) -> None:
        self.pooling = opened.pooling
        self._encoder: nn.Module = opened.encoder
        self._codec: TextCodec = opened.codec
        self._pad_id = opened.pad_id

    @classmethod
    def load(cls, path: Path | str, pooling: TextPooling | None = None, threads: int | None = None) -> Encoder:
        """An encoder, ready to embed.

        Args:
            path: An encoder's folder, a known name (``mini-en`` and ``mini-zh``, which come with this package;
                ``minilm-l6``, ``gte-small``, ``bge-small-zh``), a hub id, or the folder of a model that ``jointbert
                train`` wrote, for the encoder inside it.
            pooling: ``"mean"`` or ``"cls"``; None takes what the checkpoint was trained for
                (``1_Pooling/config.json``), and ``"mean"`` where it does not say.
            threads: How many threads torch computes with, in the whole process; None leaves torch's own setting.

        Raises:
            ModelError: The encoder or its tokenizer is missing, broken, or not one of the BERT family; the checkpoint
                asks for another pooling than these two; ``pooling`` or ``threads`` is none that there is.
        """
        if pooling is not None and pooling not in get_args(TextPooling):
            expected = " or ".join(map(repr, get_args(TextPooling)))
            raise ModelError("pooling", f"is {pooling!r}", expected, "Leave it out for the checkpoint's own.")
        check_threads(threads)
        made = cls(open_encoder(path, pooling))
        if threads is not None:
            torch.set_num_threads(threads)
        return made

    @property
    def hidden(self) -> int:
        """H, the number of dimensions of a vector."""
        settings: Any = self._encoder.config
        return int(settings.hidden_size)

    @property
    def max_pieces(self) -> int:
        """How many pieces of a text are read, special ones included."""
        return self._codec.max_pieces

    def embed(
        self, texts: Sequence[str], batch_size: int = 32, progress: Callable[[int], None] | None = None
    ) -> Vectors:
        """The vectors of the texts, in their order; texts of like length are computed together.

        A text without words (empty, white space, control characters) has the vector of the special pieces alone; a lone
        surrogate is read as U+FFFD, as in a parse. What lies beyond :attr:`max_pieces` is not read: one warning is
        logged for a call that has such texts, and one for texts that the vocabulary hardly knows.

        Args:
            texts: Any number of ``str``.
            batch_size: How many go through the encoder at once. The vectors are the same but for the last digits
                (1e-5).
            progress: Called after each batch with the number of texts that are done.

        Returns:
            Float32, shape (len(texts), H), each row of length 1.

        Raises:
            DataError: One of them is no ``str``, or ``texts`` is itself a single one, or ``batch_size`` is below 1.
        """
        _check(texts, batch_size)
        vectors = np.zeros((len(texts), self.hidden), np.float32)
        notes = _Notes(self._codec)
        done = 0
        for begin in range(0, len(texts), _CHUNK):
            encoded = self._codec.encode_texts(texts[begin : begin + _CHUNK])
            notes.add(begin, encoded)
            for places, batch in by_length(encoded, batch_size, self._pad_id):
                vectors[[begin + place for place in places]] = self._vectors(batch.input_ids, batch.attention_mask)
                done += len(places)
                if progress is not None:
                    progress(done)
        notes.log(texts)
        return vectors

    @torch.inference_mode()
    def _vectors(self, input_ids: NDArray[np.int64], attention_mask: NDArray[np.int64]) -> Vectors:
        """(B, T) pieces → (B, H)."""
        mask = torch.from_numpy(attention_mask)
        states = encode(self._encoder, torch.from_numpy(input_ids), mask)  # (B,T,H)
        found: Vectors = text_vectors(states.float(), mask, self.pooling).numpy()
        return found


def _check(texts: object, batch_size: int) -> None:
    """Raise DataError for one text in place of many, for what is no text, and for batches that hold nothing."""
    if isinstance(texts, str) or not isinstance(texts, Sequence):
        raise DataError("embed", f"got a {type(texts).__name__}", "a list of texts", "Use embed([text]) for one text.")
    check_batch_size("embed", batch_size)
    for place, text in enumerate(texts):
        checked(place, text)


class _Notes:
    """What one call could not read as it stood, summed up."""

    def __init__(self, codec: TextCodec) -> None:
        self._max_pieces, self._unknown_piece = codec.max_pieces, codec.unknown_piece
        self._cut: list[tuple[int, int]] = []  # place of the text, first character that was not read
        self._pieces = self._unknown = 0

    def add(self, begin: int, encoded: Sequence[Encoded]) -> None:
        for place, item in enumerate(encoded, start=begin):
            if item.words.truncated_at is not None:
                self._cut.append((place, item.words.truncated_at))
            if self._unknown_piece is not None:
                pieces = item.input_ids[item.words.piece_words >= 0]
                self._pieces += len(pieces)
                self._unknown += int((pieces == self._unknown_piece).sum())

    def log(self, texts: Sequence[str]) -> None:
        if self._cut:
            place, read = self._cut[0]
            _logger.warning(
                "%d of %d texts are longer than the encoder's %d pieces; their ends were not read. The first: text %d, "
                "read up to character %d of %d",
                len(self._cut), len(texts), self._max_pieces, place, read, len(texts[place]),
            )  # fmt: skip
        if self._unknown > UNKNOWN_SHARE * self._pieces:
            _logger.warning(
                "%.0f %% of the pieces of %d texts are unknown to the encoder's vocabulary; their vectors say little. "
                "Choose an encoder of the texts' language",
                100 * self._unknown / self._pieces, len(texts),
            )  # fmt: skip
