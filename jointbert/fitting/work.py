"""The work folder of a run: its checkpoints and logs, and where to go on after a stop."""

from __future__ import annotations

import json
import logging
import shutil
from pathlib import Path
from typing import Any

from jointbert.errors import ModelError

log = logging.getLogger("jointbert.training")

WORK = "work"
"""Where a run keeps its checkpoints and TensorBoard logs, inside the model folder."""

_MARKER = "config.yaml"
_STATE = "trainer_state.json"


def open_work(output: Path, config: str, resume: bool) -> Path | None:
    """The checkpoint to go on from, or None to start anew; an old run's leftovers are then cleared.

    Args:
        output: The model folder; it is made if missing.
        config: The config of this run as YAML. It is kept in the work folder, and only the same one may resume.
        resume: Whether to look for a checkpoint.

    Raises:
        ModelError: The run to resume had another config, the folder cannot be written, or holds a ``work`` of others.
    """
    work, marker = output / WORK, output / WORK / _MARKER
    try:
        if resume and marker.is_file():
            _check_same(marker, config)
            last = _last_checkpoint(work)
            if last is None:
                log.warning("%s: was stopped before its first checkpoint; starting from the first step", output)
            return last
        if resume:
            log.warning("%s: there is no run to resume; starting anew", output)
        _clear(work, marker)
        marker.write_text(config, encoding="utf-8")
    except OSError as error:
        hint = "Choose another folder to write to."
        raise ModelError(str(output), f"cannot be written ({error.strerror})", "a folder of your own", hint) from error
    return None


def close_work(output: Path) -> None:
    """Remove the checkpoints of a run that has succeeded; its logs stay."""
    for folder in (output / WORK).glob("checkpoint-*"):
        shutil.rmtree(folder)


def epochs_done(checkpoint: Path, patience: int) -> int | None:
    """How many epochs a checkpoint's run had, if early stopping had already ended it; None if it goes on.

    Args:
        checkpoint: A whole checkpoint.
        patience: Of early stopping, in epochs; 0 never stops.
    """
    state = _state(checkpoint) or {}
    stopping: Any = state.get("stateful_callbacks", {}).get("EarlyStoppingCallback", {})
    waited = int(stopping.get("attributes", {}).get("early_stopping_patience_counter", 0))
    return round(state["epoch"]) if 0 < patience <= waited else None


def _check_same(marker: Path, config: str) -> None:
    if marker.read_text(encoding="utf-8") != config:
        hint = "Resume with the same config and --set, or start anew without --resume."
        raise ModelError(str(marker), "is of another config", "the config of the run to resume", hint)


def _clear(work: Path, marker: Path) -> None:
    """An empty work folder. One without our marker is somebody else's: it is never removed."""
    if work.exists() and not marker.is_file() and any(work.iterdir()):
        hint = "Choose another output folder, or move this one away."
        raise ModelError(str(work), "holds files that no run of jointbert has written", "a free place", hint)
    if work.exists():
        shutil.rmtree(work)
    work.mkdir(parents=True)


def _last_checkpoint(work: Path) -> Path | None:
    """The newest checkpoint that was written to its end; one cut off by a kill is removed."""
    found = sorted(work.glob("checkpoint-*"), key=lambda folder: int(folder.name.rpartition("-")[2]), reverse=True)
    for folder in found:
        if _state(folder) is not None:
            return folder
        log.warning("%s: was not written to its end; going back to the one before", folder)
        shutil.rmtree(folder)
    return None


def _state(checkpoint: Path) -> dict[str, Any] | None:
    """The run's state at a checkpoint. The library writes it last, so that None means a checkpoint cut off."""
    try:
        state: dict[str, Any] = json.loads((checkpoint / _STATE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return state
