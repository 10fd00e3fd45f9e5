"""The graph: every family, free axes, PyTorch's logits at any size, its parses of any text; what cannot be traced."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from graphs import CASES, ROOM, Case
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from tiny import CHINESE, ENGLISH, english
from transformers import BertConfig, BertModel

from jointbert.errors import ModelError
from jointbert.export import graph
from jointbert.export.graph import input_names, output_names, write_graph
from jointbert.export.parity import sample
from jointbert.model.config import JointBertConfig
from jointbert.model.joint import JointBert
from jointbert.utterance import Parse

Find = Callable[[str], Case]
FUSED = {"bert", "roberta", "distilbert", "electra"}
SIZES = [(3,), (7,), (ROOM,), (9, 3, 6), (3, 3), (ROOM, 3, 20, 5)]
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=40),
    st.lists(st.sampled_from([*ENGLISH, *CHINESE, "[SEP]", "</s>", " ", "\ud800", "é", "vegas "])).map("".join),
)


@pytest.mark.parametrize("name", CASES)
def test_a_graph_has_the_inputs_it_needs_the_logits_there_are_and_free_axes(name: str, case: Find) -> None:
    found = case(name)
    config, model = found.model.config, onnx.load(found.graph)
    axes = {
        value.name: [axis.dim_param or axis.dim_value for axis in value.type.tensor_type.shape.dim]
        for value in (*model.graph.input, *model.graph.output)
    }
    expected: dict[str, list[Any]] = {
        "input_ids": ["batch", "pieces"],
        "attention_mask": ["batch", "pieces"],
        "word_pieces": ["batch", "words"],
        "piece_words": ["batch", "pieces"],
        "intent_logits": ["batch", config.intents],
        "tag_logits": ["batch", "words", config.tags],
        "cls_state": ["batch", found.model.encoder.config.hidden_size],
    }
    names = (*input_names(config), *output_names(config))
    assert axes == {name: expected[name] for name in names}
    read = {name for node in model.graph.node for name in node.input}
    assert {value.name for value in model.graph.input} <= read, "an input that nothing reads"
    assert ("piece_words" in names) == (config.pooling == "mean") and ("word_pieces" in names) == bool(config.tags)


@pytest.mark.parametrize("name", CASES)
def test_the_logits_are_pytorchs_at_every_size(name: str, case: Find) -> None:
    found = case(name)
    for lengths in SIZES:
        arrays = sample(found.model, lengths)
        pair = (found.model.score(arrays, state=True), found.session.score(arrays, state=True))
        for one, other in zip(*pair, strict=True):
            assert (one is None) == (other is None)
            if one is not None and other is not None:
                np.testing.assert_allclose(other, one, rtol=1e-4, atol=1e-4 * float(np.abs(one).max()))


@pytest.mark.parametrize("name", CASES)
def test_attention_is_one_node_a_layer_where_the_family_allows_it(name: str, case: Find) -> None:
    counts = Counter(node.op_type for node in onnx.load(case(name).graph).graph.node)
    assert counts["Attention"] == (2 if name in FUSED else 0)
    assert counts["MultiHeadAttention"] == 0 and counts["Softmax"] == (0 if name in FUSED else 2) + (name == "bert")


@pytest.mark.parametrize("name", CASES)
def test_tracing_leaves_the_model_as_it_was(name: str, case: Find) -> None:
    joint = case(name).model
    assert not joint.training and not joint.encoder.training
    assert joint.encoder.config._attn_implementation in ("sdpa", "eager")


def frame(parse: Parse) -> tuple[Any, ...]:
    return parse.text, parse.intent, parse.truncated_at, [(span.start, span.end, span.slot) for span in parse.spans]


@pytest.mark.parametrize("name", CASES)
def test_any_text_is_parsed_as_by_pytorch(name: str, case: Find) -> None:
    torch_path, onnx_path = case(name).predictors()

    @hypothesis_settings(max_examples=15)
    @given(st.lists(TEXTS, min_size=1, max_size=12))
    def each(texts: list[str]) -> None:
        for one, other in zip(torch_path.parse_many(texts), onnx_path.parse_many(texts), strict=True):
            assert frame(one) == frame(other)
            assert one.frame_confidence == pytest.approx(other.frame_confidence, abs=1e-3)

    each()
    assert name == "distilbert" or sum(len(parse.spans) for parse in onnx_path.parse_many(ENGLISH)) > 0


class Undecided(BertModel):
    """An encoder whose way depends on what it reads."""

    def forward(self, input_ids: torch.Tensor | None = None, **others: Any) -> Any:
        if input_ids is not None and input_ids.sum() > 10:
            input_ids = input_ids + 1
        return super().forward(input_ids=input_ids, **others)


class Stiff(BertModel):
    """An encoder that works at one length only."""

    def forward(self, input_ids: torch.Tensor, **others: Any) -> Any:
        return super().forward(input_ids=input_ids + torch.zeros(7, dtype=torch.int64), **others)


def joint_on(family: type[BertModel]) -> JointBert:
    settings = BertConfig(
        vocab_size=len(english()),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=40,
    )
    encoder = family(settings, add_pooling_layer=False)
    joint = JointBert(JointBertConfig(encoder=encoder.config.to_dict(), intents=3, max_pieces=40), encoder)
    joint.train(False)
    return joint


def test_an_encoder_that_cannot_be_traced_is_refused_by_its_family(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    joint = joint_on(Undecided)
    with pytest.raises(ModelError, match=r"family 'bert': cannot be written as ONNX \(.+\); .* engine='torch'"):
        write_graph(joint, tmp_path / "model.onnx")
    assert not list(tmp_path.iterdir()) and capfd.readouterr() == ("", "")
    assert joint.encoder.config._attn_implementation == "sdpa"


def test_a_graph_with_a_fixed_axis_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"family 'bert': .*(input_ids has the axes \['batch', 7\]|cannot be written)"):
        write_graph(joint_on(Stiff), tmp_path / "model.onnx")
    assert not list(tmp_path.iterdir())


def test_weights_beyond_the_limit_of_a_file_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph, "LARGEST", 1000)
    with pytest.raises(ModelError, match=r"family 'bert': its weights take 0\.0 GiB; expected less than 2 GiB"):
        write_graph(joint_on(BertModel), tmp_path / "model.onnx")
