"""jointbert evaluate: the headline, the tables, the files it writes, and what it says when it cannot."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jointbert.cli.main import main


def leave(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as leaving:
        main([str(argument) for argument in arguments])
    return int(leaving.value.code or 0)


def test_brief_is_the_headline_and_the_files_hold_the_scores(
    toy_folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    wanted = ["--brief", "--json", tmp_path / "s.json", "--picture", tmp_path / "p.png"]
    wanted += ["--reliability", tmp_path / "r.png"]
    assert leave("evaluate", toy_folder / "model", toy_folder / "dev.jsonl", *wanted) == 0
    out, err = capfd.readouterr()
    assert out.startswith("intent ") and out.count("\n") == 1
    assert err == ""
    scores = json.loads((tmp_path / "s.json").read_text(encoding="utf-8"))
    assert scores["sentence_accuracy"] > 0.9
    assert f"sentence {100 * scores['sentence_accuracy']:.1f} [" in out and out.endswith("] (95 % intervals)\n")
    for score, value in {"intent accuracy": scores["intent_accuracy"], "slot F1": scores["slots"]["f1"]}.items():
        interval = scores["intervals"][score]
        assert interval["value"] == pytest.approx(value) and interval["low"] <= value <= interval["high"]
        assert f" [{100 * interval['low']:.1f}, {100 * interval['high']:.1f}]" in out
    assert all((tmp_path / name).read_bytes().startswith(b"\x89PNG") for name in ("p.png", "r.png"))
    assert {name: set(found) for name, found in scores["confidence"].items()} == {
        "raw": {"intent", "slot", "frame"},
        "calibrated": {"intent", "slot", "frame"},
    }


def test_in_full_it_shows_tables(toy_folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert leave("evaluate", toy_folder / "model", toy_folder / "dev.jsonl") == 0
    out = capfd.readouterr().out
    assert all(name in out for name in ("travel", "order", "city", "food"))
    assert all(name in out for name in ("Calibration error", "raw", "calibrated", "ask back below", "99 %"))


def test_labels_that_the_model_does_not_know_are_told(
    toy_folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    slots = [{"slot": "place", "start": 7, "end": 11}]
    new = {"text": "fly to Rome", "intent": "cancel", "slots": slots}
    data = tmp_path / "test.jsonl"
    data.write_text(
        json.dumps({"text": "bye", "intent": "bye"}) + "\n" + 2 * (json.dumps(new) + "\n"), encoding="utf-8"
    )
    assert leave("evaluate", toy_folder / "model", data, "--json", tmp_path / "s.json") == 0
    out = " ".join(capfd.readouterr().out.split())
    for kind, name in (("intents", "cancel"), ("slots", "place")):
        note = f"Gold {kind} that the model does not know, so they count as wrong: '{name}' (2 utterances, the first at"
        assert note in out
        assert f"{note} {data}:2)." in json.loads((tmp_path / "s.json").read_text(encoding="utf-8"))["notes"]


def test_without_gold_intents_it_says_why_it_cannot_tell_when_to_ask_back(
    toy_folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    slots = [{"slot": "city", "start": 7, "end": 11}]
    data = tmp_path / "slots.jsonl"
    data.write_text(json.dumps({"text": "fly to Rome", "slots": slots}) + "\n", encoding="utf-8")
    assert leave("evaluate", toy_folder / "model", data) == 0
    out = " ".join(capfd.readouterr().out.split())
    assert "slot spans" in out and "When to ask back cannot be told here: that takes data with intents" in out


@pytest.mark.parametrize("option", ["--picture", "--reliability"])
def test_a_picture_of_nothing_is_the_users_mistake(
    toy_folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], option: str
) -> None:
    data, place = tmp_path / "bare.jsonl", tmp_path / "bare.png"
    data.write_text(json.dumps({"text": "see you later"}) + "\n", encoding="utf-8")
    assert leave("evaluate", toy_folder / "model", data, option, place) == 2
    nothing = f"error: {place}: there is nothing to draw; expected intents or slots on both sides. Label the data.\n"
    assert capfd.readouterr().err == nothing and not place.exists()


@pytest.mark.parametrize("option", ["--json", "--picture", "--reliability"])
def test_a_file_that_cannot_be_written_is_the_users_mistake(
    toy_folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], option: str
) -> None:
    place = tmp_path  # a folder
    assert leave("evaluate", toy_folder / "model", toy_folder / "dev.jsonl", option, place) == 2
    assert f"error: {place}: cannot be written (Is a directory)" in capfd.readouterr().err


def test_a_missing_model_missing_data_and_empty_data_exit_2(
    toy_folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.write_text("", encoding="utf-8")
    assert leave("evaluate", tmp_path / "none", toy_folder / "dev.jsonl") == 2
    assert leave("evaluate", toy_folder / "model", tmp_path / "none.jsonl") == 2
    assert leave("evaluate", toy_folder / "model", empty) == 2
    err = capfd.readouterr().err
    assert err.count("error: ") == 3
    assert "Traceback" not in err
