"""Plain attention in place of the fused one: while a model trains in bf16 on the CPU, and the same function."""

from __future__ import annotations

import pytest
import torch

from jointbert.fitting.attention import plain_attention
from jointbert.model.encoder import encode, scratch_encoder

IDS = torch.tensor([[2, 5, 6, 3], [2, 7, 3, 0]])
MASK = (IDS > 0).long()


@pytest.fixture
def encoder() -> torch.nn.Module:
    torch.manual_seed(0)
    return scratch_encoder("tiny", 20, 0, 16).train(False)


def test_it_computes_the_same_and_leaves_the_model_as_it_was(encoder: torch.nn.Module) -> None:
    fused = encode(encoder, IDS, MASK)
    with plain_attention(encoder, bf16=True):
        assert encoder.config._attn_implementation == "eager"
        plain = encode(encoder, IDS, MASK)
    assert encoder.config._attn_implementation == "sdpa"
    assert torch.allclose(fused[MASK.bool()], plain[MASK.bool()], atol=1e-5)


def test_a_failed_run_leaves_it_as_it_was_too(encoder: torch.nn.Module) -> None:
    with pytest.raises(RuntimeError), plain_attention(encoder, bf16=True):
        raise RuntimeError
    assert encoder.config._attn_implementation == "sdpa"


def test_fp32_keeps_the_fused_one(encoder: torch.nn.Module) -> None:
    with plain_attention(encoder, bf16=False):
        assert encoder.config._attn_implementation == "sdpa"


def test_a_family_without_fused_attention_is_left_alone() -> None:
    deberta = scratch_encoder("tiny", 20, 0, 16, "deberta")
    before = deberta.config._attn_implementation
    with plain_attention(deberta, bf16=True):
        assert deberta.config._attn_implementation == before
