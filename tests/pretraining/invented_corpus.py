"""An invented corpus whose pieces and next sentences can be guessed, its tokenizer, configs of short runs and stops."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from jointbert.codec.scratch import learn_tokenizer
from jointbert.config import PretrainConfig

TOPICS = {
    "weather": ("the rain falls on the town", "clouds hide the sun today", "the wind is cold and wet"),
    "music": ("the band plays a loud song", "she sings with the old choir", "drums and guitars fill the hall"),
    "food": ("we cook rice with hot beans", "the soup needs salt and pepper", "bread and butter on a plate"),
    "travel": ("the train leaves the station", "our flight lands in boston", "buses and ships wait at the port"),
}


def write_corpus(path: Path, documents: int = 240) -> Path:
    """Documents of five sentences on one topic each, blank lines between them."""
    texts = []
    for number in range(documents):
        sentences = TOPICS[list(TOPICS)[number % len(TOPICS)]]
        texts.append("\n".join(f"{sentences[(number + place) % 3]} {number % 7}." for place in range(5)))
    path.write_text("\n\n".join(texts) + "\n", encoding="utf-8")
    return path


def write_tokenizer(folder: Path) -> Path:
    """A tokenizer of the corpus's words."""
    lines = [f"{sentence} {number}." for sentences in TOPICS.values() for sentence in sentences for number in range(7)]
    learn_tokenizer(lines, "en", 200).save_pretrained(folder)
    return folder


def settings(folder: Path, **changes: Any) -> PretrainConfig:
    """A config for a corpus and a tokenizer in ``folder``; ``training__steps=3`` changes a key."""
    content: dict[str, Any] = {
        "corpus": {"sources": [{"path": str(folder / "corpus.txt")}], "held_out": 0.1, "processes": 1},
        "model": {"tokenizer": str(folder / "tokenizer"), "size": "tiny", "max_pieces": 64, "dropout": 0.0},
        "objective": {"length": 32},
        "training": {"steps": 6, "batch_size": 4, "log_every": 2, "save_every": 3, "precision": "fp32"},
    }
    return PretrainConfig.model_validate(changed(content, changes))


def going_on(folder: Path, **changes: Any) -> PretrainConfig:
    """A config like :func:`settings` for a run from a checkpoint, which brings what it says of the model."""
    content = settings(folder, **changes).model_dump()
    return PretrainConfig.model_validate(content | {"model": {"dropout": 0.0}})


def changed(content: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """A config's content with some keys set: ``training__steps`` names ``training.steps``."""
    for key, value in changes.items():
        section, _, name = key.partition("__")
        content[section][name] = value
    return content


def weights(folder: Path) -> dict[str, torch.Tensor]:
    """What an encoder's folder holds."""
    return load_file(folder / "model.safetensors")


def stop(monkeypatch: pytest.MonkeyPatch, trainer: Any, step: int, run: Callable[[], object]) -> None:
    """Run until the trainer's given step, from 1, where Ctrl-C comes."""
    whole, calls = trainer.compute_loss, []

    def stops(self: Any, *given: Any, **named: Any) -> Any:
        calls.append(1)
        if len(calls) == step:
            raise KeyboardInterrupt
        return whole(self, *given, **named)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(trainer, "compute_loss", stops)
        run()


def on_two_processes(verb: str, config: str, output: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """``jointbert VERB CONFIG`` under torchrun, which must end well; the config is kept beside the output."""
    path = output.with_suffix(".yaml")
    path.write_text(config, encoding="utf-8")
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command += ["-m", "jointbert.cli.main", verb, str(path), "-o", str(output), *more]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    return done


def prepare(folder: Path) -> Path:
    """A folder with the corpus and the tokenizer in it."""
    write_corpus(folder / "corpus.txt")
    write_tokenizer(folder / "tokenizer")
    return folder


def other_tokenizer(folder: Path) -> None:
    """Write a tokenizer of as many pieces, two of which have changed places."""
    path = folder / "tokenizer.json"
    content = json.loads(path.read_text())
    vocabulary = content["model"]["vocab"]
    one, other = list(vocabulary)[-2:]
    vocabulary[one], vocabulary[other] = vocabulary[other], vocabulary[one]
    path.write_text(json.dumps(content))
