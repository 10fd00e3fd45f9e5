"""The int8 graph: weights stored in eight bits, per channel; activations quantised as they come, batch by batch."""

from __future__ import annotations

import logging
from pathlib import Path

from jointbert.errors import ModelError, first_line

OPERATORS = ("MatMul", "Attention", "Gather")
"""What is quantised: every product with a weight, and the embedding tables."""


def write_int8(source: Path, target: Path) -> None:
    """Write the int8 form of a graph.

    Args:
        source: The graph in fp32, as :func:`jointbert.export.graph.write_graph` leaves it.
        target: The file to write.

    Raises:
        ModelError: ONNX Runtime cannot quantise it.
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    graph = onnx.load(source)
    level = logging.root.manager.disable
    logging.disable(logging.WARNING)  # it recommends a preprocessing that the exporter has done
    try:
        quantize_dynamic(
            graph,
            target,
            op_types_to_quantize=list(OPERATORS),
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
