"""The names of the engines, apart from what loads them: a command line's help reads this and nothing heavier."""

from __future__ import annotations

from typing import Literal, get_args

EngineName = Literal["auto", "torch", "onnx", "onnx-int8"]
ENGINES: tuple[str, ...] = get_args(EngineName)
GRAPHS = {"onnx-int8": "model.int8.onnx", "onnx": "model.onnx"}
"""The file that each ONNX engine runs; the faster engine first."""
