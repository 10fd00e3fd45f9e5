"""jointbert train: a mistake is one message and exit 2, a run prints one line, heavy imports wait for their turn."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import toy

from jointbert.cli import train as module
from jointbert.cli.main import main

Watched = Callable[..., subprocess.CompletedProcess[str]]


def leave(arguments: list[str]) -> int:
    with pytest.raises(SystemExit) as leaving:
        main(arguments)
    return int(leaving.value.code or 0)


def test_help_shows_an_example_and_loads_no_torch() -> None:
    program = (
        "import sys\nfrom jointbert.cli.main import main\n"
        "for command in ('train', 'evaluate', 'parse'):\n"
        "    try:\n        main([command, '--help'])\n    except SystemExit:\n        pass\n"
        "print('loaded:', [name for name in ('torch', 'transformers', 'numpy') if name in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120).stdout
    assert shown.splitlines()[-1] == "loaded: []"
    for command in ("train configs/atis.yaml", "evaluate models/atis", "parse models/demo-en"):
        assert f"jointbert {command}" in shown


def test_a_wrong_config_exits_2_before_torch_is_loaded(tmp_path: Path, run_watched: Watched) -> None:
    (tmp_path / "c.yaml").write_text("encoder: {nam: x}\n", encoding="utf-8")
    result = run_watched(["train", "c.yaml", "-o", "m", "--set", "training.epochs=0"], "torch")
    assert (result.returncode, result.stdout) == (2, "[]\n")
    assert result.stderr.startswith("error: c.yaml: 4 problems\n")
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "m").exists()


SEVEN = """\
data:
  train: none/train.jsonl
  dev: dev.jsonl
  format: jsnl
  values: values.yaml
  out_of_scope_as_intent: true
encoder: scratch
training: {seed: -2, epoch: 5}
"""


def test_all_faults_of_a_config_are_one_message_before_torch_is_loaded(tmp_path: Path, run_watched: Watched) -> None:
    (tmp_path / "c.yaml").write_text(SEVEN, encoding="utf-8")
    (tmp_path / "dev.jsonl").write_text('{"text": "bye", "intent": "bye"}\n', encoding="utf-8")
    result = run_watched(["train", "c.yaml", "-o", "m"], "torch", "transformers", "numpy")
    assert (result.returncode, result.stdout) == (2, "[]\n")
    head, *lines, last = result.stderr.splitlines()
    assert head == "error: c.yaml: 7 problems"
    assert [line.strip() for line in lines] == [
        "data.format: 'jsnl' is wrong; expected 'jsonl', 'goo', 'conll', 'rasa', 'snips', 'csv', 'labelstudio' or "
        "'doccano'; did you mean 'jsonl'?",
        "data.values: 'values.yaml' is wrong; expected null, or data.substitution above 0",
        "data.out_of_scope_as_intent: True is wrong; "
        "expected false, or data.out_of_scope_intent to name it, for example oos",
        "training.seed: -2 is wrong; expected greater than or equal to 0",
        "training.epoch: unknown key with value 5; did you mean 'epochs'?",
        "data.train: 'none/train.jsonl' does not exist; expected a file or folder. Check the path.",
        "data.values: 'values.yaml' does not exist; expected a YAML file. Check the path.",
    ]
    assert last.strip() == "Every key is described in docs/config.md."
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize("command", ["train", "cv", "curve", "tune"])
def test_every_command_that_trains_looks_for_the_files_first(
    tmp_path: Path, command: str, capfd: pytest.CaptureFixture[str]
) -> None:
    config = toy.small(tmp_path)
    (tmp_path / "c.yaml").write_text(config.to_yaml(), encoding="utf-8")
    Path(config.data.train).unlink()
    Path(config.data.dev).unlink()
    assert leave([command, str(tmp_path / "c.yaml"), "-o", str(tmp_path / "m")]) == 2
    err = capfd.readouterr().err
    assert err.startswith(f"error: {tmp_path / 'c.yaml'}: 2 problems\n") and err.count("does not exist") == 2
    assert not (tmp_path / "m").exists()


def test_a_run_prints_its_dev_scores_in_one_line(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    odd = {"text": "hm", "intent": "odd\x1b[2J"}
    config = toy.config(tmp_path, toy.rows(24, 1), [*toy.rows(8, 2), odd])
    (tmp_path / "c.yaml").write_text(config.to_yaml(), encoding="utf-8")
    assert leave(["train", str(tmp_path / "c.yaml"), "-o", str(tmp_path / "m"), "--set", "training.seed=9"]) == 0
    out, err = capfd.readouterr()
    assert out.startswith(f"{tmp_path / 'm'}: dev intent ")
    assert out.count("\n") == 1
    assert err.splitlines() == [
        f"warning: {tmp_path / 'dev.jsonl'}: labels unseen in training count as wrong: intent odd\\x1b[2J (1)",
        "hint: 3 steps are few; where little is labelled, more epochs help much: --set training.epochs=134 "
        "--set training.patience=0",
    ]


@pytest.mark.parametrize(
    ("enough", "stopped", "hint"), [(6, False, ""), (7, False, "--set training.epochs=3"), (7, True, "")]
)
def test_more_epochs_are_advised_after_few_steps_but_not_where_dev_ended_the_run(
    tmp_path: Path,
    enough: int,
    stopped: bool,
    hint: str,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "ENOUGH_STEPS", enough)
    nothing_learned = {"epochs": 50, "patience": 1, "learning_rate": 1e-9, "head_learning_rate": 1e-9}
    config = toy.small(tmp_path, training=nothing_learned if stopped else {"epochs": 2, "patience": 0})
    (tmp_path / "c.yaml").write_text(config.to_yaml(), encoding="utf-8")
    assert leave(["train", str(tmp_path / "c.yaml"), "-o", str(tmp_path / "m")]) == 0
    err = capfd.readouterr().err
    assert err.endswith(f"{hint}\n") if hint else err == ""


def test_missing_data_and_a_missing_config_exit_2(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    config = toy.small(tmp_path)
    (tmp_path / "c.yaml").write_text(config.to_yaml(), encoding="utf-8")
    Path(config.data.train).unlink()
    assert leave(["train", str(tmp_path / "c.yaml"), "-o", str(tmp_path / "m")]) == 2
    assert leave(["train", str(tmp_path / "d.yaml"), "-o", str(tmp_path / "m")]) == 2
    err = capfd.readouterr().err
    assert "train.jsonl" in err
    assert f"Did you mean {tmp_path / 'c.yaml'}?" in err
    assert "Traceback" not in err
