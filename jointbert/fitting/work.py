"""The work folder of a run: its checkpoints and logs, and where to go on after a stop."""

from __future__ import annotations

import json
import logging
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jointbert.errors import ModelError

log = logging.getLogger("jointbert.training")

WORK = "work"
"""Where a run keeps its checkpoints and TensorBoard logs, inside the model folder."""

_MARKER = "config.yaml"
_STATE = "trainer_state.json"
_WEIGHTS = "model.safetensors"
_FINISHED = "# finished\n"
_LONG = "# long\n"
_PRINT = re.compile(r"^# (\w+): ([0-9a-f]{64})\n", re.MULTILINE)
"""A line of the marker that names what the run was begun with; to a reader of YAML it is a comment."""


def open_work(output: Path, config: str, resume: bool, prints: Mapping[str, str], *, long: bool = False) -> Path | None:
    """The checkpoint to go on from, or None to start anew; an old run's leftovers are then cleared.

    Args:
        output: The model folder; it is made if missing.
        config: The config of this run as YAML. It is kept in the work folder, and only the same one may resume.
        resume: Whether to look for a checkpoint.
        prints: What the run reads → SHA-256 of it in hexadecimal; likewise. A run of before these were kept may resume.
        long: Whether the run takes hours. No other may then clear what it leaves when it is stopped, nor may it clear
            what another left.

    Raises:
        ModelError: The run to resume is finished, or had another config or other data, and is left as it is; or the
            folder cannot be written, or holds a ``work`` of others, or what a stopped run left that took long.
    """
    work, marker = output / WORK, output / WORK / _MARKER
    try:
        if resume and marker.is_file():
            _check_stopped(output)
            _check_same(marker, config, prints)
            last = _last_checkpoint(work)
            if last is None:
                log.warning("%s: was stopped before its first checkpoint; starting from the first step", output)
            return last
        if resume:
            log.warning("%s: there is no run to resume; starting anew", output)
        _check_left(output, marker, long)
        _clear(work, marker)
        lines = [f"# {name}: {value}\n" for name, value in prints.items()] + [_LONG] * long
        marker.write_text("".join([config, *lines]), encoding="utf-8")
    except OSError as error:
        hint = "Choose another folder to write to."
        raise ModelError(str(output), f"cannot be written ({error.strerror})", "a folder of your own", hint) from error
    return None


def close_work(output: Path) -> None:
    """Note that a run has succeeded, and remove its checkpoints; its logs stay."""
    with (output / WORK / _MARKER).open("a", encoding="utf-8") as file:
        file.write(_FINISHED)
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


def is_stopped(output: Path) -> bool:
    """Whether a run was begun in a model folder and has not finished."""
    return (output / WORK / _MARKER).is_file() and not _is_finished(output)


def _is_finished(output: Path) -> bool:
    """Whether the run of a folder has succeeded; one of before that was noted left a model and no checkpoint."""
    work, marker, weights = output / WORK, output / WORK / _MARKER, output / _WEIGHTS
    content = marker.read_text(encoding="utf-8")
    if content.endswith(_FINISHED):
        return True
    if _PRINT.search(content) or any(work.glob("checkpoint-*")) or not weights.is_file():
        return False
    return weights.stat().st_mtime >= marker.stat().st_mtime


def _check_stopped(output: Path) -> None:
    if _is_finished(output):
        hint = "There is nothing to resume; to train anew, leave out --resume."
        raise ModelError(str(output), "is finished already", "a run that was stopped", hint)


def _check_same(marker: Path, config: str, prints: Mapping[str, str]) -> None:
    content = marker.read_text(encoding="utf-8")
    if _PRINT.sub("", content).removesuffix(_LONG) != config:
        hint = "Resume with the same config and --set, or start anew in another folder."
        raise ModelError(str(marker), "is of another config", "the config of the run to resume", hint)
    begun = dict(_PRINT.findall(content))
    for name, value in prints.items():
        if begun.get(name, value) != value:
            what = f"the {name} has changed since the run was stopped"
            hint = "Start anew in another folder."
            raise ModelError(str(marker.parent.parent), what, f"the {name} of the run to resume", hint)


def _check_left(output: Path, marker: Path, long: bool) -> None:
    """See that no checkpoint is cleared that took long: a user who forgot ``--resume`` would lose hours."""
    took_long = is_stopped(output) and (long or marker.read_text(encoding="utf-8").endswith(_LONG))
    last = _last_checkpoint(output / WORK) if took_long else None
    if last is not None:
        what = f"holds a stopped run ({WORK}/{last.name})"
        hint = f"Go on with it by --resume, choose another folder, or remove {output / WORK} to start anew."
        raise ModelError(str(output), what, "a free place", hint)


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
