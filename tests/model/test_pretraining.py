"""BERT with its pretraining heads: both losses are learned, the chosen pieces alone are guessed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import get_args

import pytest
import torch

from jointbert.config.pretraining import Size
from jointbert.errors import ModelError
from jointbert.model.encoder import SIZES, load_encoder
from jointbert.model.pretraining import (
    FOLLOWS,
    PretrainingBert,
    fresh_pretraining_model,
    load_pretraining_model,
    save_pretraining_model,
)


def batch() -> dict[str, torch.Tensor]:
    """Eight pairs of random pieces, one chosen piece in each, half of them said to follow."""
    input_ids = torch.randint(5, 100, (8, 12), generator=torch.Generator().manual_seed(5))
    segments = torch.zeros_like(input_ids)
    segments[:, 6:] = 1
    chosen = torch.arange(8) * 12 + 3
    return {
        "input_ids": input_ids,
        "attention_mask": torch.ones_like(input_ids),
        "token_type_ids": segments,
        "chosen": chosen,
        "labels": input_ids.flatten()[chosen],
        "next_sentence_label": torch.tensor([FOLLOWS, 1 - FOLLOWS] * 4),
    }


def fresh() -> PretrainingBert:
    torch.manual_seed(13)
    return fresh_pretraining_model("tiny", 100, 0, 32, 0.0)


def test_both_losses_are_learned_together() -> None:
    model, inputs = fresh(), batch()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    for _ in range(40):
        output = model(**inputs)
        ((output.mlm_loss + output.nsp_loss) / 8).backward()
        optimizer.step()
        optimizer.zero_grad()
    output = model(**inputs)
    assert int(output.mlm_hits) == int(output.nsp_hits) == 8
    assert float(output.mlm_loss.detach()) / 8 < 0.5
    assert float(output.nsp_loss.detach()) / 8 < 0.05


def test_losses_are_those_of_hugging_faces_own_heads() -> None:
    model, inputs = fresh().train(False), batch()
    shown = {name: inputs[name] for name in ("input_ids", "attention_mask", "token_type_ids")}
    plain = super(PretrainingBert, model).forward(**shown)
    pieces = plain.prediction_logits.flatten(0, 1)[inputs["chosen"]]
    expected = torch.nn.functional.cross_entropy(pieces, inputs["labels"], reduction="sum")
    pairs = torch.nn.functional.cross_entropy(
        plain.seq_relationship_logits, inputs["next_sentence_label"], reduction="sum"
    )
    output = model(**inputs)
    torch.testing.assert_close(output.mlm_loss, expected)
    torch.testing.assert_close(output.nsp_loss, pairs)


@pytest.mark.parametrize(
    ("size", "layers", "hidden", "heads", "parameters"),
    [
        ("tiny", 2, 128, 2, 4_385_920),
        ("mini", 4, 256, 4, 11_170_560),
        ("small", 4, 512, 8, 28_763_648),
        ("medium", 8, 512, 8, 41_373_184),
        ("base", 12, 768, 12, 109_482_240),
        ("large", 24, 1024, 16, 335_141_888),
    ],
)
def test_the_sizes_are_the_published_ones(size: str, layers: int, hidden: int, heads: int, parameters: int) -> None:
    """Numbers of the published uncased English checkpoints, whose vocabulary has 30,522 pieces."""
    with torch.device("meta"):
        model = fresh_pretraining_model(size, 30_522, 0, 512, 0.1)
    shape = model.config
    assert (shape.num_hidden_layers, shape.hidden_size, shape.num_attention_heads) == (layers, hidden, heads)
    assert shape.intermediate_size == 4 * hidden
    assert sum(parameter.numel() for parameter in model.bert.parameters()) == parameters


def test_a_config_may_name_every_size_and_no_other() -> None:
    assert set(get_args(Size)) == set(SIZES) and len(SIZES) == 6


def test_without_pairs_the_next_sentence_loss_is_zero() -> None:
    inputs = batch()
    del inputs["next_sentence_label"]
    output = fresh()(**inputs)
    assert float(output.nsp_loss) == 0
    assert output.nsp_hits is None


@pytest.mark.parametrize("mask", [0o022, 0o027])
def test_the_weights_have_the_mode_that_the_umask_gives(mask: int, tmp_path: Path) -> None:
    before = os.umask(mask)
    try:
        save_pretraining_model(fresh(), tmp_path / "encoder")
    finally:
        os.umask(before)
    assert (tmp_path / "encoder" / "model.safetensors").stat().st_mode & 0o777 == 0o666 & ~mask


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
@pytest.mark.parametrize("load", [load_encoder, load_pretraining_model])
def test_weights_that_may_not_be_read_are_not_said_to_be_missing(load: object, tmp_path: Path) -> None:
    save_pretraining_model(fresh(), tmp_path)
    (tmp_path / "model.safetensors").chmod(0)
    with pytest.raises(ModelError, match=r"model\.safetensors may not be read \(Permission denied\)\. Give the user"):
        load(str(tmp_path))  # type: ignore[operator]
