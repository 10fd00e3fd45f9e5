"""Fused attention: one node a layer in place of some fifteen, where an encoder lets its attention be exchanged."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AttentionInterface, AttentionMaskInterface

NAME = "jointbert_onnx"
"""What the library's registry of attentions calls ours."""

FAMILIES = frozenset({"bert", "roberta", "xlm-roberta", "camembert", "electra", "distilbert"})
"""Encoders whose attention knows no mask but that of the padding; others would lose theirs in the exchange."""


@contextlib.contextmanager
def fused_attention(encoder: nn.Module) -> Iterator[None]:
    """Let an encoder of :data:`FAMILIES` trace its attention as ONNX Runtime's own operator while the block runs.

    Others (MPNet and DeBERTa write their attention out themselves) are left as they are.

    Source:
        ``com.microsoft.MultiHeadAttention`` in ONNX Runtime's docs/ContribOperators.md.
    """
    exchangeable: Any = encoder
    if exchangeable.config.model_type not in FAMILIES:
        yield
        return
    before = exchangeable.config._attn_implementation
    AttentionInterface.register(NAME, _attend)
    AttentionMaskInterface.register(NAME, _key_mask)
    exchangeable.set_attn_implementation(NAME)
    try:
        yield
    finally:
        exchangeable.set_attn_implementation(before)


def _key_mask(attention_mask: Tensor, **_: Any) -> Tensor:
    """(B, T) int32, 1 = real: the mask as the operator wants it."""
    return attention_mask.to(torch.int32)


def _attend(
    module: nn.Module, query: Tensor, key: Tensor, value: Tensor, attention_mask: Tensor, scaling: float, **_: Any
) -> tuple[Tensor, None]:
    """(B, heads, T, H/heads) three times → (B, T, heads, H/heads), in the manner of the library's own attentions."""
    texts, heads, pieces, width = query.shape
    states = [item.transpose(1, 2).reshape(texts, pieces, heads * width) for item in (query, key, value)]  # (B,T,H)
    found = torch.onnx.ops.symbolic(
        "com.microsoft::MultiHeadAttention",
        (*states, None, attention_mask),
        {"num_heads": heads, "scale": float(scaling)},
        dtype=query.dtype,
        shape=(texts, pieces, heads * width),
        version=1,
    )
    return found.view(texts, pieces, heads, width), None
