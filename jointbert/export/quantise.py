"""The int8 graph: weights stored in eight bits, per channel; activations quantised as they come, batch by batch."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jointbert.errors import ModelError, first_line

OPERATORS = ("MatMul", "Attention", "Gather")
"""What is quantised: every product with a weight, and the embedding tables."""

PRODUCTS = ("MatMul", "Gemm")

PLANS: tuple[tuple[str, ...], ...] = (("heads",), ("heads", "feed-forward output"), ("heads", "feed-forward"))
"""What stays in fp32, the fastest plan first. The heads cost next to no time and gain the most; what comes next is what
follows the activation function, whose few large values leave little of the eight bits to the others."""


def write_int8(source: Path, target: Path, spared: Sequence[str]) -> None:
    """Write the int8 form of a graph.

    Weights are signed and use seven of the eight bits: without VNNI instructions a processor adds two products in 16
    bits, which eight would overflow.

    Args:
        source: The graph in fp32, as :func:`jointbert.export.graph.write_graph` leaves it.
        target: The file to write.
        spared: One of :data:`PLANS`.

    Raises:
        ModelError: ONNX Runtime cannot quantise it.
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    model = onnx.load(source)
    level = logging.root.manager.disable
    logging.disable(logging.WARNING)  # it recommends a preprocessing that the exporter has done
    try:
        quantize_dynamic(
            model,
            target,
            op_types_to_quantize=list(OPERATORS),
            nodes_to_exclude=spared_nodes(model.graph, spared),
            per_channel=True,
            reduce_range=True,
            weight_type=QuantType.QInt8,
            extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},  # behind operators it knows no types of
        )
    except Exception as error:  # many types, Python's among them
        what = f"cannot be quantised ({type(error).__name__}: {first_line(error)})"
        raise ModelError(str(source), what, "a graph of known operators", "Export it without --int8.") from error
    finally:
        logging.disable(level)


def spared_nodes(graph: Any, spared: Sequence[str]) -> list[str]:
    """The names of the products that stay in fp32, as the quantiser will have them: it rewrites each Gemm first.

    Args:
        graph: An ``onnx.GraphProto``.
        spared: ``"heads"``: what gives the logits. ``"feed-forward"``: what changes the width of the states;
            ``"feed-forward output"``: what makes them narrower.
    """
    shapes = {item.name: tuple(item.dims) for item in graph.initializer}
    products = [node for node in graph.node if node.op_type in PRODUCTS and node.input[1] in shapes]
    chosen = []
    if "heads" in spared:
        chosen += [_head(graph, output.name) for output in graph.output if output.name.endswith("_logits")]
    if "feed-forward" in spared:
        chosen += [node for node in products if len(set(shapes[node.input[1]])) > 1]
    if "feed-forward output" in spared:
        chosen += [node for node in products if _narrows(node, shapes[node.input[1]])]
    return sorted({f"{node.name}_MatMul" if node.op_type == "Gemm" else str(node.name) for node in chosen})


def _narrows(node: Any, shape: tuple[int, ...]) -> bool:
    """Whether a product gives fewer numbers than it takes."""
    turned = any(attribute.name == "transB" and attribute.i for attribute in node.attribute)
    taken, given = reversed(shape) if turned else shape
    return taken > given


def _head(graph: Any, logits: str) -> Any:
    """The product that some logits come from."""
    makers = {name: node for node in graph.node for name in node.output}
    node = makers[logits]
    while node.op_type not in PRODUCTS:
        node = next(makers[name] for name in node.input if name in makers)
    return node
