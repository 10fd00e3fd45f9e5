"""Adversarial training: each batch is seen a second time with the piece vectors moved to where its loss rises."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import torch
from torch import Tensor, nn

from jointbert.model.joint import JointBert


def piece_vectors(model: JointBert) -> nn.Parameter:
    """The (V, H) vectors of the pieces; of a lean model, of those that training has."""
    (vectors,) = model.encoder.get_input_embeddings().parameters()  # type: ignore[operator]
    return cast(nn.Parameter, vectors)


@contextmanager
def moved(vectors: nn.Parameter, gradient: Tensor, size: float) -> Iterator[None]:
    """Move all vectors together along a gradient; afterwards they are, to the bit, what they were.

    Args:
        vectors: (V, H).
        gradient: (V, H), of the loss; where it is 0 or not finite, nothing moves.
        size: Length of the whole move, as a share of the vectors' mean length.

    Source:
        Miyato, Dai and Goodfellow 2017, arXiv:1605.07725, equation 5; here over a batch, and relative to the vectors.
    """
    length = gradient.norm()
    before = vectors.detach().clone()
    with torch.no_grad():
        if torch.isfinite(length) and length > 0:
            vectors.add_(gradient * (size * vectors.norm(dim=-1).mean() / length))
    try:
        yield
    finally:
        with torch.no_grad():
            vectors.copy_(before)
