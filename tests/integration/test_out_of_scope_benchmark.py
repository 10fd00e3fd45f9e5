"""The benchmark of what is out of scope, on a toy model in place of long training: what it keeps, and its tables."""

from __future__ import annotations

import json
import shutil
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import toy

from jointbert.config import Config, load_config

ODD = ["2 + 2", "why is the sky blue", "xylophone quartz jumbled", "zzz"]


@pytest.fixture
def benchmark(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The program, reading configs, reading CLINC150 and keeping results in a folder of the test."""
    monkeypatch.syspath_prepend(str(repository / "benchmarks"))
    program, report = import_module("out_of_scope"), import_module("scope_report")
    (tmp_path / "configs").mkdir()
    (tmp_path / "results").mkdir()
    clinc = tmp_path / "clinc150"
    clinc.mkdir()
    for name, seed in (("train", 3), ("dev", 4), ("test", 5)):
        toy.write(clinc / f"{name}.jsonl", [*toy.rows(10, seed), {"text": "knock knock", "intent": "tell_joke"}])
        toy.write(clinc / f"oos_{name}.jsonl", [{"text": text, "intent": "oos"} for text in ODD])
    for module in (program, report):
        monkeypatch.setattr(module, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(program, "ROOT", tmp_path)
    monkeypatch.setattr(program, "CLINC", str(clinc))
    return program


def run(benchmark: ModuleType, monkeypatch: pytest.MonkeyPatch, *arguments: str | Path) -> None:
    monkeypatch.setattr(sys, "argv", ["out_of_scope.py", *map(str, arguments)])
    benchmark.main()


def kept(folder: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "results" / name).read_text(encoding="utf-8"))
    return found


def test_intents_are_held_out_and_the_encoder_is_kept_and_shown(
    benchmark: ModuleType, toy_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Config] = []

    def train(config: Config, output: Path) -> None:
        asked.append(config)
        shutil.copytree(toy_folder / "model", output)
        taught = Path(config.data.train).read_text(encoding="utf-8").splitlines()
        intents = [json.loads(line)["intent"] for line in taught]
        assert len(set(intents)) == 2 and max(intents.count(name) for name in intents) == 4

    monkeypatch.setattr("jointbert.training.run.train", train)
    test = toy.write(tmp_path / "test.jsonl", toy.rows(30, 6))
    monkeypatch.setitem(
        benchmark.HELD_OUT, "demo-en", {"test": test, "held": 1, "each": 4, "set": (), "far": "small talk"}
    )
    shutil.copy(toy_folder / "model" / "training.yaml", tmp_path / "configs" / "demo-en.yaml")
    run(benchmark, monkeypatch, "demo-en", "--encoder", "mini-en", "--set", "training.epochs=2")
    assert [(config.encoder.name, config.training.epochs) for config in asked] == [("mini-en", 2)]
    record = kept(tmp_path, "out_of_scope-demo-en-mini-en.json")
    assert (record["settings"]["encoder"]["name"], record["settings"]["training"]["epochs"]) == ("mini-en", 2)
    held = [row for row in toy.rows(30, 6) if row["intent"] in record["held_out"]]
    assert (record["counts"]["near"], record["counts"]["far"]) == (len(held), 1) and len(record["held_out"]) == 1
    assert record["counts"]["test"] == 30 - len(held)
    text = import_module("scope_report").section()
    assert "### demo-en, intents held out, mini-en" in text and f"near: the {len(held)} of" in text
    assert "| **mahalanobis, near** |" in text and "### snips, intents held out\n\nNot run." in text


def test_clinc150_is_measured_by_both_rules_on_a_model_that_was_trained_earlier(
    benchmark: ModuleType, toy_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(toy_folder / "model" / "training.yaml", tmp_path / "configs" / "clinc150-gte.yaml")
    run(benchmark, monkeypatch, "clinc150", "--model", toy_folder / "model")
    record = kept(tmp_path, "out_of_scope-clinc150.json")
    assert record["model"]["trained"] == "earlier" and len(record["model"]["version"]) == 12
    variants = record["variants"]
    assert {name: found["outside_share"] for name, found in variants.items()} == {
        "dev out of scope": 0.1,
        "as published": 4 / 15,
        "nothing out of scope": None,
        "train and dev out of scope": 0.1,
    }
    assert list(variants["train and dev out of scope"]["scorers"])[-1] == "knn-contrast"
    chosen = variants["dev out of scope"]["scorers"][variants["dev out of scope"]["chosen"]]
    by_share = {cells["outside_share"]: cells for cells in record["shares"]}
    assert list(by_share) == [0.03, 0.1, 0.5] and by_share[0.1]["test"] == chosen["test"]
    assert by_share[0.03]["dev"]["threshold"] <= by_share[0.1]["dev"]["threshold"] <= by_share[0.5]["dev"]["threshold"]
    text = import_module("scope_report").section()
    assert "as published (Larson et al. 2019)" in text and "as if 26.7 % of traffic" in text
    assert "4 utterances out of scope on dev; the threshold is for 10 % of traffic" in text
    assert "| 50 %, dev |" in text and "by the threshold as published (`" in text


def test_a_model_of_another_config_is_no_model_of_this_one(
    benchmark: ModuleType, repository: Path, toy_folder: Path
) -> None:
    config = load_config(repository / "configs" / "clinc150-gte.yaml")
    with pytest.raises(SystemExit, match=r"encoder of its training\.yaml is not that of the config"):
        benchmark.trained_by(toy_folder / "model", config)


@pytest.mark.parametrize(
    "arguments", [["clinc150", "--encoder", "mini-en"], ["clinc150", "--set", "a=b"], ["snips", "--model", "m"]]
)
def test_options_of_the_other_cases_are_refused(
    benchmark: ModuleType, arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        run(benchmark, monkeypatch, *arguments)
    assert "clinc150" in capsys.readouterr().err
