"""A training run: it learns, it repeats itself to the bit, it trains the heads that the data has labels for."""

from __future__ import annotations

import logging
from itertools import pairwise
from pathlib import Path

import pytest
import tiny
import torch
import toy

from jointbert.config import Config
from jointbert.errors import AlignmentError, DataError, ModelError
from jointbert.inference.nlu import NLU
from jointbert.training import run, trainer
from jointbert.training.build import Fresh, build_model
from jointbert.training.corpus import Corpus
from jointbert.training.run import train

FILES = {
    "calibration.json",
    "manifest.json",
    "config.json",
    "labels.json",
    "model.safetensors",
    "model_card.md",
    "progress.jsonl",
    "tokenizer.json",
    "tokenizer_config.json",
    "training.yaml",
    "training_curve.png",
    "work",
}


def test_the_toy_corpus_is_learned(toy_folder: Path) -> None:
    nlu = NLU.load(toy_folder / "model")
    items = toy.rows(40, 2)
    right = 0
    for item, parse in zip(items, nlu.parse_many([item["text"] for item in items]), strict=True):
        spans = [{"slot": span.slot, "start": span.start, "end": span.end} for span in parse.spans]
        right += spans == item["slots"] and parse.intent == item["intent"]
    assert right / len(items) > 0.9


def test_a_finished_run_leaves_the_model_its_logs_and_no_checkpoints(toy_folder: Path) -> None:
    folder = toy_folder / "model"
    assert {path.name for path in folder.iterdir()} == FILES
    assert {path.name for path in (folder / "work").iterdir()} == {"config.yaml", "logs"}
    assert list((folder / "work" / "logs").glob("events.out.tfevents.*"))
    assert (folder / "training.yaml").read_text() == toy.learnable(toy_folder).to_yaml()


def test_an_encoder_is_not_written_over(tmp_path: Path) -> None:
    """Least of all the one that the run would start from."""
    encoder = tmp_path / "encoder"
    tiny.model().encoder.save_pretrained(encoder)
    before = {path.name: path.read_bytes() for path in encoder.iterdir()}
    with pytest.raises(ModelError, match=r"holds an encoder .*'bert'.* Choose another --output: the encoder would"):
        train(toy.small(tmp_path), encoder)
    assert {path.name: path.read_bytes() for path in encoder.iterdir()} == before


def test_each_run_logs_into_its_own_folder_and_prints_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    config = toy.small(tmp_path)
    first, second = train(config, tmp_path / "a"), train(config, tmp_path / "b")
    for result in (first, second):
        assert len(list((result.folder / "work" / "logs").glob("events.*"))) == 1
    assert toy.same(toy.weights(first.folder), toy.weights(second.folder)), "the same seed gives the same weights"
    other = train(config.model_copy(update={"training": config.training.model_copy(update={"seed": 6})}), first.folder)
    assert not toy.same(toy.weights(other.folder), toy.weights(second.folder)), "another seed gives others"
    assert capfd.readouterr() == ("", "")


def test_without_slots_the_intent_head_stands_alone(tmp_path: Path) -> None:
    config = toy.config(tmp_path, toy.rows(24, 1, slots=False), toy.rows(8, 2), training={"patience": 1})
    result = train(config, tmp_path / "m")
    names = toy.weights(result.folder)
    assert any(name.startswith("intent_head") for name in names)
    assert not any(name.startswith(("slot_head", "crf")) for name in names)
    parse = NLU.load(result.folder).parse("fly to Rome")
    assert parse.intent in toy.FORMS
    assert parse.spans == ()


def test_without_intents_the_slot_head_stands_alone(tmp_path: Path) -> None:
    config = toy.config(tmp_path, toy.rows(24, 1, intents=False), toy.rows(8, 2))
    result = train(config, tmp_path / "m")
    names = toy.weights(result.folder)
    assert any(name.startswith("slot_head") for name in names)
    assert not any(name.startswith("intent_head") for name in names)
    parse = NLU.load(result.folder).parse("fly to Rome")
    assert (parse.intent, parse.intent_confidence, parse.ranking) == (None, None, ())
    assert result.dev.intent_accuracy is None


def test_every_extra_trains_together_and_parses_legally(tmp_path: Path) -> None:
    extras = {"crf": True, "pooling": "mean", "intent_conditioned": True, "piece_dropout": 0.2, "slot_weight": 2.0}
    training = {"layer_decay": 0.8, "precision": "bf16", "accumulation": 2, "warmup": 1.0, "epochs": 2}
    result = train(toy.small(tmp_path, model=extras, training=training), tmp_path / "m")
    names = toy.weights(result.folder)
    assert {name.split(".")[0] for name in names} == {"encoder", "intent_head", "slot_head", "crf"}
    assert all(tensor.dtype == torch.float32 for tensor in names.values())
    for parse in NLU.load(result.folder).parse_many(["fly to Rome", "", "order soup for noon", "?" * 100]):
        assert all(parse.text[span.start : span.end] == span.value for span in parse.spans)
        assert all(one.end <= other.start for one, other in pairwise(parse.spans))


# gradient accumulation ----------------------------------------------------------------------------------------------


def without_dropout(config: Config, corpus: Corpus) -> Fresh:
    fresh = build_model(config, corpus)
    tiny.without_dropout(fresh.model)
    return fresh


