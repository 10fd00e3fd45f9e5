"""Cross-validation: nobody is parsed by a model that saw them, and a stopped run goes on where it was."""

from __future__ import annotations

import json
import logging
import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import toy

from jointbert.config import Config
from jointbert.data import read
from jointbert.data.out_of_fold import OutOfFold, read_out_of_fold
from jointbert.errors import DataError, ModelError
from jointbert.training import crossval
from jointbert.training.corpus import Corpus
from jointbert.training.crossval import cross_validate
from jointbert.training.run import Result
from jointbert.training.trainer import JointTrainer
from jointbert.utterance import Parse


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Path, Corpus]]:
    """The folders and the corpora of the trainings that really happen."""
    found: list[tuple[Path, Corpus]] = []
    original = crossval.train

    def noted(config: Config, output: Path, *, resume: bool, corpus: Corpus) -> Result:
        result = original(config, output, resume=resume, corpus=corpus)
        found.append((output, corpus))
        return result

    monkeypatch.setattr(crossval, "train", noted)
    return found


def small(folder: Path, **sections: Any) -> Config:
    return toy.config(folder, distinct(24), toy.rows(8, 2), **sections)


def distinct(count: int) -> list[dict[str, Any]]:
    """Utterances of which no two have the same text."""
    return list({row["text"]: row for row in toy.rows(200, 1)}.values())[:count]


def test_every_utterance_is_parsed_once_by_a_model_that_never_saw_it(
    tmp_path: Path, trained: list[tuple[Path, Corpus]]
) -> None:
    config = small(tmp_path)
    items = cross_validate(config, tmp_path / "cv", 3)
    gold = read(config.data.train)
    assert [item.gold for item in items] == gold
    assert [item.gold.where for item in items] == [utterance.where for utterance in gold]
    assert all(item.parse.text == item.gold.text for item in items)
    for number, (folder, corpus) in enumerate(trained, start=1):
        held = {item.gold.text for item in items if item.fold == number}
        assert held and held.isdisjoint(utterance.text for utterance in corpus.train)
        assert folder == tmp_path / "cv" / f"fold-{number}"
    assert {path.name for path in (tmp_path / "cv").iterdir()} == {
        "cv.json",
        "out_of_fold.jsonl",
        "scores.json",
        "label_errors.jsonl",
    }


@pytest.mark.parametrize("part", [6, 24])
def test_no_fold_learns_from_what_it_is_chosen_and_calibrated_on(
    part: int, tmp_path: Path, trained: list[tuple[Path, Corpus]], caplog: pytest.LogCaptureFixture
) -> None:
    """As in the app, whose dev is a copy of a part of train."""
    rows = distinct(24)
    config = toy.config(tmp_path, rows, rows[:part])
    with caplog.at_level(logging.WARNING, "jointbert.training"):
        items = cross_validate(config, tmp_path / "cv", 3)
    data = config.data
    assert (
        f"{data.train}: {part} of 24 utterances are in {data.dev} as well; the folds choose their epoch by these, and "
        "learn from them only where others are missing"
    ) in caplog.messages
    assert len(items) == 24 and len(trained) == 3
    for number, (_, corpus) in enumerate(trained, start=1):
        held = {item.gold.text for item in items if item.fold == number}
        learned, chosen = ({item.text for item in split} for split in (corpus.train, corpus.dev))
        assert learned.isdisjoint(chosen) and learned.isdisjoint(held)
        assert learned | chosen | held == {row["text"] for row in rows}
        assert len(learned) >= 9, "three quarters, more or less, of what is not held out"
        assert corpus.labels.intents is not None and set(corpus.labels.intents) == set(toy.FORMS)


def test_a_fold_that_cannot_keep_dev_apart_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    odd = [{"text": "hm", "intent": "odd"}, {"text": "hm well", "intent": "odd"}]
    config = toy.config(tmp_path, [*distinct(16), *odd], odd)
    with caplog.at_level(logging.WARNING, "jointbert.training"):
        items = cross_validate(config, tmp_path / "cv", 2)
    assert len(items) == 18
    what = "its confidences are fitted on utterances that it learns from: too few others have their labels"
    assert [line for line in caplog.messages if "confidences" in line] == []
    alone = toy.config(tmp_path, [*distinct(16), *odd], odd[:1])
    with caplog.at_level(logging.WARNING, "jointbert.training"):
        [held] = [item.fold for item in cross_validate(alone, tmp_path / "cv", 2) if item.gold.text == "hm"]
    assert [line for line in caplog.messages if "confidences" in line] == [f"fold {3 - held}: {what}"]


