"""Which number format this machine computes fast."""

from __future__ import annotations

from typing import Literal

import torch

Precision = Literal["auto", "fp32", "bf16"]


def fast_bf16() -> bool:
    """Whether bf16 has hardware of its own here: a GPU of compute capability 8 or more, or AMX or AVX512-BF16."""
    if torch.cuda.is_available():
        return torch.cuda.get_device_capability()[0] >= 8
    cpu = torch.cpu
    return bool(cpu._is_amx_tile_supported() or cpu._is_avx512_bf16_supported())


def use_bf16(precision: Precision) -> bool:
    """Whether to train under bf16 autocast: as configured, or where it pays."""
    return precision == "bf16" or (precision == "auto" and fast_bf16())
