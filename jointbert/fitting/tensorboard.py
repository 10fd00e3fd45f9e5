"""TensorBoard logs of a run."""

from __future__ import annotations

from pathlib import Path

from transformers.integrations.integration_utils import TensorBoardCallback


def tensorboard(folder: Path) -> TensorBoardCallback:
    """The library's TensorBoard writer, on a folder of this very run (by itself it asks the environment)."""
    callback = TensorBoardCallback()
    callback.logging_dir = str(folder)
    return callback