def test_the_file_gives_back_what_was_returned(tmp_path: Path) -> None:
    config = small(tmp_path)
    items = cross_validate(config, tmp_path / "cv", 2, keep_models=True)
    path = tmp_path / "cv" / "out_of_fold.jsonl"
    assert list(read_out_of_fold(path)) == sorted(items, key=lambda item: item.fold)
    line = json.loads(path.read_text(encoding="utf-8").splitlines()[0])
    assert list(line) == ["text", "intent", "slots", "id", "where", "fold", "parse"]
    assert line["parse"] == next(item for item in items if item.gold.text == line["text"]).parse.to_dict()
    scores = json.loads((tmp_path / "cv" / "scores.json").read_text(encoding="utf-8"))
    right = sum(item.gold.intent == item.parse.intent for item in items)
    assert scores["utterances"] == len(items)
    assert scores["intent_accuracy"] == pytest.approx(right / len(items))
    assert (tmp_path / "cv" / "fold-2" / "model.safetensors").is_file()


def test_the_toy_corpus_is_learned_out_of_fold(tmp_path: Path) -> None:
    config = toy.config(tmp_path, toy.rows(200, 1), toy.rows(40, 2), training={"epochs": 5})
    items = cross_validate(config, tmp_path / "cv", 2)
    most = max(Counter(item.gold.intent for item in items).values())
    assert sum(item.gold.intent == item.parse.intent for item in items) > 1.4 * most, "more than always saying one"


def test_finished_folds_are_kept_and_a_stopped_one_goes_on(
    tmp_path: Path, trained: list[tuple[Path, Corpus]], monkeypatch: pytest.MonkeyPatch
) -> None:
    config, output = small(tmp_path, training={"epochs": 2}), tmp_path / "cv"
    whole = cross_validate(config, tmp_path / "whole", 2)
    save, saved = JointTrainer._save_checkpoint, []

    def save_and_stop(self: JointTrainer, *args: Any) -> None:
        save(self, *args)
        saved.append(self.state.epoch)
        if saved == [1.0, 2.0, 1.0]:
            raise KeyboardInterrupt

    with monkeypatch.context() as stopping:
        stopping.setattr(JointTrainer, "_save_checkpoint", save_and_stop)
        with pytest.raises(KeyboardInterrupt):
            cross_validate(config, output, 2)
        trained.clear()
        assert cross_validate(config, output, 2) == whole
    assert saved == [1.0, 2.0, 1.0, 2.0], "every epoch of every fold was trained once"
    assert [folder.name for folder, _ in trained] == ["fold-2"]


