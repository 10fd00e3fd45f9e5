"""jointbert compare: leaves with 0, 1 and 2 as it says, shows what broke, and writes it all down."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import toy
from stand import Stand, load

from jointbert.cli.main import main
from jointbert.utterance import Span


@pytest.fixture(scope="session")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that has learned next to nothing, and one slot less."""
    from jointbert.training.run import train

    folder = tmp_path_factory.mktemp("hasty")
    rows = [row for row in toy.rows(60, 1) if all(slot["slot"] != "time" for slot in row["slots"])]
    train(toy.config(folder, rows, toy.rows(8, 2)), folder / "model")
    return folder / "model"


def leave(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as leaving:
        main(["compare", *(str(argument) for argument in arguments)])
    return int(leaving.value.code or 0)


def test_a_worse_model_leaves_with_1_and_says_why(
    toy_folder: Path, hasty: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "150")
    data, report = toy_folder / "dev.jsonl", tmp_path / "c.json"
    assert leave(toy_folder / "model", hasty, "--data", data, "--json", report, "--show", "2") == 1
    out, err = capfd.readouterr()
    assert err.startswith("gate failed: B is worse: ") and "Traceback" not in err
    assert all(name in out for name in ("intent accuracy", "slot F1", "sentence accuracy", "McNemar"))
    assert out.count("broken  ") == 2 and f"{data}:" in out and " more; --show lists more" in out
    assert "Note: Slots known to A only: time." in out
    found = json.loads(report.read_text(encoding="utf-8"))
    assert (found["verdict"], found["passed"], found["golden"]) == ("worse", False, None)
    assert found["counts"]["broken"] == sum(row["kind"] == "broken" for row in found["differences"]) > 2
    assert found["models"]["b"]["folder"] == str(hasty)
    assert found["models"]["a"]["version"] != found["models"]["b"]["version"]


def test_a_better_or_equal_model_leaves_with_0(
    toy_folder: Path, hasty: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    data = toy_folder / "dev.jsonl"
    assert leave(hasty, toy_folder / "model", "--data", data, "--show", "0") == 0
    out, err = capfd.readouterr()
    assert "B is better: " in out and err == "" and "fixed   " not in out
    assert leave(toy_folder / "model", toy_folder / "model", "--data", data) == 0
    out, err = capfd.readouterr()
    assert "No significant difference between A and B: sentence accuracy 0.0 points" in " ".join(out.split())
    assert "Note: A and B are the same model." in out and err == ""


def test_a_golden_utterance_that_is_wrong_leaves_with_1_whoever_broke_it(
    toy_folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    model, data, golden = toy_folder / "model", toy_folder / "dev.jsonl", tmp_path / "golden.jsonl"
    toy.write(golden, [{"text": "[bold]bye", "intent": "no_such_thing"}])
    assert leave(model, model, "--data", data, "--golden", golden, "--json", tmp_path / "c.json") == 1
    out, err = capfd.readouterr()
    assert err == "gate failed: B gets 1 of 1 golden utterances wrong (0 that A gets right).\n"
    assert "Golden: B gets 0 of 1 right." in out and "[bold]bye" in out
    found = json.loads((tmp_path / "c.json").read_text(encoding="utf-8"))
    assert found["passed"] is False and found["verdict"] == "no significant difference"
    assert found["golden"]["failures"][0]["kind"] == "wrong"
    right = [{"text": "bye", "intent": "bye"}]
    toy.write(golden, right)
    assert leave(model, model, "--data", data, "--golden", golden) == 0


def test_mistakes_leave_with_2(toy_folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    model, data, empty = toy_folder / "model", toy_folder / "dev.jsonl", tmp_path / "empty.jsonl"
    empty.write_text("", encoding="utf-8")
    assert leave(model, tmp_path / "none", "--data", data) == 2
    assert leave(model, model, "--data", tmp_path / "none.jsonl") == 2
    assert leave(model, model, "--data", data, "--golden", empty) == 2
    assert leave(model, model, "--data", data, "--json", tmp_path) == 2
    assert leave(model, model, "--data", data, "--alpha", "0") == 2
    err = capfd.readouterr().err
    assert err.count("error: ") == 5 and "Traceback" not in err
    assert "error: alpha: is 0; expected a number between 0 and 1" in err
    assert leave(model, model) == 2, "--data is missing"


def test_other_engines_and_other_labels_are_noted(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    a = Stand(("x", "[b]\x1b[2J"), engine="torch", version="1" * 12)
    load(monkeypatch, a, Stand(("x", "new"), engine="onnx-int8", version="2" * 12))
    data = toy.write(tmp_path / "d.jsonl", [{"text": "hi", "intent": "x"}])
    assert leave("a", "b", "--data", data) == 0
    out = capfd.readouterr().out
    assert "Note: A was computed by torch, B by onnx-int8." in out
    assert "Note: Intents known to A only: [b]\\x1b[2J." in out and "Note: Intents known to B only: new." in out


def test_nothing_is_cut_at_80_columns(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    texts = {f"t{number}": "y" for number in range(40)}
    spans = {text: (Span.of(text, "s", 0, 2),) for text in texts}
    load(monkeypatch, Stand(("x", "y"), spans=spans), Stand(("x", "y"), said=texts))
    rows = [{"text": text, "intent": "x", "slots": [{"slot": "s", "start": 0, "end": 2}]} for text in texts]
    assert leave("a", "b", "--data", toy.write(tmp_path / "d.jsonl", rows), "--show", "0") == 1
    out = capfd.readouterr().out
    assert "…" not in out and all(f"\n {name} " in out for name in ("intent accuracy", "slot F1", "sentence accuracy"))
    assert "-100.0 to -85.0" in out and "92.5 to 100.0" in out and "0.0 to 7.5" in out and "<0.001" in out


def test_one_utterance_does_not_fail_the_gate(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    load(monkeypatch, Stand(("x",), spans={"t": (Span.of("t", "s", 0, 1),)}), Stand(("x",)))
    rows = [{"text": "t", "intent": "x", "slots": [{"slot": "s", "start": 0, "end": 1}]}]
    data = toy.write(tmp_path / "d.jsonl", rows)
    assert leave("a", "b", "--data", data, "--json", tmp_path / "c.json") == 0
    out, err = capfd.readouterr()
    assert "slot F1 by paired permutation, exact" in " ".join(out.split()) and err == ""
    found = json.loads((tmp_path / "c.json").read_text(encoding="utf-8"))
    assert found["verdict"] == "no significant difference" and found["passed"] is True
    assert [each["p"] for each in found["contests"]] == [1.0, 1.0, 1.0]


def test_both_commands_give_the_same_intervals(
    toy_folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    model, data = toy_folder / "model", toy.write(tmp_path / "d.jsonl", toy.rows(20, 7))
    with pytest.raises(SystemExit):
        main(["evaluate", str(model), data, "--brief", "--json", str(tmp_path / "e.json")])
    assert leave(model, model, "--data", data, "--json", tmp_path / "c.json") == 0
    alone = json.loads((tmp_path / "e.json").read_text(encoding="utf-8"))["intervals"]
    contests = json.loads((tmp_path / "c.json").read_text(encoding="utf-8"))["contests"]
    assert {each["score"]: each["b"] for each in contests} == alone
    assert any(each["b"]["value"] == 1.0 and each["b"]["low"] == 0.85 for each in contests), "the rule of three"
    capfd.readouterr()
