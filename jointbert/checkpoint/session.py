"""An ONNX Runtime session behind the same door as the PyTorch model: arrays in, logits out. Loads no torch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jointbert.checkpoint.manifest import EXPORT_AGAIN
from jointbert.checkpoint.predict import Arrays
from jointbert.errors import MissingExtraError, ModelError, first_line

Logits = NDArray[np.float32]

STATE = "cls_state"
"""The graph's output that is the [CLS] state."""


def check_threads(threads: int | None) -> None:
    """Raise ModelError for a number of threads that nothing can compute with; None is the engine's own choice."""
    if threads is not None and threads < 1:
        raise ModelError("threads", f"is {threads}", "at least 1", "Leave it out for the engine's own choice.")


class OnnxSession:
    """A graph that ``jointbert export`` wrote, ready to run; one instance may serve many threads.

    Args:
        path: The ``.onnx`` file.
        threads: How many threads compute one batch; None takes one for each core.
        graph: The file's bytes, where they have been read; None reads them.

    Raises:
        MissingExtraError: ONNX Runtime is not installed.
        ModelError: The file cannot be read as a joint model's graph.
    """

    def __init__(self, path: Path, threads: int | None = None, graph: bytes | None = None) -> None:
        try:
            import onnxruntime
        except ImportError as error:
            raise MissingExtraError("onnx", "parsing with an ONNX engine") from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or 0
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # flat latency on a busy machine
        options.log_severity_level = 3
        try:
            source = path if graph is None else graph
            self._session: Any = onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # the library raises many types of its own
            hint = EXPORT_AGAIN + str(path.parent)
            raise ModelError(str(path), f"cannot be read ({first_line(error)})", "an ONNX graph", hint) from error
        self._inputs = [item.name for item in self._session.get_inputs()]
        self._outputs = [item.name for item in self._session.get_outputs()]
        self._logits = [name for name in self._outputs if name != STATE]

    @property
    def has_state(self) -> bool:
        """Whether the graph gives the [CLS] state; those of before it was one of the outputs do not."""
        return STATE in self._outputs

    def score(self, arrays: Arrays, state: bool = False) -> tuple[Logits | None, Logits | None, Logits | None]:
        """The logits of a batch.

        Args:
            arrays: A batch's arrays (see :class:`jointbert.codec.Batch`); those the graph does not ask for are left.
            state: Whether the [CLS] states are asked for too.

        Returns:
            Intent logits (B, N) and tag logits (B, W, K), None for an absent head; the [CLS] states (B, H), None where
            they are not asked for or the graph has none. All in fp32.
        """
        wanted = self._outputs if state else self._logits
        found = self._session.run(wanted, {name: arrays[name] for name in self._inputs})
        named = dict(zip(wanted, found, strict=True))
        return named.get("intent_logits"), named.get("tag_logits"), named.get(STATE)


def gives_state(path: Path) -> bool:
    """Whether a graph gives the [CLS] state that scorers of scope ask for; True where ONNX Runtime is not installed."""
    try:
        return OnnxSession(path, 1).has_state
    except MissingExtraError:
        return True
