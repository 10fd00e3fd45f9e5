"""The journal tells how a run goes while it goes, and a resumed run's journal reads as if it had never stopped."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import toy
from transformers import TrainerControl, TrainerState

from jointbert.training.journal import JOURNAL, Journal
from jointbert.training.run import train
from jointbert.training.trainer import JointTrainer


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_run_writes_its_size_its_losses_and_its_dev_scores(toy_folder: Path) -> None:
    first, *rest = lines(toy_folder / "model" / JOURNAL)
    assert first == {"steps": 100, "epochs": 4}
    losses = [line for line in rest if "step" in line]
    assert [line["step"] for line in losses] == list(range(10, 101, 10))
    assert all(line.keys() == {"step", "steps", "epoch", "loss"} and line["steps"] == 100 for line in losses)
    assert losses[-1]["epoch"] == 4.0
    assert losses[-1]["loss"] < losses[0]["loss"]
    scores = [line for line in rest if "step" not in line]
    assert [line["epoch"] for line in scores] == [1.0, 2.0, 3.0, 4.0]
    assert all(0 < line[name] <= 1 for line in scores for name in ("intent_accuracy", "slot_f1", "sentence_accuracy"))
    assert scores[-1]["loss"] == losses[-1]["loss"]


def test_a_line_is_on_disk_as_soon_as_it_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    original = JointTrainer._save_checkpoint

    def look(self: JointTrainer, *args: Any) -> None:
        seen.append(sum("sentence_accuracy" in line for line in lines(tmp_path / "m" / JOURNAL)))
        original(self, *args)

    monkeypatch.setattr(JointTrainer, "_save_checkpoint", look)
    train(toy.small(tmp_path, training={"epochs": 3}), tmp_path / "m")
    assert seen == [1, 2, 3]


def test_a_resumed_run_has_every_epoch_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stop(BaseException):
        """Stands for a kill: nothing of ours catches it."""

    evaluate, scored = JointTrainer.evaluate, []

    def evaluate_and_stop(self: JointTrainer, *args: Any, **kwargs: Any) -> dict[str, float]:
        found = evaluate(self, *args, **kwargs)
        scored.append(1)
        if len(scored) == 3:  # the third epoch is in the journal, but its checkpoint is not there
            raise Stop
        return found

    config = toy.small(tmp_path, training={"epochs": 4})
    with monkeypatch.context() as killing:
        killing.setattr(JointTrainer, "evaluate", evaluate_and_stop)
        with pytest.raises(Stop):
            train(config, tmp_path / "m")
    with (tmp_path / "m" / JOURNAL).open("a", encoding="utf-8") as file:
        file.write('{"epoch": 3.')
    train(config, tmp_path / "m", resume=True)
    train(config, tmp_path / "whole")
    # the library takes the mean loss over the steps since it was started, so a loss after a stop may differ
    found, whole = ([line | {"loss": 0} for line in lines(tmp_path / name / JOURNAL)] for name in ("m", "whole"))
    assert found == whole
    assert [line["epoch"] for line in found if "slot_f1" in line] == [1.0, 2.0, 3.0, 4.0]


def test_a_new_run_begins_a_new_journal(tmp_path: Path) -> None:
    train(toy.small(tmp_path, training={"epochs": 2}), tmp_path / "m")
    train(toy.small(tmp_path), tmp_path / "m")
    first, *rest = lines(tmp_path / "m" / JOURNAL)
    assert first == {"steps": 3, "epochs": 1}
    assert [(line["epoch"], line["loss"]) for line in rest] == [(1.0, None)], "no loss is logged before step 10"


def test_what_json_cannot_say_and_heads_that_are_not_there_are_null(tmp_path: Path) -> None:
    journal, state, control = (
        Journal(tmp_path / JOURNAL),
        TrainerState(max_steps=8, num_train_epochs=2),
        TrainerControl(),
    )
    journal.on_train_begin(None, state, control)
    for entry in (
        {"loss": float("nan"), "epoch": 0.5, "step": 2},
        {"eval_sentence_accuracy": 0.5, "eval_intent_accuracy": 0.5, "epoch": 1.0, "step": 4},
        {"train_runtime": 3.0, "epoch": 2.0, "step": 8},
    ):
        state.log_history.append(entry)
        journal.on_log(None, state, control)
    scores = {"intent_accuracy": 0.5, "slot_f1": None, "sentence_accuracy": 0.5}
    assert lines(tmp_path / JOURNAL) == [
        {"steps": 8, "epochs": 2},
        {"step": 2, "steps": 8, "epoch": 0.5, "loss": None},
        {"epoch": 1.0, **scores, "loss": None},
    ]


def test_only_one_of_several_processes_writes(tmp_path: Path) -> None:
    journal, state = Journal(tmp_path / JOURNAL), TrainerState(max_steps=8, is_world_process_zero=False)
    state.log_history.append({"loss": 1.0, "epoch": 0.5, "step": 2})
    journal.on_train_begin(None, state, TrainerControl())
    journal.on_log(None, state, TrainerControl())
    assert not (tmp_path / JOURNAL).exists()
