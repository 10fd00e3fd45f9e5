"""The search with trainings whose answer is known: what is found, given up, stopped, taken up again and refused."""

from __future__ import annotations

import csv
import fcntl
import io
import logging
import math
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import toy
from rich.console import Console
from rich.text import Text

from jointbert.config import Config, load_config
from jointbert.config.space import Dimension, value_of
from jointbert.errors import ConfigError, MissingExtraError, ModelError
from jointbert.training.corpus import Corpus, load_corpus
from jointbert.tuning import search as module
from jointbert.tuning.bar import TrialBar
from jointbert.tuning.picture import draw_tuning
from jointbert.tuning.result import Tuned
from jointbert.tuning.search import judged, tune
from jointbert.tuning.trial import Hear, Trial

RATE = {"training.learning_rate": Dimension(low=5e-4, high=8e-3, log=True)}
Scores = Callable[[Config, int], float]


class Killed(BaseException):
    """A process that is no more."""


class Fake:
    """Trains nothing: a function says what each epoch scores, and a number of calls may end otherwise."""

    def __init__(self, scores: Scores, **endings: BaseException) -> None:
        self.scores = scores
        self.endings = {int(call.removeprefix("call_")): error for call, error in endings.items()}
        self.configs: list[Config] = []
        self.corpora: list[Corpus] = []

    def __call__(self, config: Config, folder: Path, corpus: Corpus, hear: Hear) -> None:
        assert not folder.exists(), "each trial has a folder of its own"
        folder.mkdir()
        (folder / "model.safetensors").write_bytes(b"large")
        self.configs.append(config)
        self.corpora.append(corpus)
        logging.getLogger("jointbert.training").warning("training says")
        if error := self.endings.get(len(self.configs)):
            raise error
        for epoch in range(1, config.training.epochs + 1):
            hear(epoch, self.scores(config, epoch))


def hill(config: Config, epoch: int) -> float:
    """A known best at a learning rate of 1e-3, whatever the epoch."""
    return max(0.0, 0.9 - (math.log10(config.training.learning_rate) + 3) ** 2)


def rows(output: Path) -> list[dict[str, str]]:
    with (output / "trials.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def small(folder: Path) -> Config:
    return toy.small(folder, training={"epochs": 2, "learning_rate": 4e-3})


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return small(tmp_path)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Any, ...]]:
    """What seven trials of a search come to that nothing has stopped."""
    folder = tmp_path_factory.mktemp("whole")
    return outcomes(tune(small(folder), folder / "out", 7, space=RATE, train=Fake(hill)))


