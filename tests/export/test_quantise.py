"""The int8 graph: small, near, free in its axes, its heads in fp32; and what cannot be quantised."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from graphs import Case

from jointbert.checkpoint.session import OnnxSession
from jointbert.errors import ModelError
from jointbert.export.parity import sample
from jointbert.export.quantise import PLANS, spared_nodes, write_int8

Find = Callable[[str], Case]


def axes(model: Any) -> dict[str, list[Any]]:
    values = (*model.graph.input, *model.graph.output)
    return {
        item.name: [axis.dim_param or axis.dim_value for axis in item.type.tensor_type.shape.dim] for item in values
    }


@pytest.mark.parametrize("spared", PLANS, ids="-".join)
@pytest.mark.parametrize("name", ["bert", "roberta", "deberta"])
def test_an_int8_graph_is_near_at_every_size(
    name: str, spared: tuple[str, ...], case: Find, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    found, target = case(name), tmp_path / "model.int8.onnx"
    write_int8(found.graph, target, spared)
    assert capfd.readouterr() == ("", "")
    assert axes(onnx.load(target)) == axes(onnx.load(found.graph))
    session = OnnxSession(target, 1)
    for lengths in ((3,), (9, 3, 6), (36,)):
        arrays = sample(found.model, lengths)
        pair = (found.model.score(arrays, state=True), session.score(arrays, state=True))
        for one, other in zip(*pair, strict=True):
            assert one is not None and other is not None and one.shape == other.shape
            largest = float(np.abs(one).max())
            assert 0.0 < float(np.abs(one - other).mean()) < 0.05 * largest


def test_weights_take_a_byte_and_the_heads_four(case: Find, tmp_path: Path) -> None:
    found, target = case("deberta"), tmp_path / "model.int8.onnx"
    write_int8(found.graph, target, PLANS[0])
    assert target.stat().st_size < 0.45 * found.graph.stat().st_size
    graph = onnx.load(target).graph
    makers = {name: node for node in graph.node for name in node.output}
    for output in graph.output[:2]:  # a product in fp32, its bias in it or added after it
        head = makers[output.name]
        product = makers[head.input[0]] if head.op_type == "Add" else head
        assert product.op_type in ("MatMul", "Gemm"), product.op_type
    kinds = Counter(item.data_type for item in graph.initializer if len(item.dims) == 2)
    assert kinds[onnx.TensorProto.INT8] > 10


def test_the_gentler_plans_leave_out_what_changes_the_width(case: Find, tmp_path: Path) -> None:
    found = case("bert")
    graph = onnx.load(found.graph).graph
    shapes = {item.name: tuple(item.dims) for item in graph.initializer}
    by_name = {node.name: node for node in graph.node}
    heads, narrow, both = (set(spared_nodes(graph, spared)) for spared in PLANS)
    assert len(heads) == 2 and heads < narrow < both

    def sizes(names: set[str]) -> list[tuple[int, ...]]:
        return sorted(shapes[by_name[name.removesuffix("_MatMul")].input[1]] for name in names)

    assert sizes(narrow - heads) == [(64, 32), (64, 32)]
    assert sizes(both - narrow) == [(32, 3), (32, 64), (32, 64)]  # (32, 3) takes the intent to the words
    write_int8(found.graph, tmp_path / "gentle.onnx", PLANS[-1])
    counts = Counter(node.op_type for node in onnx.load(tmp_path / "gentle.onnx").graph.node)
    assert counts["QAttention"] == 2 and counts["MatMulInteger"] == 2, "attention and its way out stay in int8"


def test_what_cannot_be_quantised_is_named(case: Find, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("Unable to find data type for weight_name='x'")

    monkeypatch.setattr("onnxruntime.quantization.quantize_dynamic", fail)
    source = case("bert").graph
    with pytest.raises(ModelError, match=r"model\.onnx: cannot be quantised \(RuntimeError: Unable .* without --int8"):
        write_int8(source, tmp_path / "model.int8.onnx", PLANS[0])
