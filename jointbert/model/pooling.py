"""Pooling: the states of a text's pieces as one vector of length 1."""

from __future__ import annotations

from typing import Literal

from torch import Tensor
from torch.nn import functional

TextPooling = Literal["mean", "cls"]


def text_vectors(states: Tensor, attention_mask: Tensor, pooling: TextPooling) -> Tensor:
    """One vector of length 1 for each text.

    Args:
        states: (B, T, H) piece states.
        attention_mask: (B, T) 1 = real.
        pooling: ``"cls"`` takes the first piece's state, ``"mean"`` averages all real pieces, special ones included.

    Returns:
        (B, H); zero where the pooled state is zero.

    Source:
        Reimers and Gurevych 2019, "Sentence-BERT", arXiv:1908.10084, section 3.
    """
    if pooling == "cls":
        pooled = states[:, 0]  # (B,H)
    else:
        real = attention_mask.unsqueeze(-1).to(states.dtype)  # (B,T,1)
        pooled = (states * real).sum(1) / real.sum(1).clamp(min=1)  # (B,H)
    return functional.normalize(pooled, dim=-1)
