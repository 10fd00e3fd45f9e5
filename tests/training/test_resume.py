"""A run that was killed goes on to the very same end; early stopping keeps the best epoch, not the last."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import toy

from jointbert.config import Config
from jointbert.errors import ModelError
from jointbert.training import trainer
from jointbert.training.run import train
from jointbert.training.trainer import JointTrainer

KILLED = """
import os, signal, sys
import importlib.util
from importlib.machinery import PathFinder
class WithoutTheLibrary:
    find_spec = staticmethod(lambda name, path=None, target=None:
                             PathFinder.find_spec(name, [os.getcwd()]) if name == "datasets" else None)
sys.meta_path.insert(0, WithoutTheLibrary)  # it is an extra: many have it not
assert importlib.util.find_spec("datasets").origin is None, "a plain folder shadows the library"
from jointbert.config import load_config
from jointbert.training.run import train
from jointbert.training.trainer import JointTrainer
save, saved = JointTrainer._save_checkpoint, []
def save_and_die(self, *args):
    save(self, *args)
    saved.append(self.state.global_step)
    if len(saved) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
JointTrainer._save_checkpoint = save_and_die
train(load_config(sys.argv[1]), sys.argv[2])
"""


def test_a_killed_run_goes_on_to_the_same_weights(
    toy_folder: Path, tmp_path: Path, repository: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The killed process also stands where a plain folder is called ``datasets``, and prints nothing."""
    (tmp_path / "datasets").mkdir()
    config = toy.learnable(toy_folder)
    (tmp_path / "c.yaml").write_text(config.to_yaml(), encoding="utf-8")
    output = tmp_path / "m"
    result = subprocess.run(
        [sys.executable, "-c", KILLED, "c.yaml", "m"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(repository), "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert result.returncode == -signal.SIGKILL, result.stderr
    assert (result.stdout, result.stderr) == ("", "")
    assert not (output / "model.safetensors").exists()
    checkpoints = sorted((output / "work").glob("checkpoint-*"))
    assert checkpoints
    torn = output / "work" / "checkpoint-9999"  # a kill in the middle of writing leaves no trainer_state.json
    torn.mkdir()
    shutil.copy(checkpoints[0] / "model.safetensors", torn)
    with caplog.at_level(logging.WARNING, "jointbert.training"):
        ended = train(config, output, resume=True)
    assert any("was not written to its end; going back to the one before" in line for line in caplog.messages)
    assert ended.epochs == 4.0
    assert toy.same(toy.weights(output), toy.weights(toy_folder / "model"))
    assert not list((output / "work").glob("checkpoint-*"))


# early stopping, on scripted dev scores -----------------------------------------------------------------------------


class Script:
    """Dev scores as wished; keeps the weights that each of them was given to."""

    def __init__(self, scores: Iterable[float], monkeypatch: pytest.MonkeyPatch) -> None:
        self.scores, self.weights = list(scores), []
        original: Callable[..., Any] = JointTrainer.evaluate

        def evaluate(trained: JointTrainer, *args: Any, **kwargs: Any) -> Any:
            self.weights.append({name: value.clone() for name, value in trained.joint.state_dict().items()})
            return original(trained, *args, **kwargs)

        monkeypatch.setattr(JointTrainer, "evaluate", evaluate)
        monkeypatch.setattr(trainer, "evaluate", self._next)

    def _next(self, *_: Any) -> SimpleNamespace:
        score = self.scores[len(self.weights) - 1]
        return SimpleNamespace(sentence_accuracy=score, intent_accuracy=score, intent_macro_f1=score, slot_f1=None)

    def gave(self, folder: Path) -> list[bool]:
        """Which epochs' weights are those in a folder (the embedding, which is lean while training, aside)."""
        found = {name: value for name, value in toy.weights(folder).items() if "word_embeddings" not in name}
        return [toy.same(found, {name: kept[name] for name in found}) for kept in self.weights]


@pytest.fixture
def patient(tmp_path: Path) -> Config:
    return toy.small(tmp_path, training={"epochs": 8, "patience": 2})


def test_early_stopping_stops_and_keeps_the_best_epoch(
    tmp_path: Path, patient: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = Script([0.2, 0.9, 0.5, 0.6], monkeypatch)
    result = train(patient, tmp_path / "m")
    assert result.epochs == 4.0
    assert script.gave(tmp_path / "m") == [False, True, False, False]


@pytest.mark.parametrize("scores", [[0.5, 0.9, 0.9, 0.4], [0.9, 0.5, 0.9], [0.0, 0.0, 0.0]])
def test_of_equal_epochs_the_last_is_kept_though_it_is_no_better(
    tmp_path: Path, patient: Config, monkeypatch: pytest.MonkeyPatch, scores: list[float]
) -> None:
    script = Script(scores, monkeypatch)
    assert train(patient, tmp_path / "m").epochs == len(scores), "two epochs that are no better end the run"
    best = max(scores)
    assert script.gave(tmp_path / "m").index(True) == len(scores) - 1 - scores[::-1].index(best)


def test_without_patience_every_epoch_is_trained_and_the_best_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = Script([0.9, 0.5, 0.4], monkeypatch)
    result = train(toy.small(tmp_path, training={"epochs": 3, "patience": 0}), tmp_path / "m")
    assert result.epochs == 3.0
    assert script.gave(tmp_path / "m") == [True, False, False]


class Stop(BaseException):
    """Stands for a kill: nothing of ours catches it."""


def stop_after(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    save, saved = JointTrainer._save_checkpoint, []

    def save_and_stop(self: JointTrainer, *args: Any) -> None:
        save(self, *args)
        saved.append(1)
        if len(saved) == count:
            raise Stop

    monkeypatch.setattr(JointTrainer, "_save_checkpoint", save_and_stop)


@pytest.mark.parametrize("count", [2, 3, 4], ids=["before the last", "waiting", "stopped already"])
def test_a_resumed_run_stops_where_the_first_would_have(
    tmp_path: Path, patient: Config, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    script = Script([0.2, 0.9, 0.5, 0.6, 1.0, 1.0], monkeypatch)
    with monkeypatch.context() as killing:
        stop_after(count, killing)
        with pytest.raises(Stop):
            train(patient, tmp_path / "m")
    result = train(patient, tmp_path / "m", resume=True)
    assert result.epochs == 4.0
    assert len(script.weights) == 4
    assert script.gave(tmp_path / "m") == [False, True, False, False]


def test_another_config_does_not_resume(tmp_path: Path, patient: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as killing:
        stop_after(1, killing)
        with pytest.raises(Stop):
            train(patient, tmp_path / "m")
    other = patient.model_copy(update={"training": patient.training.model_copy(update={"epochs": 9})})
    with pytest.raises(ModelError, match=r"config\.yaml: is of another config; .* Resume with the same config"):
        train(other, tmp_path / "m", resume=True)
    assert list((tmp_path / "m" / "work").glob("checkpoint-*")), "what could be resumed is still there"


@pytest.fixture
def stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    """The config of a run in ``tmp_path / "m"`` that was stopped after its first epoch."""
    config = toy.small(tmp_path, training={"epochs": 2})
    with monkeypatch.context() as killing:
        stop_after(1, killing)
        with pytest.raises(Stop):
            train(config, tmp_path / "m")
    return config


def forget(folder: Path, *starts: str) -> None:
    """Take lines out of a run's marker, as if the run were of before they were written; it began long ago."""
    marker = folder / "work" / "config.yaml"
    lines = marker.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(starts)]
    assert len(kept) < len(lines)
    marker.write_text("".join(kept), encoding="utf-8")
    os.utime(marker, (1, 1))


@pytest.mark.parametrize("split", ["train", "dev"])
def test_changed_data_do_not_resume(tmp_path: Path, stopped: Config, split: str) -> None:
    rows, before = toy.rows(24, 1) if split == "train" else toy.rows(8, 2), toy.held(tmp_path / "m")
    rows[0]["intent"] = "bye" if rows[0]["intent"] != "bye" else "order"
    toy.write(tmp_path / f"{split}.jsonl", rows)
    with pytest.raises(ModelError) as caught:
        train(stopped, tmp_path / "m", resume=True)
    assert str(caught.value) == (
        f"{tmp_path / 'm'}: the data has changed since the run was stopped; expected the data of the run to resume. "
        "Start anew in another folder."
    )
    assert toy.held(tmp_path / "m") == before
    train(stopped, tmp_path / "m")


def test_changed_value_lists_do_not_resume(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values = tmp_path / "values.yaml"
    values.write_text("city: [Bergen]\n", encoding="utf-8")
    config = toy.small(tmp_path)
    data = config.data.model_copy(update={"values": str(values), "substitution": 0.5})
    config = config.model_copy(update={"data": data})
    with monkeypatch.context() as killing:
        stop_after(1, killing)
        with pytest.raises(Stop):
            train(config, tmp_path / "m")
    values.write_text("city: [Bergen, Turin]\n", encoding="utf-8")
    with pytest.raises(ModelError, match="the data has changed since the run was stopped"):
        train(config, tmp_path / "m", resume=True)
    values.write_text("city:\n- Bergen\n", encoding="utf-8")
    assert train(config, tmp_path / "m", resume=True).epochs == 1.0


def test_a_run_of_before_the_data_were_noted_resumes(tmp_path: Path, stopped: Config) -> None:
    forget(tmp_path / "m", "# data: ", "# tokenizer: ")
    toy.write(tmp_path / "dev.jsonl", toy.rows(9, 3))
    assert train(stopped, tmp_path / "m", resume=True).epochs == 2.0


@pytest.mark.parametrize("noted", [True, False], ids=["noted", "of before it was noted"])
def test_a_finished_run_is_not_resumed_and_nothing_is_touched(tmp_path: Path, noted: bool) -> None:
    config, output = toy.small(tmp_path), tmp_path / "m"
    train(config, output)
    (output / "model.onnx").write_bytes(b"exported")
    if not noted:
        forget(output, "# ")
    before = toy.held(output)
    with pytest.raises(ModelError) as caught:
        train(config, output, resume=True)
    assert str(caught.value) == (
        f"{output}: is finished already; expected a run that was stopped. "
        "There is nothing to resume; to train anew, leave out --resume."
    )
    assert toy.held(output) == before
    train(config, output)


def test_a_run_stopped_before_its_first_checkpoint_beside_an_older_model_starts_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    config, output = toy.small(tmp_path), tmp_path / "m"
    train(config, output)
    older = (output / "model.safetensors").stat().st_mtime_ns

    def stops(*_: Any) -> None:
        raise Stop

    with monkeypatch.context() as killing, pytest.raises(Stop):
        killing.setattr(JointTrainer, "_save_checkpoint", stops)
        train(config, output)
    train(config, output, resume=True)
    assert f"{output}: was stopped before its first checkpoint; starting from the first step" in caplog.messages
    assert (output / "model.safetensors").stat().st_mtime_ns > older


def test_resuming_nothing_starts_anew_and_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "jointbert.training"):
        train(toy.small(tmp_path), tmp_path / "m", resume=True)
    assert f"{tmp_path / 'm'}: there is no run to resume; starting anew" in caplog.messages
