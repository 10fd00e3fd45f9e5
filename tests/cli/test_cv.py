"""jointbert cv: two lines at the end, exit 2 for mistakes, torch is not loaded for a wrong config."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import toy

from jointbert.cli.main import main


def leave(arguments: list[str]) -> int:
    with pytest.raises(SystemExit) as leaving:
        main(arguments)
    return int(leaving.value.code or 0)


def test_a_run_prints_its_scores_and_goes_on_after_a_stop(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "c.yaml").write_text(toy.small(tmp_path).to_yaml(), encoding="utf-8")
    command = ["cv", str(tmp_path / "c.yaml"), "-o", str(tmp_path / "cv"), "--folds", "2", "--set", "training.seed=9"]
    assert leave(command) == 0
    out, err = capfd.readouterr()
    assert out.startswith(f"{tmp_path / 'cv'}: out-of-fold intent ")
    assert " of 24 utterances in 2 folds\n" in out
    assert (out.count("\n"), err) == (2, "")
    doubtful = [json.loads(line) for line in (tmp_path / "cv" / "label_errors.jsonl").read_text().splitlines()]
    assert f"label_errors.jsonl: {len(doubtful)} with doubtful labels" in out
    suspicions = [row["suspicion"] for row in doubtful]
    assert suspicions == sorted(suspicions, reverse=True) and all(row["what"] and row["where"] for row in doubtful)
    rows = [json.loads(line) for line in (tmp_path / "cv" / "out_of_fold.jsonl").read_text().splitlines()]
    assert sorted({row["fold"] for row in rows}) == [1, 2]
    assert leave(command) == 0
    assert capfd.readouterr().out == out


def test_mistakes_exit_2(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    config = toy.small(tmp_path)
    (tmp_path / "c.yaml").write_text(config.to_yaml(), encoding="utf-8")
    assert leave(["cv", str(tmp_path / "c.yaml"), "-o", str(tmp_path / "cv"), "--folds", "1"]) == 2
    assert "--folds" in capfd.readouterr().err
    assert leave(["cv", str(tmp_path / "c.yaml"), "-o", str(tmp_path / "cv"), "--folds", "99"]) == 2
    assert capfd.readouterr().err.startswith("error: folds: are 99, for ")
    assert leave(["cv", str(tmp_path / "d.yaml"), "-o", str(tmp_path / "cv")]) == 2
    assert not (tmp_path / "cv").exists()