def test_two_steps_of_8_move_the_weights_as_one_of_16(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "build_model", without_dropout)
    # plain descent: the weights' move is the gradient itself, which Adam would hide behind its sign
    monkeypatch.setattr(trainer, "build_optimizer", lambda model, _: torch.optim.SGD(model.parameters(), lr=0.1))
    items = [row for row in toy.rows(300, 3) if row["text"].startswith("fly to")][:16]
    assert len(items) == 16
    moved = []
    for batch_size, accumulation in ((16, 1), (8, 2)):
        steps = {"batch_size": batch_size, "accumulation": accumulation, "warmup": 0.0, "max_grad_norm": 1e9}
        folder = tmp_path / str(batch_size)
        folder.mkdir()
        moved.append(toy.weights(train(toy.config(folder, items, items[:4], training=steps), folder / "m").folder))
    for name, tensor in moved[0].items():
        torch.testing.assert_close(tensor, moved[1][name], rtol=1e-4, atol=1e-5)


# what is wrong is said before anything is trained -------------------------------------------------------------------


@pytest.mark.parametrize("split", ["train", "dev"])
def test_an_empty_split_is_refused(tmp_path: Path, split: str) -> None:
    config = toy.small(tmp_path)
    Path(getattr(config.data, split)).write_text("\n", encoding="utf-8")
    with pytest.raises(DataError, match=f"holds no utterance; expected {split} utterances"):
        train(config, tmp_path / "m")
    assert not (tmp_path / "m").exists()


def test_half_missing_intents_are_refused_with_the_first_place(tmp_path: Path) -> None:
    config = toy.config(tmp_path, [*toy.rows(3, 1), *toy.rows(2, 1, intents=False)], toy.rows(8, 2))
    with pytest.raises(DataError, match=r"train\.jsonl:4: 2 of 5 training utterances have no intent"):
        train(config, tmp_path / "m")


@pytest.mark.parametrize(
    ("train_kinds", "dev_kinds", "wanted"),
    [
        ({}, {"intents": False, "slots": False}, "has no intents and no slots"),
        ({"slots": False}, {"intents": False}, "has no intents; expected"),
        ({"intents": False}, {"slots": False}, "has no slots; expected"),
        ({}, {"slots": False}, "has no slot in any of its 8 utterances; .* of the training utterances have some"),
    ],
)
def test_a_dev_set_that_can_choose_nothing_is_refused(
    tmp_path: Path, train_kinds: dict[str, bool], dev_kinds: dict[str, bool], wanted: str
) -> None:
    config = toy.config(tmp_path, toy.rows(8, 1, **train_kinds), toy.rows(8, 2, **dev_kinds))
    with pytest.raises(DataError, match=wanted):
        train(config, tmp_path / "m")


def test_a_dev_set_without_slots_may_be_right_where_they_are_rare(tmp_path: Path) -> None:
    bare = toy.rows(40, 3, slots=False)
    result = train(toy.config(tmp_path, [*toy.rows(2, 1), *bare], toy.rows(8, 2, slots=False)), tmp_path / "m")
    assert result.dev.intent_accuracy is not None


def test_unseen_dev_labels_and_misfits_are_reported_and_counted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cut = {"text": "fly to Rome", "intent": "travel", "slots": [{"slot": "city", "start": 7, "end": 9}]}
    odd = {"text": "fly to Rome", "intent": "fly", "slots": [{"slot": "town", "start": 7, "end": 11}]}
    config = toy.config(tmp_path, [*toy.rows(8, 1), cut, cut], [odd, *toy.rows(3, 2), odd])
    with caplog.at_level(logging.WARNING, "jointbert.training"):
        train(config, tmp_path / "m")
    said = "\n".join(caplog.messages)
    assert "labels unseen in training count as wrong: intent fly (2), slot town (2)" in said
    assert f"2 widened, the first at {tmp_path / 'train.jsonl'}:9: slot 'city' 'Ro' [7:9] cuts a word" in said


@pytest.mark.parametrize(
    ("policy", "item", "wanted"),
    [
        ("on_misfit", {"text": "go now", "intent": "bye", "slots": [{"slot": "x", "start": 0, "end": 1}]}, "cuts a"),
        ("on_overlong", {"text": "go " * 60, "intent": "bye"}, "characters fit"),
    ],
)
def test_under_the_policy_error_the_first_of_them_ends_the_run(
    tmp_path: Path, policy: str, item: dict[str, object], wanted: str
) -> None:
    config = toy.config(tmp_path, [*toy.rows(8, 1), item], toy.rows(3, 2), data={policy: "error"})
    with pytest.raises(AlignmentError, match=rf"train\.jsonl:9: .*{wanted}"):
        train(config, tmp_path / "m")


def test_an_output_that_cannot_be_written_is_the_users_mistake(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ModelError, match="cannot be written"):
        train(toy.small(tmp_path), tmp_path / "file")


def test_a_work_folder_of_somebody_else_is_never_removed(tmp_path: Path) -> None:
    (tmp_path / "m" / "work").mkdir(parents=True)
    mine = tmp_path / "m" / "work" / "thesis.txt"
    mine.write_text("precious", encoding="utf-8")
    with pytest.raises(ModelError, match="holds files that no run of jointbert has written"):
        train(toy.small(tmp_path), tmp_path / "m")
    assert mine.read_text(encoding="utf-8") == "precious"