@pytest.fixture(autouse=True)
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture takes longer than a search of these; where it is asked for, the real one is put back."""
    monkeypatch.setattr(module, "draw_tuning", lambda tuned, path: path.write_bytes(b"picture"))


def test_a_known_best_is_found_from_a_config_that_is_tried_first(
    tmp_path: Path, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "draw_tuning", draw_tuning)
    space = RATE | {"model.dropout": Dimension(low=0.0, high=0.4)}
    output, fake = tmp_path / "a{b} ?#%文", Fake(hill)
    found = tune(config, output, 18, space=space, train=fake, command="jointbert tune c.yaml\x1b[2J\nevil: true")
    assert fake.configs[0] == config and len(fake.configs) == 18
    assert found.start.number == 0 and found.start.score == pytest.approx(hill(config, 1))
    assert found.start.settings == {"training.learning_rate": 4e-3, "model.dropout": 0.1}
    assert 0.85e-3 < found.config.training.learning_rate < 1.2e-3 and found.best.score == pytest.approx(0.9, abs=0.01)
    assert found.best.score == max(trial.score or 0.0 for trial in found.trials)
    assert next(iter(found.importances)) == "training.learning_rate"
    assert all(corpus == load_corpus(config.data) for corpus in fake.corpora)

    assert {path.name for path in output.iterdir()} == {"study.db", "trials.csv", "best.yaml", "tuning.png"}
    best = load_config(output / "best.yaml")
    assert best == found.config and best.data == config.data
    written = (output / "best.yaml").read_text(encoding="utf-8")
    head = [line for line in written.splitlines() if line.startswith("#")]
    assert written.endswith("\n" + best.to_yaml())
    assert f"trial {found.best.number}, with a dev sentence accuracy of " in head[0]
    assert head[1] == r"# Found by: jointbert tune c.yaml\x1b[2J\nevil: true"
    assert head[2] == f"# Train it: jointbert train '{output}/best.yaml' --output 'models/{output.name}'"
    listed = rows(output)
    assert [row["number"] for row in listed] == [str(number) for number in range(18)]
    assert listed[0]["training.learning_rate"] == "0.004" and listed[0]["state"] == "complete"
    assert float(listed[found.best.number]["value"]) == pytest.approx(found.best.score, abs=1e-6)
    assert (output / "tuning.png").read_bytes().startswith(b"\x89PNG")


def test_nothing_better_leaves_the_config_itself(tmp_path: Path, config: Config) -> None:
    found = tune(config, tmp_path / "out", 4, train=Fake(lambda config, epoch: 0.5))
    assert found.best is found.start or found.best == found.start
    assert found.gain == 0.0 and load_config(tmp_path / "out" / "best.yaml") == config
    assert "the config itself, with a dev" in (tmp_path / "out" / "best.yaml").read_text(encoding="utf-8")


# giving up ------------------------------------------------------------------------------------------------------------


def test_a_bad_trial_is_given_up_and_a_good_one_is_not(tmp_path: Path) -> None:
    config = toy.small(tmp_path, training={"epochs": 10})
    fake = Fake(lambda config, epoch: {6: 0.1, 7: 0.9}.get(len(fake.configs), 0.8))
    found = tune(config, tmp_path / "out", 7, space=RATE, train=fake)
    assert [trial.state for trial in found.trials] == ["complete"] * 5 + ["pruned", "complete"]
    bad, good = found.trials[5:]
    assert (bad.epochs, bad.score) == (3, 0.1), "not before 30 % of the epochs, and not long after"
    assert (good.epochs, good.score) == (10, 0.9)
    assert found.best.number == 6 and found.looks == 6 * 10 + 3
    assert not (tmp_path / "out" / "trial").exists()


def test_trials_are_held_against_each_other_at_the_same_share_of_their_epochs(tmp_path: Path) -> None:
    config = toy.small(tmp_path, training={"epochs": 10})
    space = {"training.epochs": Dimension(choices=[10, 20])}
    fake = Fake(lambda config, epoch: epoch / config.training.epochs)
    found = tune(config, tmp_path / "out", 12, space=space, train=fake)
    assert {trial.settings["training.epochs"] for trial in found.trials[5:]} == {10, 20}
    assert {trial.state for trial in found.trials} == {"complete"}, "half-way through 20 epochs is not the end of 10"


# failing --------------------------------------------------------------------------------------------------------------

BROKEN = ModelError("encoder x", "cannot be had", "an encoder", "Look.")


def test_a_trial_whose_settings_cannot_be_trained_is_noted_and_counts(
    tmp_path: Path, config: Config, caplog: pytest.LogCaptureFixture
) -> None:
    found = tune(config, tmp_path / "out", 4, space=RATE, train=Fake(hill, call_3=BROKEN))
    assert [trial.state for trial in found.trials] == ["complete", "complete", "failed", "complete"]
    assert found.trials[2].error == str(BROKEN) and found.trials[2].score is None
    assert rows(tmp_path / "out")[2]["error"] == str(BROKEN)
    assert f"trial 2 failed: {BROKEN}" in caplog.messages
    assert caplog.messages.count("training says") == 1, "what training says of the data is said once"


def test_a_config_that_cannot_be_trained_stops_everything_and_leaves_room(tmp_path: Path, config: Config) -> None:
    with pytest.raises(ModelError, match="encoder x: cannot be had"):
        tune(config, tmp_path / "out", 4, space=RATE, train=Fake(hill, call_1=BROKEN))
    assert not (tmp_path / "out" / "best.yaml").exists()
    assert len(tune(config, tmp_path / "out", 2, space=RATE, train=Fake(hill)).done) == 2


def test_a_defect_is_no_failed_trial(tmp_path: Path, config: Config) -> None:
    with pytest.raises(ZeroDivisionError):
        tune(config, tmp_path / "out", 4, space=RATE, train=Fake(hill, call_2=ZeroDivisionError()))
    found = tune(config, tmp_path / "out", 4, space=RATE, train=Fake(hill), resume=True)
    assert [trial.state for trial in found.trials] == ["complete", "stopped", "complete", "complete", "complete"]


# stopping -------------------------------------------------------------------------------------------------------------


def outcomes(found: Tuned) -> list[tuple[Any, ...]]:
    return [(trial.state, trial.score, dict(trial.settings)) for trial in found.done]


@pytest.mark.parametrize("call", [1, 2, 5])
def test_a_search_that_was_interrupted_ends_like_one_that_was_not(
    tmp_path: Path, config: Config, call: int, whole: list[tuple[Any, ...]], caplog: pytest.LogCaptureFixture
) -> None:
    output, endings = tmp_path / "out", {f"call_{call}": KeyboardInterrupt()}
    with pytest.raises(KeyboardInterrupt):
        tune(config, output, 7, space=RATE, train=Fake(hill, **endings))
    kept = "no trial had ended" if call == 1 else f"{call - 1} of 7 trials are kept"
    assert f"{output}: stopped; {kept}" in caplog.messages
    assert not (output / "trial").exists()
    again = Fake(hill)
    found = tune(config, output, 7, space=RATE, train=again, resume=True)
    assert outcomes(found) == whole and len(again.configs) == 8 - call
    assert load_config(output / "best.yaml") == found.config
    if call > 1:
        assert found.trials[call - 1].state == rows(output)[call - 1]["state"] == "stopped"


@pytest.mark.parametrize("when", ["_end", "end_trial"])
def test_a_search_that_was_killed_does_the_trial_again_that_was_cut_off(
    tmp_path: Path,
    config: Config,
    when: str,
    whole: list[tuple[Any, ...]],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    output, fake, place = tmp_path / "out", Fake(hill), module._Search if when == "_end" else module
    original = getattr(place, when)

    def cut(*arguments: Any) -> None:
        if len(fake.configs) == 4:
            raise Killed
        original(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(place, when, cut)
        with pytest.raises(Killed):
            tune(config, output, 6, space=RATE, train=fake)
    (output / "trial").mkdir(exist_ok=True)  # as a kill leaves it
    assert len(rows(output)) == 3
    again = Fake(hill)
    found = tune(config, output, 6, space=RATE, train=again, resume=True)
    assert outcomes(found) == whole[:6]
    lost = when == "_end"
    assert len(again.configs) == (3 if lost else 2), "a trial that had been noted is not done again"
    assert len(rows(output)) == (7 if lost else 6)
    assert ("trial 3 was cut off; it is done again" in caplog.messages) is lost


def test_more_trials_may_be_added_and_nothing_is_left_to_do_at_the_end(
    tmp_path: Path, config: Config, whole: list[tuple[Any, ...]]
) -> None:
    tune(config, tmp_path / "out", 3, space=RATE, train=Fake(hill))
    found = tune(config, tmp_path / "out", 5, space=RATE, train=Fake(hill), resume=True)
    assert outcomes(found) == whole[:5]
    idle = Fake(hill)
    assert outcomes(tune(config, tmp_path / "out", 5, space=RATE, train=idle, resume=True)) == whole[:5]
    assert idle.configs == []


def test_time_over_means_no_other_trial(tmp_path: Path, config: Config) -> None:
    assert len(tune(config, tmp_path / "out", 9, minutes=1e-9, space=RATE, train=Fake(hill)).done) == 1
    for limits in ({"trials": 0}, {"minutes": 0.0}, {"minutes": math.nan}):
        with pytest.raises(ConfigError, match=r"--(trials|timeout-minutes): is "):
            tune(config, tmp_path / "other", train=Fake(hill), **limits)
    assert not (tmp_path / "other").exists()


# refusing -------------------------------------------------------------------------------------------------------------


def test_a_search_is_neither_overwritten_nor_gone_on_with_under_another_config(tmp_path: Path, config: Config) -> None:
    output, fake = tmp_path / "out", Fake(hill)
    tune(config, output, 2, space=RATE, train=fake)
    before = {path.name: path.read_bytes() for path in output.iterdir()}
    with pytest.raises(
        ModelError, match=r"holds a search with 2 finished trials; expected a new folder. Go on with it"
    ):
        tune(config, output, 2, space=RATE, train=fake)
    other = toy.small(tmp_path, training={"epochs": 3, "learning_rate": 4e-3})
    wider = {"training.learning_rate": Dimension(low=5e-4, high=9e-3, log=True)}
    for arguments in ((other, RATE, 13), (config, wider, 13), (config, RATE, 14)):
        with pytest.raises(ModelError, match=r"study\.db: is of another search"):
            tune(arguments[0], output, 4, space=arguments[1], seed=arguments[2], train=fake, resume=True)
    assert {path.name: path.read_bytes() for path in output.iterdir()} == before and len(fake.configs) == 2
    toy.write(tmp_path / "dev.jsonl", toy.rows(8, 99))
    with pytest.raises(ModelError, match="is of another search"):
        tune(config, output, 4, space=RATE, train=fake, resume=True)


@pytest.mark.parametrize("changed", ["values", "encoder", "tried"])
def test_a_search_does_not_go_on_with_other_value_lists_or_another_encoder_in_the_same_place(
    tmp_path: Path, changed: str
) -> None:
    files = {"values": tmp_path / "values.yaml"}
    for name in ("encoder", "tried"):
        (tmp_path / name).mkdir()
        files[name] = tmp_path / name / "model.safetensors"
        files[name].write_text("weights", encoding="utf-8")
    files["values"].write_text("city: [Paris]\n", encoding="utf-8")
    data = {"substitution": 0.5, "values": str(files["values"])}
    config, output = toy.small(tmp_path, data=data, encoder={"name": str(tmp_path / "encoder")}), tmp_path / "out"
    space = RATE | {"encoder.name": Dimension(choices=[str(tmp_path / "encoder"), str(tmp_path / "tried")])}
    for trials, resume in ((1, False), (2, True)):
        tune(config, output, trials, space=space, train=Fake(hill), resume=resume)
    files[changed].write_text("city: [Berlin]\n", encoding="utf-8")
    with pytest.raises(ModelError, match="is of another search"):
        tune(config, output, 3, space=space, train=Fake(hill), resume=True)


@pytest.mark.parametrize("name", ["study.db", "trials.csv", "best.yaml", "tuning.png", "trial"])
def test_what_others_have_written_is_never_touched(tmp_path: Path, config: Config, name: str) -> None:
    mine = tmp_path / "out" / name
    mine.parent.mkdir()
    mine.write_text("precious", encoding="utf-8")
    for resume in (False, True):
        with pytest.raises(ModelError, match="was not written by jointbert tune; expected a free place"):
            tune(config, mine.parent, 2, space=RATE, train=Fake(hill), resume=resume)
    assert mine.read_text(encoding="utf-8") == "precious" and list(mine.parent.iterdir()) == [mine]


def test_another_database_is_not_taken_for_a_study(tmp_path: Path, config: Config) -> None:
    path = tmp_path / "out" / "study.db"
    path.parent.mkdir()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE studies (study_name TEXT)")
        connection.execute("CREATE TABLE trials (state TEXT)")
        connection.execute("INSERT INTO studies VALUES ('theirs')")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(ModelError, match="was not written by jointbert tune"):
        tune(config, path.parent, 2, space=RATE, train=Fake(hill), resume=True)
    assert path.read_bytes() == before


def test_one_search_at_a_time(tmp_path: Path, config: Config) -> None:
    output = tmp_path / "out"
    output.mkdir()
    held = os.open(output, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    with pytest.raises(ModelError, match="another search is at work in it; expected one at a time"):
        tune(config, output, 2, space=RATE, train=Fake(hill))
    os.close(held)
    assert len(tune(config, output, 1, space=RATE, train=Fake(hill)).done) == 1
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ModelError, match="cannot be used"):
        tune(config, tmp_path / "file", 2, space=RATE, train=Fake(hill))


def test_without_optuna_the_message_says_what_to_install(
    tmp_path: Path, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "optuna", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'jointbert\[tune\]'"):
        tune(config, tmp_path / "out", 2, train=Fake(hill))
    assert not (tmp_path / "out").exists()


# the rest -------------------------------------------------------------------------------------------------------------


def test_the_bar_shows_the_trial_at_work_and_the_best_so_far(tmp_path: Path, config: Config) -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=80)
    found = tune(config, tmp_path / "out", 2, space=RATE, train=Fake(hill), console=console)
    best = f"best {100 * (found.best.score or 0):.1f}"
    assert "2/2" in out.getvalue() and best in out.getvalue()


def test_the_longest_line_of_the_bar_fits_a_terminal_of_80_columns() -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=80, no_color=True)
    with TrialBar(30, 12, console) as bar:
        bar.end(12, Trial(11, "complete", 0.838, {}))
        bar.hear(12, 12, 30, 0.843)
    assert "12/30 trial 12: dev 84.3 (epoch 12/30); best 83.8 0:00:00" in Text.from_ansi(out.getvalue()).plain


@pytest.mark.parametrize(
    ("intents", "slots", "absent"),
    [(True, False, {"model.crf", "model.pooling", "model.slot_weight"}), (False, True, {"model.slot_weight"})],
)
def test_what_the_data_lacks_is_not_searched(tmp_path: Path, intents: bool, slots: bool, absent: set[str]) -> None:
    kinds = {"intents": intents, "slots": slots}
    config = toy.config(tmp_path, toy.rows(24, 1, **kinds), toy.rows(8, 2, **kinds))
    found = tune(config, tmp_path / "out", 1, train=Fake(hill))
    expected = {"model.crf", "model.pooling", "model.slot_weight", "model.dropout", "training.epochs"} - absent
    assert expected < found.start.settings.keys() and not absent & found.start.settings.keys()
    assert all(value_of(config, key) == value for key, value in found.start.settings.items())
    assert judged(load_corpus(config.data)) == 8
