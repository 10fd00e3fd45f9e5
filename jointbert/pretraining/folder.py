"""The folder that a run on plain text writes: opened for it at first, and finished with what it gave."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from accelerate import PartialState
from accelerate.utils import broadcast_object_list

from jointbert.codec.pretrained import FastTokenizer
from jointbert.config import DistillConfig, PretrainConfig
from jointbert.fitting.work import WORK, close_work, open_work

_EXAMPLES = "examples"


def examples_folder(output: Path) -> Path:
    """Where a run keeps what it reads, inside the encoder's folder."""
    return output / WORK / _EXAMPLES


def open_folder(
    state: PartialState,
    output: Path,
    tokenizer: FastTokenizer,
    config: PretrainConfig | DistillConfig,
    start: str | None,
    resume: bool,
) -> str | None:
    """The checkpoint to go on from, the same for all processes, or None; the folder then has the tokenizer.

    Args:
        state: The processes.
        output: The encoder's folder.
        tokenizer: The encoder's.
        config: The config of this run; only the same one may resume.
        start: What the run starts from; likewise.
        resume: Whether to look for a checkpoint.

    Raises:
        ModelError: The run to resume was another one, or the folder cannot be written.
    """
    last: list[str | None] = [None]
    if state.is_main_process:
        found = open_work(output, f"start: {json.dumps(start)}\n{config.to_yaml()}", resume)
        last = [None if found is None else str(found)]
        tokenizer.save_pretrained(output)
    last = broadcast_object_list(last)
    return last[0]


def finish_folder(
    output: Path, name: str, config: PretrainConfig | DistillConfig, record: Mapping[str, Any], card: str
) -> None:
    """Write what the run was and gave, and remove what it needed on the way.

    Args:
        output: The encoder's folder.
        name: Of the files: ``NAME.json`` and ``NAME.yaml``.
        config: The config as it was given.
        record: What the run measured.
        card: The encoder's card.
    """
    (output / f"{name}.json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    (output / f"{name}.yaml").write_text(config.to_yaml(), encoding="utf-8")
    (output / "README.md").write_text(card, encoding="utf-8")
    close_work(output)
    shutil.rmtree(examples_folder(output))