def test_a_fold_stopped_after_its_training_is_trained_again(
    tmp_path: Path, trained: list[tuple[Path, Corpus]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stops(_: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as stopping, pytest.raises(KeyboardInterrupt):
        stopping.setattr(crossval, "load_predictor", stops)
        cross_validate(small(tmp_path), tmp_path / "cv", 2)
    assert len(cross_validate(small(tmp_path), tmp_path / "cv", 2)) == 24
    assert [folder.name for folder, _ in trained] == ["fold-1", "fold-1", "fold-2"]


@pytest.fixture
def guessed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of the folds that are run; their parses are guesses, so that no time is spent on training."""
    numbers: list[int] = []

    def guess(config: Config, corpus: Corpus, part: Sequence[int], number: int, output: Path) -> list[OutOfFold]:
        numbers.append(number)
        (output / f"fold-{number}").mkdir(exist_ok=True)
        (output / f"fold-{number}" / "manifest.json").touch()
        return [OutOfFold(corpus.train[index], Parse(corpus.train[index].text, "bye"), number) for index in part]

    monkeypatch.setattr(crossval, "_fold", guess)
    return numbers


def test_a_fold_whose_lines_are_not_all_there_is_run_again(tmp_path: Path, guessed: list[int]) -> None:
    config, output = small(tmp_path), tmp_path / "cv"
    whole, path = cross_validate(config, output, 3), output / "out_of_fold.jsonl"
    assert guessed == [1, 2, 3]
    assert cross_validate(config, output, 3) == whole
    assert guessed == [1, 2, 3], "nothing was left to run"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([line for line in lines if '"fold": 2' not in line][:-1]) + lines[-1][:30])
    assert cross_validate(config, output, 3) == whole
    assert guessed == [1, 2, 3, 2, 3]
    assert sorted(path.read_text(encoding="utf-8").splitlines(keepends=True)) == sorted(lines)


@pytest.mark.parametrize("changed", ["config", "train", "dev", "folds", "values", "encoder"])
def test_another_config_or_other_data_start_anew(
    changed: str, tmp_path: Path, guessed: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    output, values, encoder = tmp_path / "cv", tmp_path / "values.yaml", tmp_path / "mine" / "model.safetensors"
    values.write_text("city: [Paris]\n", encoding="utf-8")
    encoder.parent.mkdir()
    encoder.write_bytes(b"weights")
    sections = {"data": {"substitution": 0.5, "values": str(values)}, "encoder": {"name": str(encoder.parent)}}
    cross_validate(small(tmp_path, **sections), output, 2, keep_models=True)
    assert (output / "fold-2").is_dir()
    guessed.clear()
    config = small(tmp_path, **sections, training={"seed": 6} if changed == "config" else {})
    if changed == "values":
        values.write_text("city: [Berlin]\n", encoding="utf-8")
    if changed == "encoder":
        encoder.write_bytes(b"WEIGHTS")
    if changed in ("train", "dev"):
        path = Path(getattr(config.data, changed))
        toy.write(path, [*map(json.loads, path.read_text().splitlines()), {"text": "so long now", "intent": "bye"}])
    with caplog.at_level(logging.WARNING, "jointbert.training"):
        items = cross_validate(config, output, 3 if changed == "folds" else 2)
    what = "is of another config, other data, another encoder or other folds; starting anew"
    assert f"{output}: {what}" in caplog.messages
    assert guessed == ([1, 2, 3] if changed == "folds" else [1, 2])
    assert len(list(read_out_of_fold(output / "out_of_fold.jsonl"))) == len(items)
    assert not list(output.glob("fold-*"))


def test_models_that_were_kept_stay_and_those_that_were_not_are_trained_anew(
    tmp_path: Path, guessed: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    config, output = small(tmp_path), tmp_path / "cv"
    whole = cross_validate(config, output, 3, keep_models=True)
    assert cross_validate(config, output, 3) == whole and guessed == [1, 2, 3]
    assert sorted(path.name for path in output.glob("fold-*")) == ["fold-1", "fold-2", "fold-3"], "kept on purpose"
    shutil.rmtree(output / "fold-2")
    with caplog.at_level(logging.WARNING, "jointbert.training"):
        assert cross_validate(config, output, 3, keep_models=True) == whole
    assert guessed == [1, 2, 3, 2] and (output / "fold-2").is_dir()
    assert f"{output}: these folds are finished and have no model, they are trained anew: 2" in caplog.messages
    assert len((output / "out_of_fold.jsonl").read_text(encoding="utf-8").splitlines()) == len(whole)


def test_what_a_stop_left_of_a_model_that_is_not_kept_is_removed(
    tmp_path: Path, guessed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    config, output = small(tmp_path), tmp_path / "cv"

    def stops(_: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as stopping, pytest.raises(KeyboardInterrupt):
        stopping.setattr(crossval.shutil, "rmtree", stops)
        cross_validate(config, output, 2)
    assert (output / "fold-1").is_dir()
    cross_validate(config, output, 2)
    assert guessed == [1, 2] and not list(output.glob("fold-*"))


def test_an_intent_with_a_single_text_is_held_out_and_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    config = toy.config(tmp_path, [*distinct(16), {"text": "hm", "intent": "odd"}], toy.rows(8, 2))
    with caplog.at_level(logging.WARNING, "jointbert.training"):
        items = cross_validate(config, tmp_path / "cv", 2)
    assert "intents with a single text count as wrong, for it is held out from learning: odd" in caplog.messages
    [odd] = [item for item in items if item.gold.intent == "odd"]
    assert odd.parse.intent in toy.FORMS


def test_what_others_have_written_is_never_removed(tmp_path: Path) -> None:
    mine = tmp_path / "cv" / "fold-1" / "thesis.txt"
    mine.parent.mkdir(parents=True)
    mine.write_text("precious", encoding="utf-8")
    with pytest.raises(ModelError, match="was not written by a cross-validation; expected a free place"):
        cross_validate(small(tmp_path), tmp_path / "cv", 2)
    assert mine.read_text(encoding="utf-8") == "precious"


def test_what_is_wrong_is_said_before_anything_is_trained(tmp_path: Path) -> None:
    config = small(tmp_path)
    with pytest.raises(DataError, match="folds: are 1; expected 2 at least"):
        cross_validate(config, tmp_path / "cv", 1)
    with pytest.raises(DataError, match="folds: are 25, for 24 different texts"):
        cross_validate(config, tmp_path / "cv", 25)
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ModelError, match="cannot be used"):
        cross_validate(config, tmp_path / "file", 2)
    assert not (tmp_path / "cv").exists()
