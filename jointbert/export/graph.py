"""The ONNX graph of a joint model: encoder and heads, for any number of texts of any length, checked against PyTorch.

The CRF's scores are not in it: decoding is the codec's, whatever computes the logits.
"""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from jointbert.checkpoint.session import STATE
from jointbert.errors import ModelError, first_line
from jointbert.export.fuse import fused_attention
from jointbert.export.merge import merge_projections
from jointbert.model.config import JointBertConfig
from jointbert.model.joint import JointBert

OPSET = 20
"""The newest operator set that ONNX Runtime 1.20 computes."""

LARGEST = 2**31 - 2**22
"""Bytes of weights that fit into one ONNX file, which protobuf keeps under 2 GiB."""

AXES = {"input_ids": "pieces", "attention_mask": "pieces", "word_pieces": "words", "piece_words": "pieces"}
"""The name of each input's second axis; the first is ``batch``."""


def input_names(config: JointBertConfig) -> tuple[str, ...]:
    """The graph's inputs: those that the model's heads make use of.

    Example:
        >>> input_names(JointBertConfig(intents=2))
        ('input_ids', 'attention_mask')
        >>> input_names(JointBertConfig(tags=3, pooling="mean"))
        ('input_ids', 'attention_mask', 'word_pieces', 'piece_words')
    """
    words = ("word_pieces",) if config.tags else ()
    means = ("piece_words",) if config.tags and config.pooling == "mean" else ()
    return ("input_ids", "attention_mask", *words, *means)


def output_names(config: JointBertConfig) -> tuple[str, ...]:
    """The graph's outputs: the logits of the heads that are there, and the [CLS] state.

    Example:
        >>> output_names(JointBertConfig(intents=2, tags=3))
        ('intent_logits', 'tag_logits', 'cls_state')
    """
    heads = {"intent_logits": config.intents, "tag_logits": config.tags}
    return (*(name for name, size in heads.items() if size), STATE)


class _Scorer(nn.Module):
    """The model with the logits that are there and the [CLS] state as its only outputs."""

    def __init__(self, model: JointBert) -> None:
        super().__init__()
        self.model = model

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor,
        word_pieces: Tensor | None = None,
        piece_words: Tensor | None = None,
    ) -> tuple[Tensor, ...]:
        arrays: Any = (input_ids, attention_mask, word_pieces, piece_words, None)
        output = self.model(*arrays)
        outputs = (output.intent_logits, output.tag_logits, output.cls_state)
        return tuple(found for found in outputs if found is not None)


def write_graph(model: JointBert, path: Path) -> None:
    """Write a model in eval mode as one ONNX file.

    Args:
        model: The model; it is left as it was.
        path: The file.

    Raises:
        ModelError: The encoder's family cannot be exported, or its weights do not fit into one file.
    """
    import onnx

    family = str(model.config.encoder["model_type"])
    weights = sum(parameter.numel() * 4 for parameter in model.parameters())
    if weights > LARGEST:
        what = f"its weights take {weights / 2**30:.1f} GiB"
        raise ModelError(f"encoder of family {family!r}", what, "less than 2 GiB, an ONNX file's limit", _STAY)
    try:
        graph = _trace(model)
        onnx.checker.check_model(graph)
    except Exception as error:  # the exporter raises many types, its own and Python's
        what = f"cannot be written as ONNX ({type(error).__name__}: {first_line(error)})"
        raise ModelError(f"encoder of family {family!r}", what, "a graph of ONNX operators", _STAY) from error
    _check_axes(graph, family)
    onnx.save(graph, path)


_STAY = "Use the model with PyTorch: NLU.load(folder, engine='torch')."


def _trace(model: JointBert) -> Any:
    """The model as an ``onnx.ModelProto``, traced at sizes that are all different, what depends on no text computed."""
    from onnxscript import optimizer

    config: Any = model.config
    names = input_names(config)
    sizes = {"pieces": 7, "words": 5}
    example = {name: torch.ones(2, sizes[AXES[name]], dtype=torch.int64) for name in names}
    with _hushed(), fused_attention(model.encoder):
        program = torch.onnx.export(
            _Scorer(model).train(False),
            kwargs=example,
            input_names=names,
            output_names=output_names(config),
            dynamic_shapes={name: {0: "batch", 1: AXES[name]} for name in names},
            opset_version=OPSET,
            verbose=False,
            dynamo=True,
        )
        assert program is not None
        optimizer.fold_constants(program.model, input_size_limit=LARGEST, output_size_limit=LARGEST)
        optimizer.remove_unused_nodes(program.model)
    graph = program.model_proto
    merge_projections(graph)
    del graph.graph.value_info[:]  # shapes of the trace, which quantisation would trip over
    return graph


@contextlib.contextmanager
def _hushed() -> Iterator[None]:
    """Keep what the exporter logs, warns of and prints off the terminal."""
    level = logging.root.manager.disable
    nowhere = io.StringIO()
    with warnings.catch_warnings(), contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
        warnings.simplefilter("ignore")
        logging.disable(logging.ERROR)
        try:
            yield
        finally:
            logging.disable(level)


def _check_axes(graph: Any, family: str) -> None:
    """Raise ModelError unless batch, pieces and words stayed symbols on the way."""
    for value in (*graph.graph.input, *graph.graph.output):
        axes = [axis.dim_param or axis.dim_value for axis in value.type.tensor_type.shape.dim]
        second = "words" if value.name == "tag_logits" else AXES.get(value.name)
        expected = ["batch"] if second is None else ["batch", second]
        if axes[: len(expected)] != expected:
            what = f"its graph's {value.name} has the axes {axes}"
            raise ModelError(f"encoder of family {family!r}", what, f"{expected} to be free", _STAY)
