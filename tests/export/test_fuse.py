"""Fused attention: exchanged for the time of a trace, in the families whose attention is plain, and in no other."""

from __future__ import annotations

import pytest
import torch
from tiny import family

from jointbert.export.fuse import FAMILIES, NAME, fused_attention


@pytest.mark.parametrize("name", ["bert", "roberta", "electra", "distilbert"])
def test_plain_attention_is_exchanged_and_given_back(name: str) -> None:
    encoder, _ = family(name)
    with fused_attention(encoder):
        assert encoder.config._attn_implementation == NAME
    assert encoder.config._attn_implementation == "sdpa"
    with pytest.raises(KeyError), fused_attention(encoder):
        raise KeyError
    assert encoder.config._attn_implementation == "sdpa"
    states = encoder(torch.ones(1, 4, dtype=torch.int64)).last_hidden_state
    assert bool(states.isfinite().all())


@pytest.mark.parametrize("kind", ["mpnet", "deberta-v2", "modernbert"])
def test_attention_of_another_kind_is_left_alone(kind: str) -> None:
    encoder, _ = family("bert")
    encoder.config.model_type = kind
    with fused_attention(encoder):
        assert encoder.config._attn_implementation == "sdpa"
    assert kind not in FAMILIES
