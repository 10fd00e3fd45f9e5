"""One product for queries, keys and values: merged where all three see the same states, left alone elsewhere."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from jointbert.export.merge import merge_projections

HIDDEN, HEADS = 8, 2
RANDOM = np.random.default_rng(0)


def attention(sources: tuple[str, str, str], biased: bool = True) -> Any:
    """A graph with one attention over projections of the given inputs, each reshaped on its way."""
    nodes, tensors = [], [numpy_helper.from_array(np.array([0, 0, HIDDEN]), "shape")]
    for name, source in zip("qkv", sources, strict=True):
        tensors.append(numpy_helper.from_array(RANDOM.normal(size=(HIDDEN, HIDDEN)).astype(np.float32), f"{name}_w"))
        tensors.append(numpy_helper.from_array(RANDOM.normal(size=HIDDEN).astype(np.float32), f"{name}_b"))
        nodes.append(helper.make_node("MatMul", [source, f"{name}_w"], [f"{name}_product"]))
        order = [f"{name}_b", f"{name}_product"] if name == "k" else [f"{name}_product", f"{name}_b"]
        nodes.append(helper.make_node("Add" if biased else "Mul", order, [f"{name}_sum"]))
        nodes.append(helper.make_node("Reshape", [f"{name}_sum", "shape"], [name]))
    settings = {"num_heads": HEADS, "scale": 0.5, "domain": "com.microsoft"}
    nodes.append(helper.make_node("MultiHeadAttention", [*"qkv", "", "mask"], ["out"], "attend", **settings))
    inputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["b", "t", HIDDEN]) for name in {*sources}]
    inputs.append(helper.make_tensor_value_info("mask", TensorProto.INT32, ["b", "t"]))
    output = helper.make_tensor_value_info("out", TensorProto.FLOAT, ["b", "t", HIDDEN])
    opsets = [helper.make_opsetid("", 20), helper.make_opsetid("com.microsoft", 1)]
    graph = helper.make_graph(nodes, "attention", inputs, [output], tensors)
    return helper.make_model(graph, opset_imports=opsets, ir_version=10)


def run(model: Any, sources: tuple[str, str, str]) -> np.ndarray:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    random = np.random.default_rng(1)
    arrays: dict[str, Any] = {
        name: random.normal(size=(3, 5, HIDDEN)).astype(np.float32) for name in sorted({*sources})
    }
    arrays["mask"] = np.array([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0], [1, 0, 0, 0, 0]], dtype=np.int32)
    return np.asarray(session.run(None, arrays)[0])


def test_three_projections_of_the_same_states_become_one_that_gives_the_same() -> None:
    model = attention(("x", "x", "x"))
    before = run(model, ("x", "x", "x"))
    assert merge_projections(model) == 1
    assert [node.op_type for node in model.graph.node] == ["Attention"]
    assert {tuple(item.dims) for item in model.graph.initializer} == {(HIDDEN, 3 * HIDDEN), (3 * HIDDEN,)}
    np.testing.assert_allclose(run(model, ("x", "x", "x")), before, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("sources", "biased"), [(("x", "y", "y"), True), (("x", "x", "x"), False)])
def test_others_are_left_as_they_are(sources: tuple[str, str, str], biased: bool) -> None:
    model = attention(sources, biased)
    before = model.SerializeToString()
    assert merge_projections(model) == 0
    assert model.SerializeToString() == before
