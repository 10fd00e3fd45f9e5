"""A search in words, in a table and as a picture: every figure from the trials, names as text."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from jointbert.config import Config
from jointbert.errors import ModelError
from jointbert.tuning.files import train_command, write_best, write_csv
from jointbert.tuning.picture import draw_tuning
from jointbert.tuning.result import Tuned, best_of
from jointbert.tuning.trial import Trial
from jointbert.tuning.view import render_tuned, statement

HOSTILE = "x\x1b[2J[b]$\nmodel: {}"
CONFIG = Config.model_validate({"data": {"train": "t.jsonl", "dev": HOSTILE}, "encoder": {"name": HOSTILE}})
START = Trial(
    0, "complete", 0.82, {"training.epochs": 6, "model.crf": False, "encoder.name": HOSTILE}, 6, 60.0, is_start=True
)
BETTER = {"training.epochs": 8, "model.crf": True, "encoder.name": HOSTILE}
TRIALS = (
    START,
    Trial(1, "stopped", None, {}),
    Trial(2, "pruned", 0.9, BETTER, 3, 30.0),
    Trial(3, "failed", None, BETTER, 0, 1.0, error=f"encoder {HOSTILE}: cannot be had"),
    Trial(4, "complete", 0.84, BETTER, 7, 70.0),
    Trial(5, "complete", 0.84, BETTER, 8, 80.0),
)
FOUND = Tuned(Path("tuned/my demo"), HOSTILE, 300, CONFIG, TRIALS, {})


def test_the_best_is_the_earliest_complete_one_and_counts_leave_out_what_was_stopped() -> None:
    assert FOUND.best.number == best_of(TRIALS).number == 4 and FOUND.start is START
    assert [trial.number for trial in FOUND.done] == [0, 2, 3, 4, 5]
    assert FOUND.looks == 6 + 3 + 7 + 8 and FOUND.gain == pytest.approx(0.02)


def test_what_is_said_has_the_gain_in_utterances_and_what_it_is_worth() -> None:
    first, honest, after = statement(FOUND)
    worth = "(one dev utterance is 0.3 points)"
    assert first == f"Trial 4 gains +2.0 points: 6 more of 300 dev utterances right as a whole {worth}."
    assert honest == (
        "Dev was scored 24 times (5 trials, 1 given up early, 1 failed) and the best is shown, all with one seed: its "
        "dev score is optimistic. For a figure to quote, train it and score the test set once: jointbert evaluate."
    )
    assert after == "Next: jointbert train 'tuned/my demo/best.yaml' --output 'models/my demo'"
    assert train_command(FOUND) in after
    first, honest, _ = statement(replace(FOUND, trials=(START,)))
    assert first == f"No trial did better on dev than the config itself {worth}."
    assert honest.startswith("Dev was scored 6 times (1 trial) and")
    one = replace(FOUND, trials=(START, replace(TRIALS[4], score=0.82 + 1 / 300)))
    assert ": 1 more of 300 dev utterances right as a whole" in statement(one)[0]


def test_the_table_shows_what_changed_first_and_names_as_text() -> None:
    out = io.StringIO()
    render_tuned(FOUND, Console(file=out, width=160))
    shown = out.getvalue()
    assert "\x1b" not in shown and r"x\x1b[2J[b]$\nmodel: {}" in shown
    assert shown.index("training.epochs") < shown.index("model.crf") < shown.index("encoder.name")
    for row in ("82.0 │ 84.0", "6 │ 7", "6 │ 8", "false │ true", " │ ="):
        assert row.replace(" ", "") in shown.replace(" ", "")


def test_nothing_is_cut_on_a_terminal_of_80_columns() -> None:
    long = "encoders/" + "a-long-name-" * 9
    start = replace(START, settings=START.settings | {"encoder.name": long})
    best = replace(TRIALS[4], settings=BETTER | {"encoder.name": long + "2"})
    out = io.StringIO()
    render_tuned(replace(FOUND, trials=(start, best)), Console(file=out, width=80))
    columns = zip(*(line.split("│")[2:4] for line in out.getvalue().splitlines() if line.startswith("│")), strict=True)
    told = ["".join(map(str.strip, column)) for column in columns]
    assert long in told[0] and long + "2" in told[1] and "…" not in out.getvalue()


def test_files_hold_hostile_values_as_values(tmp_path: Path) -> None:
    write_best(FOUND, 30, f"jointbert tune {HOSTILE}", tmp_path / "best.yaml")
    from jointbert.config import load_config

    assert load_config(tmp_path / "best.yaml") == CONFIG
    with pytest.raises(ModelError, match=r"nowhere/best\.yaml: cannot be written \(No such file or directory\)"):
        write_best(FOUND, 30, "jointbert tune", tmp_path / "nowhere" / "best.yaml")
    head = (tmp_path / "best.yaml").read_text(encoding="utf-8").split("\ndata:")[0]
    assert "\x1b" not in head and len(head.splitlines()) == 3
    assert "Best of 5 trials (of 30) of a search on dev: trial 4, with a dev sentence accuracy of 84.0 %" in head
    write_csv(TRIALS, dict.fromkeys(BETTER), tmp_path / "t.csv")  # type: ignore[arg-type]  # its keys are all it takes
    import csv

    rows = list(csv.DictReader((tmp_path / "t.csv").open(encoding="utf-8", newline="")))
    assert [row["state"] for row in rows] == ["complete", "stopped", "pruned", "failed", "complete", "complete"]
    assert rows[4] == {
        "number": "4",
        "state": "complete",
        "value": "0.840000",
        "epochs": "7",
        "seconds": "70.0",
        "training.epochs": "8",
        "model.crf": "true",
        "encoder.name": HOSTILE,
        "error": "",
    }
    assert rows[3]["error"] == TRIALS[3].error and rows[3]["value"] == "" and rows[1]["model.crf"] == ""


def test_the_picture_is_drawn_for_one_trial_and_for_many(tmp_path: Path) -> None:
    for name, trials, shares in (("one", (START,), {}), ("many", TRIALS, {"model.crf": 0.8, HOSTILE: 0.2})):
        draw_tuning(replace(FOUND, trials=trials, importances=shares), tmp_path / name)
        assert (tmp_path / name).read_bytes().startswith(b"\x89PNG")
