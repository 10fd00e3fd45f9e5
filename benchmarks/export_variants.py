"""What the ways of exporting are worth: size, accuracy and processor time of each, in one run. docs/export.md shows it.

    jointbert train configs/atis.yaml --output models/atis && jointbert export models/atis --int8
    python benchmarks/export_variants.py models/atis datasets/atis/valid datasets/atis/test

Accuracy is against PyTorch on the same utterances. Time is that of one thread on the processor, the least of many runs,
the variants taking turns: it says the same on a busy machine as on a quiet one.
"""

from __future__ import annotations

import argparse
import json
import logging
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import onnx
import onnxruntime
from machine import machine
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_dynamic, quantize_static
from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer

from jointbert.checkpoint.folder import load_folder
from jointbert.checkpoint.session import OnnxSession
from jointbert.codec import collate
from jointbert.data import read
from jointbert.export import graph
from jointbert.export.parity import sample
from jointbert.export.proof import Prover
from jointbert.export.quantise import OPERATORS, PLANS, spared_nodes, write_int8

RESULT = Path(__file__).parent / "results" / "export_variants.json"
SIZES = {"1 x 16": ((16,), 150), "32 x 16": ((16,) * 32, 10)}
FLOAT = {"DefaultTensorType": onnx.TensorProto.FLOAT}
Write = Callable[[Path, Path], None]


def dynamic(**changes: Any) -> Write:
    """Dynamic quantisation as the export does it, but for the changes."""

    def write(source: Path, target: Path) -> None:
        model = onnx.load(source)
        settings: dict[str, Any] = {
            "op_types_to_quantize": list(OPERATORS),
            "nodes_to_exclude": spared_nodes(model.graph, PLANS[0]),
            "per_channel": True,
            "reduce_range": True,
            "weight_type": QuantType.QInt8,
        }
        quantize_dynamic(model, target, **(settings | changes), extra_options=dict(FLOAT))

    return write


def blockwise(source: Path, target: Path) -> None:
    """Weights in eight bits, a scale for each 128; activations quantised row by row."""
    quantiser = MatMulNBitsQuantizer(onnx.load(source), bits=8, block_size=128, is_symmetric=True, accuracy_level=4)
    quantiser.process()
    quantiser.model.save_model_to_file(str(target))


