"""TensorBoard logs of a run."""

from __future__ import annotations

from pathlib import Path

from transformers.integrations.integration_utils import TensorBoardCallback


def tensorboard(folder: Path) -> TensorBoardCallback:
    """The library's TensorBoard writer, on a folder of this very run (by itself it asks the environment)."""
    callback = TensorBoardCallback()
    callback.logging_dir = str(folder)
    return callback


def close_tensorboard(callback: TensorBoardCallback) -> None:
    """Close the writer's file and end its thread, also of a run that broke off; safe to call twice."""
    if callback.tb_writer is not None:
        callback.tb_writer.close()
        callback.tb_writer = None
