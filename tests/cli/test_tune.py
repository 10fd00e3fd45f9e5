"""jointbert tune: two real trials, what is said of them, a stop and how to go on, and mistakes."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import toy

from jointbert.cli.main import main
from jointbert.config import Config, load_config
from jointbert.tuning import trial as module


def leave(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as leaving:
        main(["tune", *(str(argument) for argument in arguments)])
    return int(leaving.value.code or 0)


def test_two_real_trials_leave_a_config_that_trains_to_the_same_score(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from jointbert.training.run import train

    monkeypatch.setenv("COLUMNS", "160")
    config, space, output = tmp_path / "c.yaml", tmp_path / "space.yaml", tmp_path / "tuned"
    config.write_text(toy.config(tmp_path, toy.rows(48, 1), toy.rows(10, 2)).to_yaml(), encoding="utf-8")
    space.write_text("training.learning_rate: {low: 1e-4, high: 1e-2, log: true}\n", encoding="utf-8")
    arguments = [config, "-o", output, "--trials", "2", "--space", space, "--set", "training.patience=0"]
    assert leave(*arguments) == 0
    out, err = capfd.readouterr()
    assert "dev sentence accuracy" in out and "training.learning_rate" in out and err == ""
    assert "Dev was scored 2 times (2 trials) and the best is shown" in out
    assert f"Next: jointbert train {output}/best.yaml --output models/tuned" in out
    assert {path.name for path in output.iterdir()} == {"study.db", "trials.csv", "best.yaml", "tuning.png"}
    lines = (output / "trials.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 3 and all(line.split(",")[1] == "complete" for line in lines[1:])
    best = load_config(output / "best.yaml")
    assert best.training.patience == 0
    score = max(float(line.split(",")[2]) for line in lines[1:])
    assert train(best, tmp_path / "model").dev.sentence_accuracy == pytest.approx(score, abs=1e-6)
    assert leave(*arguments) == 2
    assert f"error: {output}: holds a search with 2 finished trials" in capfd.readouterr().err


def test_ctrl_c_says_how_to_go_on(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []

    def stand_in(config: Config, folder: Path, corpus: Any, followers: list[Any]) -> None:
        calls.append(config.training.epochs)
        if len(calls) == 2:
            raise KeyboardInterrupt
        state, metrics = SimpleNamespace(epoch=1.0), {"eval_sentence_accuracy": 0.5}
        followers[0].on_evaluate(None, state, None, metrics=metrics)

    monkeypatch.setattr(module, "train", stand_in)
    config, output = tmp_path / "my config.yaml", tmp_path / "tuned"
    config.write_text(toy.small(tmp_path).to_yaml(), encoding="utf-8")
    arguments = [config, "--output", output, "--trials", "3", "--set", "training.patience=0"]
    assert leave(*arguments) == 130
    err = capfd.readouterr().err
    assert f"warning: {output}: stopped; 1 of 3 trials are kept\n" in err and "Traceback" not in err
    command = f"jointbert tune '{config}' --output {output} --trials 3 --seed 13 --set training.patience=0 --resume\n"
    assert f"go on with: {command}" in err
    assert leave(*arguments, "--resume") == 0 and len(calls) == 4
    out = capfd.readouterr().out
    assert "No trial did better on dev than the config itself (one dev utterance is 12.5 points)." in out


def test_without_an_output_the_folder_is_named_after_the_config(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stand_in(config: Config, folder: Path, corpus: Any, followers: list[Any]) -> None:
        followers[0].on_evaluate(None, SimpleNamespace(epoch=1.0), None, metrics={"eval_sentence_accuracy": 0.5})

    monkeypatch.setattr(module, "train", stand_in)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "demo.yaml").write_text(toy.small(tmp_path).to_yaml(), encoding="utf-8")
    assert leave("demo.yaml", "--trials", "1") == 0
    out, err = capfd.readouterr()
    assert err == "writing to tuned/demo (another place: --output FOLDER)\n"
    assert "Next: jointbert train tuned/demo/best.yaml --output models/demo" in out
    assert leave("demo.yaml", "--trials", "1") == 2
    assert "error: tuned/demo: holds a search with 1 finished trials" in capfd.readouterr().err


def test_a_trial_that_is_given_up_breaks_its_training_off(tmp_path: Path) -> None:
    from jointbert.training.corpus import load_corpus

    heard: list[tuple[int, float]] = []

    def hear(epoch: int, score: float) -> None:
        heard.append((epoch, score))
        if epoch == 2:
            raise module.Pruned

    config = toy.small(tmp_path, training={"epochs": 4})
    with pytest.raises(module.Pruned):
        module.train_trial(config, tmp_path / "trial", load_corpus(config.data), hear)
    assert [epoch for epoch, _ in heard] == [1, 2] and all(0 <= score <= 1 for _, score in heard)
    assert not (tmp_path / "trial" / "model.safetensors").exists()


def test_a_wrong_space_exits_2_before_torch_is_loaded(
    tmp_path: Path, run_watched: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    (tmp_path / "c.yaml").write_text("data: {train: ., dev: .}\nencoder: mini-en\n", encoding="utf-8")
    (tmp_path / "s.yaml").write_text("training.epochs: {low: 0, high: 5}\ntraining.sed: 1\n", encoding="utf-8")
    result = run_watched(["tune", "c.yaml", "-o", "m", "--space", "s.yaml"], "torch", "optuna")
    assert (result.returncode, result.stdout) == (2, "[]\n")
    assert result.stderr.startswith("error: s.yaml: 2 problems\n") and "Traceback" not in result.stderr
    assert (
        "training.epochs: {'low': 0, 'high': 5} is wrong; expected greater than or equal to 1, not 0" in result.stderr
    )
    assert "training.sed: unknown key with value 1; did you mean 'training.seed'?" in result.stderr
    assert not (tmp_path / "m").exists()
