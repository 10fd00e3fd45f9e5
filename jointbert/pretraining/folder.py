"""The folder that a run on plain text writes: opened for it at first, and finished with what it gave."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from accelerate import PartialState
from accelerate.utils import broadcast_object_list

from jointbert.checkpoint.contents import kind_of
from jointbert.codec.pretrained import FastTokenizer, tokenizer_print
from jointbert.config import DistillConfig, PretrainConfig
from jointbert.errors import ModelError
from jointbert.fitting.work import WORK, close_work, open_work
from jointbert.pretraining.sources import text_print

_EXAMPLES = "examples"
_ENCODER = "encoder"
_STAGES = ("pretraining", "distillation")


def records(stage: str) -> tuple[str, ...]:
    """Names of the files that say what a stage was and gave: ``pretraining`` or ``distillation``."""
    return (f"{stage}.json", f"{stage}.yaml", f"{stage}_curve.csv", f"{stage}_curve.png")


def examples_folder(output: Path) -> Path:
    """Where a run keeps what it reads, inside the encoder's folder."""
    return output / WORK / _EXAMPLES


def encoder_folder(output: Path) -> Path:
    """Where the new encoder grows, inside the encoder's folder: its tokenizer at first, its weights at the end.

    An encoder that an earlier run left stays whole beside it.
    """
    return output / WORK / _ENCODER


def open_folder(
    state: PartialState,
    output: Path,
    tokenizer: FastTokenizer,
    config: PretrainConfig | DistillConfig,
    start: str | None,
    resume: bool,
) -> str | None:
    """The checkpoint to go on from, the same for all processes, or None; :func:`encoder_folder` has the tokenizer.

    Args:
        state: The processes.
        output: The encoder's folder.
        tokenizer: The encoder's; only the same one may resume.
        config: The config of this run, its text files where they were found; likewise, and what the files hold.
        start: What the run starts from; likewise.
        resume: Whether to look for a checkpoint.

    Raises:
        ModelError: The run to resume was another one or is finished, or the folder cannot be written, or holds a model.
        DataError: A text file cannot be read.
    """
    last: list[str | None] = [None]
    if state.is_main_process:
        check_no_model(output)
        prints = {"tokenizer": tokenizer_print(tokenizer), "text": text_print(config.corpus)}
        found = open_work(output, f"start: {json.dumps(start)}\n{config.to_yaml()}", resume, prints, long=True)
        last = [None if found is None else str(found)]
        shutil.rmtree(encoder_folder(output), ignore_errors=True)
        tokenizer.save_pretrained(encoder_folder(output))
    last = broadcast_object_list(last)
    return last[0]


def check_no_model(output: Path) -> None:
    """See that nothing of a trained model would be written over: it is more than its encoder.

    Raises:
        ModelError: The folder holds one.
    """
    joint = kind_of(output) == "jointbert"
    if joint or (output / "labels.json").is_file():
        what = f"holds a trained model ({'config.json' if joint else 'labels.json'})"
        hint = "Choose another --output: the model would be lost."
        raise ModelError(str(output), what, "a new folder, or that of an encoder", hint)


def finish_folder(output: Path, stage: str, config: str, record: Mapping[str, Any], card: str) -> None:
    """Put the new encoder in its place, write what the run was and gave, and remove what it needed on the way.

    What other stages left of an encoder that lay there before goes, too; what the new one brings along stays with it.

    Args:
        output: The encoder's folder.
        stage: Which one the run was, as :func:`records` calls it.
        config: The config as YAML.
        record: What the run measured.
        card: The encoder's card.
    """
    for file in (file for other in _STAGES if other != stage for file in records(other)):
        (output / file).unlink(missing_ok=True)
    for new in encoder_folder(output).iterdir():
        new.replace(output / new.name)
    (output / f"{stage}.json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    (output / f"{stage}.yaml").write_text(config, encoding="utf-8")
    (output / "README.md").write_text(card, encoding="utf-8")
    close_work(output)
    encoder_folder(output).rmdir()
    shutil.rmtree(examples_folder(output))
