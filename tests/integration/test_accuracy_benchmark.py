"""The accuracy benchmark: its variants are real configs, its tables say what was kept, its baseline learns."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import toy

from jointbert.config import load_config
from jointbert.errors import ConfigError
from jointbert.utterance import Span, Utterance

Load = Callable[[str], ModuleType]


@pytest.fixture
def benchmark(load: Load) -> ModuleType:
    return load("accuracy")


@pytest.fixture
def report(load: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The report, with no result kept yet."""
    module: ModuleType = load("accuracy_report")
    monkeypatch.setattr(module, "RESULTS", tmp_path)
    monkeypatch.setattr(module.records, "__defaults__", (tmp_path,))
    return module


def test_every_variant_is_a_config_that_loads_and_every_row_a_variant(
    benchmark: ModuleType, report: ModuleType, repository: Path
) -> None:
    for name, variant in benchmark.VARIANTS.items():
        config = load_config(repository / "configs" / f"{variant.config}.yaml", list(variant.overrides))
        assert config.model.crf == ("crf" in name or name in ("demo-en", "demo-zh", "demo-zh-scratch"))
        assert (config.model.pooling == "mean") == ("mean" in name)
        assert variant.dataset in config.data.train and variant.dataset in benchmark.TESTS
    rows = {row.name: dataset for dataset, (_, ours) in report.TABLES.items() for row in ours}
    assert rows == {name: variant.dataset for name, variant in benchmark.VARIANTS.items()}


def record(name: str, seed: int, intent: float, sentence: float, f1: float | None) -> dict[str, Any]:
    slots = None if f1 is None else {"precision": f1, "recall": f1, "f1": f1}
    scores = {"intent_accuracy": intent, "intent_macro_f1": intent, "sentence_accuracy": sentence}
    scores |= {"slots": slots, "slots_strict": slots}
    head = {"config": name, "seed": seed, "epochs": 1.0, "seconds": 60.0, "machine": {"hardware": "x", "threads": "1"}}
    return head | {"dev": scores, "test": scores}


def test_a_row_has_mean_spread_and_interval_over_its_own_seeds(report: ModuleType, tmp_path: Path) -> None:
    for seed, intent in ((13, 0.97), (14, 0.98), (15, 0.99)):
        (tmp_path / f"atis-{seed}.json").write_text(json.dumps(record("atis", seed, intent, 0.9, 0.95)))
    (tmp_path / "atis-crf-13.json").write_text(json.dumps(record("atis-crf", 13, 0.5, 0.4, 0.3)))
    table = report.table("atis")
    assert "| `atis` | n = 3: 13, 14, 15 | 98.00 ± 1.00 [95.52, 100.00] | 95.00 ± 0.00 [95.00, 95.00] |" in table
    assert "| `atis-crf` | n = 1: 13 | 50.00 | 30.00 | 40.00 |" in table
    assert "97.7 ✓ / 95.4 ✗ / 87.2 ✓" in table and "| `atis-mean` | not run |" in table
    assert "[Chen, Zhuo and Wang 2019, arXiv:1902.10909](https://arxiv.org/abs/1902.10909)" in table
    assert "| 97.9 | 96.0 | 88.6 | |" in table
    assert "| ATIS | MiniLM-L6 (22 M) | 3 | 98.00 ± 1.00 | 95.00 ± 0.00 | 90.00 ± 0.00 |" in report.short()


def test_data_of_intents_alone_has_no_slot_score(report: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "clinc150-gte-13.json").write_text(json.dumps(record("clinc150-gte", 13, 0.97, 0.97, None)))
    (tmp_path / "classical-clinc150.json").write_text(json.dumps(record("classical-clinc150", 0, 0.9, 0.9, None)))
    table = report.table("clinc150")
    assert "| `clinc150-gte` | n = 1: 13 | 97.00 | – | – |" in table
    assert "| TF-IDF + linear SVM | `--classical` | nothing drawn | 90.00 | – | – | |" in table
    assert report.details() == ["| `clinc150-gte` | 13 | 97.0 / – / – | 97.00 / – / – | 97.0 | – | 1 | 1 | 1 |"]


def test_what_is_kept_is_not_made_again(benchmark: ModuleType, tmp_path: Path) -> None:
    made: list[int] = []

    def make() -> dict[str, Any]:
        made.append(1)
        return {"test": {"intent_accuracy": 1.0, "sentence_accuracy": 1.0}}

    for _ in range(2):
        benchmark.keep(tmp_path / "x.json", make)
    assert made == [1] and json.loads((tmp_path / "x.json").read_text())["test"]["intent_accuracy"] == 1.0


def test_a_model_that_is_kept_is_scored_without_training_it_again(
    benchmark: ModuleType, report: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "toy.yaml").write_text(toy.small(tmp_path).to_yaml(), encoding="utf-8")
    monkeypatch.setattr(benchmark, "ROOT", tmp_path)
    monkeypatch.setitem(benchmark.VARIANTS, "atis", benchmark.Variant("toy", "toy"))
    monkeypatch.setitem(benchmark.TESTS, "toy", str(tmp_path / "dev.jsonl"))
    first, second = (benchmark.run("atis", 13, tmp_path / "models") for _ in range(2))
    assert first["seconds"] > 0 and second["seconds"] is None
    assert {name: first[name] for name in ("epochs", "dev", "test", "settings")} == {
        name: second[name] for name in ("epochs", "dev", "test", "settings")
    }
    assert benchmark.run("atis", 13)["dev"] == first["dev"]
    (tmp_path / "atis-13.json").write_text(json.dumps(second))
    (row,) = report.details()
    assert row.endswith("| 1 | – | 1 |")
    monkeypatch.setitem(benchmark.VARIANTS, "atis", benchmark.Variant("toy", "toy", ("model.dropout=0.2",)))
    with pytest.raises(ConfigError, match="another config"):
        benchmark.run("atis", 13, tmp_path / "models")


def test_an_unknown_name_is_said_with_the_known_ones(
    benchmark: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments in (["atiss"], []):
        monkeypatch.setattr(sys, "argv", ["accuracy.py", *arguments])
        with pytest.raises(SystemExit):
            benchmark.main()
        assert "expected --classical or some of atis, atis-crf" in capsys.readouterr().err


def tagged(text: str, value: str, intent: str, *, characters: bool = False) -> Utterance:
    start = text.index(value)
    tokens = tuple((place, place + 1) for place in range(len(text))) if characters else None
    return Utterance(text, intent, (Span.of(text, "city", start, start + len(value)),), tokens=tokens)


def test_the_baseline_learns_words_characters_and_data_without_slots(load: Load) -> None:
    pytest.importorskip("sklearn_crfsuite")
    classical = load("classical").Classical
    english = [tagged(f"fly to {city} now", city, "fly") for city in ("rome", "oslo", "new york")]
    english += [tagged(f"eat in {city} today", city, "eat") for city in ("lima", "paris", "los angeles")]
    parse = classical(english).parse("fly to lima now")
    assert parse.intent == "fly" and [(span.slot, span.value) for span in parse.spans] == [("city", "lima")]
    chinese = [tagged(f"飞去{city}吧", city, "fly", characters=True) for city in ("北京", "上海", "天津")]
    chinese += [tagged(f"在{city}吃饭", city, "eat", characters=True) for city in ("北京", "广州", "上海")]
    parse = classical(chinese).parse("飞去广州吧")
    assert parse.intent == "fly" and [(span.start, span.end) for span in parse.spans] == [(2, 4)]
    bare = [Utterance(item.text, item.intent) for item in english]
    assert classical(bare).parse("eat in rome today").spans == ()
