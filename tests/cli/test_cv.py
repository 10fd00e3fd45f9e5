"""jointbert cv: two lines at the end, exit 2 for mistakes, torch is not loaded for a wrong config."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
import toy

from jointbert.cli.main import main
from jointbert.config import Config
from jointbert.data.out_of_fold import OutOfFold
from jointbert.training.corpus import Corpus
from jointbert.utterance import Parse


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
    assert out.count("\n") == 2
    assert err.startswith(f"warning: {tmp_path / 'train.jsonl'}: 9 of 24 utterances are in ") and err.count("\n") == 1
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


def test_without_an_output_the_folder_is_named_after_the_config(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from jointbert.training import crossval

    def guess(config: Config, corpus: Corpus, part: Sequence[int], number: int, output: Path) -> list[OutOfFold]:
        gold = [corpus.train[index] for index in part]
        return [OutOfFold(utterance, Parse(utterance.text, "bye"), number) for utterance in gold]

    monkeypatch.setattr(crossval, "_fold", guess)  # no time is spent on training
    monkeypatch.chdir(tmp_path)
    (tmp_path / "demo.yaml").write_text(toy.small(tmp_path).to_yaml(), encoding="utf-8")
    assert leave(["cv", "demo.yaml", "--folds", "2"]) == 0
    out, err = capfd.readouterr()
    assert err.splitlines()[0] == "writing to cv/demo (another place: --output FOLDER)"
    assert out.startswith("cv/demo: out-of-fold intent ") and "cv/demo/label_errors.jsonl: " in out
    (tmp_path / "cv" / "demo" / "cv.json").unlink()
    assert leave(["cv", "demo.yaml", "--folds", "2"]) == 2
    assert "error: cv/demo/out_of_fold.jsonl: was not written by a cross-validation" in capfd.readouterr().err
