"""What a model was trained on: where it is looked up, and that what is out of scope has no part in it."""

from __future__ import annotations

from pathlib import Path

import pytest
import tiny
import toy

from jointbert.errors import DataError
from jointbert.report.trained_on import TrainedOn, find_training

ROWS = [{"text": f"book {number}", "intent": "book"} for number in range(4)]
OOS = [{"text": "2 + 2", "intent": "oos"}]


def model(folder: Path, **data: object) -> Path:
    """A model folder with nothing but the config of its training."""
    config = toy.config(folder, ROWS + OOS, ROWS, data=dict(data))
    (folder / "model").mkdir()
    (folder / "model" / "training.yaml").write_text(config.to_yaml(), encoding="utf-8")
    return folder / "model"


def counts(found: TrainedOn) -> tuple[int | None, int]:
    return None if found.utterances is None else len(found.utterances), found.outside


def test_what_the_config_marks_was_not_trained(tmp_path: Path) -> None:
    folder = model(tmp_path, out_of_scope_intent="oos")
    found = find_training(folder, None, tiny.nlu(), None)
    assert counts(found) == (4, 1) and found.where == str(tmp_path / "train.jsonl")
    assert counts(find_training(folder, tmp_path / "train.jsonl", tiny.nlu(), "another")) == (4, 1)


def test_where_the_config_marks_nothing_the_marker_of_the_scope_does(tmp_path: Path) -> None:
    folder = model(tmp_path)
    assert counts(find_training(folder, None, tiny.nlu(), "oos")) == (4, 1)
    assert counts(find_training(folder, None, tiny.nlu(), None)) == (5, 0)
    (folder / "training.yaml").unlink()
    assert counts(find_training(folder, tmp_path / "train.jsonl", tiny.nlu(), "oos")) == (4, 1)


def test_an_intent_that_was_trained_stays_with_all_that_was_trained_under_it(tmp_path: Path) -> None:
    more = toy.write(tmp_path / "more.jsonl", [{"text": "who won"}, {"text": "is it art", "intent": "fun"}])
    named = {"out_of_scope_intent": "book", "out_of_scope_as_intent": True, "out_of_scope_train": more}
    folder = model(tmp_path, **named)
    found = find_training(folder, None, tiny.nlu(), None)
    assert counts(found) == (7, 0)
    assert [utterance.intent for utterance in found.utterances or ()][-2:] == ["book", "book"]
    Path(more).unlink()
    assert f"names {more}, which is not here" in (find_training(folder, None, tiny.nlu(), None).why_none or "")


def test_what_another_version_had_besides_data_does_not_hide_the_training_data(tmp_path: Path) -> None:
    folder = model(tmp_path, substitution=0.5)
    path = folder / "training.yaml"
    content = path.read_text(encoding="utf-8")
    path.write_text(content.replace("model:\n", "model:\n  scalar_mix: 4\n"), encoding="utf-8")
    found = find_training(folder, None, tiny.nlu(), None)
    assert counts(found) == (5, 0) and found.why_none is None
    assert found.origin is not None and found.origin.data.substitution == 0.5
    path.write_text(content.replace("data:\n", "data:\n  trian: 4\n"), encoding="utf-8")
    found = find_training(folder, None, tiny.nlu(), None)
    assert found.why_none == (
        f"{path} cannot be used (data.trian: unknown key with value 4; did you mean 'train'?); name it with --train"
    )
    assert find_training(folder, tmp_path / "train.jsonl", tiny.nlu(), None).origin is None


def test_training_data_that_is_all_out_of_scope_is_the_wrong_file(tmp_path: Path) -> None:
    path = toy.write(tmp_path / "oos.jsonl", OOS)
    with pytest.raises(DataError) as refused:
        find_training(model(tmp_path), path, tiny.nlu(), "oos")
    assert str(refused.value) == (
        f"{path}: holds only utterances out of scope; expected some in scope. "
        "Name what the model was trained on: --train PATH."
    )