def optimised(source: Path, target: Path) -> None:
    """ONNX Runtime's own fusions written into the graph before it is quantised."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.optimized_model_filepath = str(target) + ".optimised"
    options.log_severity_level = 3
    onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
    dynamic()(Path(options.optimized_model_filepath), target)


def static(batches: list[dict[str, Any]]) -> Write:
    """Static quantisation: the ranges of activations come from samples."""

    class Reader(CalibrationDataReader):
        def __init__(self) -> None:
            self.left = iter(batches)

        def get_next(self) -> dict[str, Any] | None:
            return next(self.left, None)

    def write(source: Path, target: Path) -> None:
        model = onnx.load(source)
        weights, spared = {item.name for item in model.graph.initializer}, spared_nodes(model.graph, PLANS[0])
        chosen = [node.name for node in model.graph.node if node.op_type == "MatMul" and node.input[1] in weights]
        quantize_static(
            str(source),
            str(target),
            Reader(),
            quant_format=QuantFormat.QDQ,
            nodes_to_quantize=[name for name in chosen if name not in spared],
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            extra_options=FLOAT | {"OpTypesToExcludeOutputQuantization": ["MatMul"], "MatMulConstBOnly": True},
        )

    return write


def variants(model: Any, batches: list[dict[str, Any]]) -> dict[str, Write]:
    """Each variant by its name: the exported graph and a path → a graph."""

    def unfused(_: Path, target: Path) -> None:
        with mock.patch.object(graph, "fused_attention", lambda encoder: nullcontext()):
            graph.write_graph(model, target)

    return {
        "fp32": lambda source, target: onnx.save(onnx.load(source), target),
        "fp32, attention not fused": unfused,
        "int8 (what --int8 writes)": lambda source, target: write_int8(source, target, PLANS[0]),
        "int8, feed-forward output in fp32": lambda source, target: write_int8(source, target, PLANS[1]),
        "int8, feed-forward in fp32": lambda source, target: write_int8(source, target, PLANS[2]),
        "int8, heads too": dynamic(nodes_to_exclude=[]),
        "int8, embeddings in fp32": dynamic(op_types_to_quantize=["MatMul", "Attention"]),
        "int8, all eight bits": dynamic(reduce_range=False),
        "int8, unsigned weights": dynamic(reduce_range=False, weight_type=QuantType.QUInt8),
        "int8, per tensor": dynamic(per_channel=False),
        "int8, fused by ONNX Runtime first": optimised,
        "int8, static": static(batches),
        "int8, block-wise (MatMulNBits)": blockwise,
    }


def measure_times(paths: dict[str, Path], model: Any) -> dict[str, dict[str, float]]:
    """Milliseconds of processor time of each graph at each size."""
    sessions = {name: OnnxSession(path, 1) for name, path in paths.items()}
    found: dict[str, dict[str, float]] = {name: {} for name in paths}
    for size, (lengths, rounds) in SIZES.items():
        arrays = sample(model, lengths)
        for turn in range(rounds + 1):
            for name, session in sessions.items():
                start = time.thread_time()
                session.score(arrays)
                spent = 1000 * (time.thread_time() - start)
                if turn:
                    found[name][size] = min(found[name].get(size, np.inf), spent)
    return found


def table(rows: list[dict[str, Any]]) -> str:
    """The rows as Markdown."""
    head = "| graph | MB | 1 x 16 pieces, ms | 32 x 16 pieces, ms | same parses | intent | slot F1 | sentence |"
    lines = [head, "|---|---|---|---|---|---|---|---|"]
    for row in rows:
        changes = " | ".join("" if change is None else f"{change:+.2f}" for change in row["changes"].values())
        times = " | ".join(f"{row['ms'][size]:.1f}" for size in SIZES)
        lines.append(f"| {row['name']} | {row['mb']:.1f} | {times} | {100 * row['identical']:.1f} % | {changes} |")
    return "\n".join(lines)


def main() -> None:
    """Measure, print the table, keep it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, help="a model folder with model.onnx")
    parser.add_argument("data", type=Path, nargs="+", help="labelled utterances")
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    model, contents = load_folder(options.model)
    gold = [utterance for path in options.data for utterance in read(path)]
    prover = Prover(gold, model, contents)
    texts = [utterance.text for utterance in gold[:200]]
    names = {item.name for item in onnx.load(options.model / "model.onnx").graph.input}
    batches = []
    for start in range(0, len(texts), 8):
        arrays = collate(contents.codec.encode_texts(texts[start : start + 8]), contents.pad_id).arrays()
        batches.append({key: value for key, value in arrays.items() if key in names})
    rows, paths = [], {}
    with tempfile.TemporaryDirectory() as place:
        for name, write in variants(model, batches).items():
            paths[name] = Path(place) / f"{len(paths)}.onnx"
            write(options.model / "model.onnx", paths[name])
            proof = prover.prove(name, partial(OnnxSession(paths[name], 1).score, state=prover.needs_state))
            size = paths[name].stat().st_size / 1e6
            rows.append({"name": name, "mb": size, "identical": proof.identical, "changes": proof.changes})
            print(f"{name}: {size:.1f} MB, {proof.changes}", flush=True)
        times = measure_times(paths, model)
    rows = [row | {"ms": times[row["name"]]} for row in rows]
    result = {"machine": machine(), "model": options.model.name, "utterances": len(gold), "rows": rows}
    RESULT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(table(rows))


if __name__ == "__main__":
    main()
