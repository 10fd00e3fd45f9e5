"""A run whose process is killed outright goes on with ``--resume`` and ends in the weights of one that was not."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("datasets", reason="the pretrain extra is not installed")
import tiny  # noqa: F401  one thread, as in the process that is killed
import torch
from invented_corpus import settings, weights, write_corpus, write_tokenizer

from jointbert.pretraining.run import pretrain

KILLED = """
import os, signal, sys
from pathlib import Path
import torch
from jointbert.config import load_pretrain_config
from jointbert.pretraining.run import pretrain
from jointbert.pretraining.trainer import PretrainTrainer

torch.set_num_threads(1)
whole, calls = PretrainTrainer.compute_loss, []

def killed(self, *given, **named):
    calls.append(1)
    if len(calls) == 4:
        os.kill(os.getpid(), signal.SIGKILL)
    return whole(self, *given, **named)

PretrainTrainer.compute_loss = killed
pretrain(load_pretrain_config(Path(sys.argv[1]), []), sys.argv[2])
"""


def test_a_killed_run_goes_on_to_the_same_weights(tmp_path: Path) -> None:
    write_corpus(tmp_path / "corpus.txt", 40)
    write_tokenizer(tmp_path / "tokenizer")
    config = settings(tmp_path, training__steps=4, training__save_every=2, model__dropout=0.1)
    (tmp_path / "config.yaml").write_text(config.to_yaml(), encoding="utf-8")
    command = [sys.executable, "-c", KILLED, str(tmp_path / "config.yaml"), str(tmp_path / "killed")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == -signal.SIGKILL, done.stderr[-3000:]
    assert (tmp_path / "killed" / "work" / "checkpoint-2").is_dir()
    assert not (tmp_path / "killed" / "model.safetensors").exists()
    pretrain(config, tmp_path / "killed", resume=True)
    pretrain(config, tmp_path / "straight")
    straight, resumed = weights(tmp_path / "straight"), weights(tmp_path / "killed")
    assert straight.keys() == resumed.keys()
    for name, tensor in straight.items():
        assert torch.equal(tensor, resumed[name]), name
