"""Attention that costs little in bf16 on a CPU: products and a softmax, where PyTorch's fused one goes back slowly.

With PyTorch 2.13 on a processor with AVX512-BF16 and 32 texts of 18 pieces, the fused attention's backward pass takes
nine times as long in bf16 as in fp32, and a step of a 4-layer encoder 1.3 times as long as without it. ``python
benchmarks/attention_speed.py`` measures it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn


@contextmanager
def plain_attention(model: nn.Module, bf16: bool) -> Iterator[None]:
    """For the time of training in bf16 on the CPU, fused attention is computed step by step: the same function.

    Args:
        model: The model; nothing is done where it is on another device or has no such attention.
        bf16: Whether it is trained in bf16.
    """
    on_cpu = all(parameter.device.type == "cpu" for parameter in model.parameters())
    fused = [part for part in model.modules() if bf16 and on_cpu and _attention(part) == "sdpa"]
    try:
        for part in fused:
            part.set_attn_implementation("eager")  # type: ignore[operator]
        yield
    finally:
        for part in fused:
            part.set_attn_implementation("sdpa")  # type: ignore[operator]


def _attention(part: nn.Module) -> str | None:
    """What the library calls a model's attention; None for a module that has none to choose."""
    if not hasattr(part, "set_attn_implementation"):
        return None
    return getattr(part.config, "_attn_implementation", None)
