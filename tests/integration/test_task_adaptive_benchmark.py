"""The benchmark of task-adaptive pretraining: it reads the texts alone, and what is kept is not begun again."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from jointbert.data import read

Load = Callable[[str], ModuleType]


@pytest.fixture
def adapted(load: Load, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[tuple[Any, ...]]:
    """What was asked for: (texts, config, start) of a pretraining, (dataset, encoder, share, seed) of a run."""
    asked: list[tuple[Any, ...]] = []

    def pretrain(config: Any, folder: Path, *, start: str) -> SimpleNamespace:
        asked.append((Path(config.corpus.sources[0].path).read_text(encoding="utf-8"), config, start))
        return SimpleNamespace(perplexity=2.0, seconds=1.0)

    def keep(dataset: str, name: str, place: str, share: float, seed: int) -> None:
        asked.append((dataset, name, share, seed))
        kept(dataset, name, share, seed).write_text("{}", encoding="utf-8")

    pytest.importorskip("datasets", reason="the pretrain extra is not installed")
    encoders, kept = load("encoders"), load("encoders").kept_file
    monkeypatch.setattr(encoders, "RESULTS", tmp_path)
    monkeypatch.setattr(encoders, "keep", keep)
    monkeypatch.setattr("jointbert.pretraining.run.pretrain", pretrain)
    return asked


def run(load: Load, monkeypatch: pytest.MonkeyPatch, repository: Path, *arguments: str) -> None:
    monkeypatch.chdir(repository)
    monkeypatch.setattr(sys, "argv", ["task_adaptive.py", *arguments])
    load("task_adaptive").main()


def test_the_encoder_reads_all_texts_and_is_fine_tuned_on_each_share(
    load: Load, adapted: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch, repository: Path
) -> None:
    run(load, monkeypatch, repository, "demo-en", "--shares", "1,100", "--seeds", "13")
    (texts, config, start), *runs = adapted
    expected = [" ".join(item.text.split()) for item in read(repository / "datasets/demo-en/train.jsonl")]
    assert texts.split("\n\n") == expected
    assert (start, config.objective.nsp) == ("mini-en", False)
    assert runs == [("demo-en", "mini-en adapted", 1.0, 13), ("demo-en", "mini-en adapted", 100.0, 13)]


def test_nothing_is_pretrained_where_every_run_is_kept(
    load: Load,
    adapted: list[tuple[Any, ...]],
    monkeypatch: pytest.MonkeyPatch,
    repository: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run(load, monkeypatch, repository, "demo-en", "--seeds", "13")
    adapted.clear()
    run(load, monkeypatch, repository, "demo-en", "--seeds", "13")
    assert adapted == []
    assert "are there already" in capsys.readouterr().out
