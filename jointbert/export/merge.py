"""One product for queries, keys and values: the three projections before an attention become one weight."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

MOVES = frozenset({"Reshape", "Transpose", "Identity"})
"""Operators that move numbers about without changing them."""


class _Projection(NamedTuple):
    """``source @ weight + bias``, by the names of the three in the graph."""

    source: str
    weight: str
    bias: str


def merge_projections(model: Any) -> int:
    """Turn each attention whose three inputs are projections of the same states into an operator that projects itself.

    Args:
        model: An ``onnx.ModelProto``, changed in place.

    Returns:
        How many attentions were merged; the others are left as they are.

    Source:
        ``com.microsoft.Attention`` and ``MultiHeadAttention`` in ONNX Runtime's docs/ContribOperators.md.
    """
    graph = model.graph
    makers = {name: node for node in graph.node for name in node.output}
    weights = {item.name: item for item in graph.initializer}
    merged = 0
    for place, node in enumerate(graph.node):
        if node.op_type != "MultiHeadAttention":
            continue
        found = [_projection(name, makers, weights) for name in node.input[:3]]
        parts = [item for item in found if item is not None]
        if len(parts) == 3 and len({item.source for item in parts}) == 1:
            fused, tensors = _fused(node, parts, weights)
            graph.initializer.extend(tensors)
            graph.node[place].CopyFrom(fused)
            merged += 1
    _prune(graph)
    return merged


def _projection(name: str, makers: dict[str, Any], weights: dict[str, Any]) -> _Projection | None:
    """The projection that a value is, but for its shape."""
    node = makers.get(name)
    while node is not None and node.op_type in MOVES:
        node = makers.get(node.input[0])
    if node is None or node.op_type != "Add":
        return None
    for product, bias in (node.input, reversed(node.input)):
        maker = makers.get(product)
        if maker is not None and maker.op_type == "MatMul" and bias in weights and maker.input[1] in weights:
            return _Projection(maker.input[0], maker.input[1], bias)
    return None


def _fused(node: Any, parts: list[_Projection], weights: dict[str, Any]) -> tuple[Any, list[Any]]:
    """The operator in place of a node, and the two tensors that it needs."""
    from onnx import helper, numpy_helper

    weight = np.concatenate([numpy_helper.to_array(weights[part.weight]) for part in parts], axis=1)  # (H,3H)
    bias = np.concatenate([numpy_helper.to_array(weights[part.bias]) for part in parts])  # (3H,)
    name = f"{node.name}_merged"
    tensors = [numpy_helper.from_array(weight, f"{name}_weight"), numpy_helper.from_array(bias, f"{name}_bias")]
    settings = {item.name: helper.get_attribute_value(item) for item in node.attribute}
    inputs = [parts[0].source, tensors[0].name, tensors[1].name, node.input[4]]
    fused = helper.make_node("Attention", inputs, list(node.output), name, domain="com.microsoft", **settings)
    return fused, tensors


def _prune(graph: Any) -> None:
    """Remove the nodes and tensors that nothing reads any more."""
    read = {item.name for item in graph.output}
    alive = []
    for node in reversed(graph.node):  # each stands after those it reads
        if read & set(node.output):
            alive.append(node)
            read.update(node.input)
    tensors = [item for item in graph.initializer if item.name in read]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(reversed(alive))
    graph.initializer.extend(tensors)
