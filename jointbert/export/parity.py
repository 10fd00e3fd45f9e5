"""A written graph run at sizes that it was not traced at, beside the model that it was made of."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from jointbert.checkpoint.predict import Arrays, Scorer
from jointbert.errors import ModelError, first_line
from jointbert.model.joint import JointBert

TOLERANCE = 1e-4
"""Largest difference of two logits, as a share of the largest logit (or of 1, where all are smaller)."""


def check_parity(path: Path, model: JointBert, score: Scorer) -> float:
    """The largest difference of a logit between a graph and PyTorch, at one text of one word and at the longest texts.

    Args:
        path: The graph, for messages.
        model: What it was made of, in eval mode.
        score: What runs the graph; the [CLS] states that it gives are compared too.

    Raises:
        ModelError: The graph cannot be run at one of the sizes, or its logits are others.
    """
    longest = int(model.config.max_pieces)
    return max(
        _compare(path, model, score, sample(model, lengths)) for lengths in ((3,), (longest, 3, max(3, longest // 2)))
    )


def sample(model: JointBert, lengths: tuple[int, ...]) -> Arrays:
    """A batch of random pieces, one word a piece: one text for each length in pieces, from 3 on.

    Args:
        model: Whose vocabulary the pieces are from.
        lengths: How many pieces each text has, the special ones at both ends included.
    """
    encoder = model.config.encoder
    pad_id, random = int(encoder.get("pad_token_id") or 0), np.random.default_rng(0)
    rows, pieces = len(lengths), max(lengths)
    drawn = random.integers(0, encoder["vocab_size"], (rows, pieces))
    drawn[drawn == pad_id] = (pad_id + 1) % encoder["vocab_size"]
    place = np.arange(pieces)[None, :]
    real = place < np.array(lengths)[:, None]  # (B,T)
    word = (place >= 1) & (place < np.array(lengths)[:, None] - 1)  # (B,T)
    return {
        "input_ids": np.where(real, drawn, pad_id),
        "attention_mask": real.astype(np.int64),
        "word_pieces": np.where(word, place, 0)[:, 1:-1],
        "piece_words": np.where(word, place - 1, -1),
        "word_mask": word[:, 1:-1],
    }


def _compare(path: Path, model: JointBert, score: Scorer, arrays: Arrays) -> float:
    rows, pieces = arrays["input_ids"].shape
    where = f"{path.name} at {rows} x {pieces} pieces"
    try:
        found = score(arrays)
    except Exception as error:  # ONNX Runtime raises many types of its own
        raise ModelError(where, f"cannot be run ({first_line(error)})", "a graph for any size", _NEXT) from error
    largest = 0.0
    kinds = ("logits", "logits", "[CLS] states")
    for kind, one, other in zip(kinds, model.score(arrays, state=True), found, strict=True):
        if one is None or other is None:
            continue
        difference = float(np.abs(one - other).max())
        if one.shape != other.shape or not difference <= TOLERANCE * max(1.0, float(np.abs(one).max())):
            raise ModelError(where, f"gives {kind} that are {difference:.2g} off", "those of PyTorch", _NEXT)
        if kind == "logits":
            largest = max(largest, difference)
    return largest


_NEXT = "Use the model with PyTorch: NLU.load(folder, engine='torch')."
