"""Pretraining from text to an encoder's folder: it learns, goes on after a stop, and says what is wrong."""

from __future__ import annotations

import csv
import errno
import json
import logging
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("datasets", reason="the pretrain extra is not installed")
import numpy as np
import torch
from invented_corpus import TOPICS, going_on, on_two_processes, other_tokenizer, prepare, settings, stop, weights
from safetensors import SafetensorError
from toy import held, small

from jointbert.codec.pretrained import load_tokenizer
from jointbert.config import load_pretrain_config
from jointbert.errors import ConfigError, DataError, JointBertError, ModelError
from jointbert.fitting.work import open_work
from jointbert.model.pretraining import load_pretraining_model
from jointbert.pretraining.run import pretrain
from jointbert.pretraining.start import masking_tokenizer
from jointbert.pretraining.trainer import PretrainTrainer
from jointbert.training.run import train


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepare(tmp_path_factory.mktemp("pretraining"))


@pytest.fixture(scope="module")
def made(place: Path) -> Path:
    """An encoder after 150 steps."""
    config = settings(
        place,
        training__steps=150,
        training__batch_size=16,
        training__save_every=75,
        training__learning_rate=3e-3,
        model__weights="fp16",
    )
    pretrain(config, place / "made")
    return place / "made"


def test_it_learns_more_than_how_often_each_piece_occurs(place: Path, made: Path) -> None:
    tokenizer = load_tokenizer(str(place / "tokenizer"))
    pieces = tokenizer((place / "corpus.txt").read_text(), add_special_tokens=False)["input_ids"]
    shares = np.unique(pieces, return_counts=True)[1] / len(pieces)
    record = json.loads((made / "pretraining.json").read_text())
    assert record["mlm_perplexity"] < 0.6 * np.exp(-(shares * np.log(shares)).sum())
    assert record["mlm_accuracy"] > 1.3 * shares.max()
    assert 0 < record["nsp_accuracy"] < 1  # telling pairs takes longer; tests/model sees that it is learned


def test_the_curve_is_kept_as_numbers_and_picture(made: Path) -> None:
    rows = list(csv.DictReader((made / "pretraining_curve.csv").open()))
    training, held_out = [row for row in rows if row["loss"]], [row for row in rows if row["eval_mlm_loss"]]
    assert [int(row["step"]) for row in held_out] == [75, 150]
    assert float(training[-1]["mlm_loss"]) < 0.75 * float(training[0]["mlm_loss"])
    for row in training:
        assert float(row["loss"]) == pytest.approx(float(row["mlm_loss"]) + float(row["nsp_loss"]), abs=0.1)
        assert float(row["pieces_per_second"]) > 0
    assert (made / "pretraining_curve.png").read_bytes().startswith(b"\x89PNG")


def test_the_folder_is_an_encoder_with_both_heads_and_no_leftovers(made: Path) -> None:
    model, missing = load_pretraining_model(str(made))
    assert missing == set()
    assert json.loads((made / "config.json").read_text())["architectures"] == ["BertForPreTraining"]
    assert {tensor.dtype for tensor in weights(made).values()} == {torch.float16}
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}
    assert sorted(path.name for path in (made / "work").iterdir()) == ["config.yaml", "logs"]
    assert "MLM perplexity" in (made / "README.md").read_text()


def test_the_same_config_gives_the_same_encoder_and_so_does_a_stopped_run(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = settings(place, training__steps=6, training__save_every=2, model__dropout=0.1)
    pretrain(config, tmp_path / "straight")
    stop(monkeypatch, PretrainTrainer, 5, lambda: pretrain(config, tmp_path / "stopped"))
    assert not (tmp_path / "stopped" / "model.safetensors").exists()
    needed = {name: size_of(tmp_path / "stopped" / "work" / name) for name in ("checkpoint-4", "examples")}
    pretrain(config, tmp_path / "stopped", resume=True)
    straight, resumed = weights(tmp_path / "straight"), weights(tmp_path / "stopped")
    for name, tensor in straight.items():
        assert torch.equal(tensor, resumed[name]), name
    pieces = json.loads((tmp_path / "straight" / "pretraining.json").read_text())["pieces"]
    assert needed["checkpoint-4"] / sum(tensor.numel() for tensor in straight.values()) == pytest.approx(12, rel=0.05)
    assert needed["examples"] / pieces < 14  # docs/pretraining.md says how much room a run needs
    steps = [row["step"] for row in csv.DictReader((tmp_path / "stopped" / "pretraining_curve.csv").open())]
    assert steps == [row["step"] for row in csv.DictReader((tmp_path / "straight" / "pretraining_curve.csv").open())]


def size_of(folder: Path) -> int:
    """Bytes that a folder's files hold."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_another_tokenizer_does_not_resume(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config, output = settings(prepare(tmp_path), training__save_every=2), tmp_path / "out"
    stop(monkeypatch, PretrainTrainer, 4, lambda: pretrain(config, output))
    before = held(output)
    shutil.copytree(tmp_path / "tokenizer", tmp_path / "kept")
    other_tokenizer(tmp_path / "tokenizer")
    with pytest.raises(ModelError) as caught:
        pretrain(config, output, resume=True)
    assert str(caught.value) == (
        f"{output}: the tokenizer has changed since the run was stopped; expected the tokenizer of the run to resume. "
        "Start anew in another folder."
    )
    assert held(output) == before
    shutil.copytree(tmp_path / "kept", tmp_path / "tokenizer", dirs_exist_ok=True)
    pretrain(config, output, resume=True)
    assert (output / "tokenizer.json").read_bytes() == (tmp_path / "kept" / "tokenizer.json").read_bytes()


def test_other_text_does_not_resume(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config, output = settings(prepare(tmp_path), training__save_every=2), tmp_path / "out"
    stop(monkeypatch, PretrainTrainer, 4, lambda: pretrain(config, output))
    before, text = held(output), Path(config.corpus.sources[0].path)
    whole = text.read_bytes()
    text.write_bytes(whole + b"\nOne more line.\n")
    with pytest.raises(ModelError, match="the text has changed since the run was stopped"):
        pretrain(config, output, resume=True)
    assert held(output) == before
    text.write_bytes(whole)
    pretrain(config, output, resume=True)


def test_what_a_stopped_run_left_is_not_cleared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config, output = settings(prepare(tmp_path), training__save_every=2), tmp_path / "out"
    stop(monkeypatch, PretrainTrainer, 4, lambda: pretrain(config, output))
    before = held(output)
    with pytest.raises(ModelError) as caught:
        pretrain(config, output)
    assert str(caught.value) == (
        f"{output}: holds a stopped run (work/checkpoint-2); expected a free place. Go on with it by --resume, choose "
        f"another folder, or remove {output / 'work'} to start anew."
    )
    with pytest.raises(ModelError, match=r"holds a stopped run \(work/checkpoint-2\)"):
        train(small(tmp_path), output)
    assert held(output) == before


def test_what_a_stopped_training_left_is_not_cleared(tmp_path: Path) -> None:
    config, output = settings(prepare(tmp_path)), tmp_path / "out"
    assert open_work(output, "a: training\n", False, {}) is None
    (output / "work" / "checkpoint-7").mkdir()
    (output / "work" / "checkpoint-7" / "trainer_state.json").write_text("{}")
    before = held(output)
    with pytest.raises(ModelError, match=r"holds a stopped run \(work/checkpoint-7\)"):
        pretrain(config, output)
    assert held(output) == before
    assert open_work(output, "a: training\n", False, {}) is None, "a short one begins anew"
    assert not (output / "work" / "checkpoint-7").exists()


def test_a_finished_run_is_not_resumed_and_nothing_is_touched(place: Path, tmp_path: Path) -> None:
    config, output = settings(place), tmp_path / "out"
    pretrain(config, output)
    before = held(output)
    with pytest.raises(ModelError, match="out: is finished already; expected a run that was stopped"):
        pretrain(config, output, resume=True)
    assert held(output) == before


@pytest.mark.parametrize("fails", ["before training", "while training", "while saving"])
def test_a_run_that_fails_leaves_the_encoder_of_an_earlier_one_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    output = tmp_path / "out"
    pretrain(settings(prepare(tmp_path)), output)
    names = {path.name for path in output.iterdir()} - {"work", "pretraining_curve.csv", "pretraining_curve.png"}
    assert {"config.json", "model.safetensors", "tokenizer.json", "pretraining.json", "README.md"} <= names
    before = {name: (output / name).read_bytes() for name in names}
    other_tokenizer(tmp_path / "tokenizer")
    if fails == "before training":
        with pytest.raises(DataError, match="a batch takes 4096"):
            pretrain(settings(tmp_path, training__batch_size=4096), output)
    elif fails == "while training":
        stop(monkeypatch, PretrainTrainer, 2, lambda: pretrain(settings(tmp_path), output))
    else:
        with monkeypatch.context() as patch, pytest.raises(ModelError, match="the disk is full"):
            patch.setattr("jointbert.pretraining.run.save_pretraining_model", _full)
            pretrain(settings(tmp_path), output)
    assert {name: (output / name).read_bytes() for name in names} == before
    shutil.rmtree(output / "work")
    pretrain(settings(tmp_path, training__seed=2), output)
    after = {name: (output / name).read_bytes() for name in names}
    changed = {name for name in names if after[name] != before[name]}
    assert {"model.safetensors", "tokenizer.json", "pretraining.json"} <= changed


def _full(*_: Any, **__: Any) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_mlm_alone_leaves_next_sentences_alone(place: Path, tmp_path: Path) -> None:
    result = pretrain(settings(place, objective__nsp=False), tmp_path / "mlm")
    assert result.nsp_accuracy is None
    rows = list(csv.DictReader((tmp_path / "mlm" / "pretraining_curve.csv").open()))
    assert all(row["nsp_loss"] == "" for row in rows)


def test_a_checkpoint_goes_on_with_its_own_tokenizer(made: Path, tmp_path: Path) -> None:
    (tmp_path / "corpus.txt").write_text("\n\n".join(f"{line}." for line in TOPICS["food"] * 40), encoding="utf-8")
    config = going_on(tmp_path, objective__nsp=False, training__learning_rate=1e-5)
    result = pretrain(config, tmp_path / "adapted", start=str(made))
    assert result.perplexity < 20  # it begins where the other run ended
    assert json.loads((tmp_path / "adapted" / "pretraining.json").read_text())["start"] == str(made)
    kept = load_pretrain_config(tmp_path / "adapted" / "pretraining.yaml")  # says nothing that was not used
    assert kept == config and kept.model.model_fields_set == {"dropout", "weights"}


def test_what_a_checkpoint_brings_itself_is_not_set_beside_it(place: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        pretrain(settings(place, model__positions="random"), tmp_path / "out", start="mini-en")
    assert str(caught.value) == (
        "model.tokenizer, model.size, model.max_pieces, model.positions: cannot be set together with --from: the "
        "checkpoint brings its own; expected a config without. Take that out, or start without --from."
    )
    assert not (tmp_path / "out").exists()


def test_an_input_too_long_for_a_checkpoint_is_shortened_there(place: Path, made: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        pretrain(going_on(place, objective__length=128), tmp_path / "out", start=str(made))
    assert str(caught.value) == (
        "objective.length: is 128, and the encoder has 64 positions; expected at most as many pieces as positions. "
        "Lower objective.length."
    )


@pytest.mark.parametrize("nsp", [True, False])
def test_two_processes_do_what_one_does_at_the_same_global_batch(place: Path, tmp_path: Path, nsp: bool) -> None:
    """Three steps of AdamW; weights move by about 1e-3 a step and may differ by 2e-5 by the way of summing."""
    config = settings(place, objective__nsp=nsp, training__steps=3, training__batch_size=8)
    pretrain(config, tmp_path / "one")
    done = on_two_processes("pretrain", config.to_yaml(), tmp_path / "two", "--set", "training.batch_size=4")
    assert done.stdout.count("held-out perplexity") == 1
    one, two = weights(tmp_path / "one"), weights(tmp_path / "two")
    assert set(one) == set(two)
    for name, tensor in one.items():
        torch.testing.assert_close(two[name], tensor, rtol=0, atol=2e-5, msg=name)
    records = [json.loads((tmp_path / name / "pretraining.json").read_text()) for name in ("one", "two")]
    assert records[0]["mlm_perplexity"] == pytest.approx(records[1]["mlm_perplexity"], rel=1e-3)


@pytest.mark.parametrize(
    ("text", "changes", "message"),
    [
        ("\n \n\n", {}, "the corpus holds no text"),
        ("\n\n".join(f"line {index}" for index in range(300)), {}, "hold no document of two sentences"),
        ("one. Two. Three.", {}, "hold 1 documents, none of them for the held-out part"),
        ("a line. And one. More. " * 3 + "\n\na line. And one. More.\n" * 20, {}, "a batch takes 4096"),
        (None, {"objective__length": 128}, "objective.length: is 128, and the encoder has 64 positions"),
        (None, {"model__tokenizer": None}, "model.tokenizer: is missing"),
        (None, {"model__tokenizer": "nowhere/at/all"}, "nowhere/at/all"),
    ],
)
def test_what_cannot_work_is_said_before_training(
    place: Path, tmp_path: Path, text: str | None, changes: dict[str, Any], message: str
) -> None:
    shutil.copytree(place / "tokenizer", tmp_path / "tokenizer")
    (tmp_path / "corpus.txt").write_text((place / "corpus.txt").read_text() if text is None else text)
    changes = {"training__batch_size": 4096} | changes if "4096" in message else changes
    with pytest.raises(JointBertError) as caught:
        pretrain(settings(tmp_path, **changes), tmp_path / "out")
    assert message in str(caught.value)
    assert not (tmp_path / "out" / "model.safetensors").exists()


def test_a_missing_and_a_binary_corpus_are_refused(place: Path, tmp_path: Path) -> None:
    shutil.copytree(place / "tokenizer", tmp_path / "tokenizer")
    with pytest.raises(DataError, match="is not there"):
        pretrain(settings(tmp_path), tmp_path / "out")
    (tmp_path / "corpus.txt").write_bytes(b"\x00\x01" * 500)
    with pytest.raises(DataError, match="holds a NUL character"):
        pretrain(settings(tmp_path, corpus__processes=2), tmp_path / "out")  # from another process, too


@pytest.mark.parametrize(
    ("place_of_it", "error"),
    [
        ("jointbert.pretraining.shards._write", OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))),
        ("transformers.PreTrainedTokenizerFast.save_pretrained", Exception("No space left on device (os error 28)")),
        ("jointbert.pretraining.trainer.PretrainTrainer._save_checkpoint", RuntimeError("unexpected pos 8 vs 4")),
        ("jointbert.pretraining.run.save_pretraining_model", SafetensorError("I/O error: No space left on device")),
    ],
)
def test_a_full_disk_is_said(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place_of_it: str, error: Exception
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(place_of_it, full)
    if isinstance(error, RuntimeError):  # its words do not tell
        monkeypatch.setattr("jointbert.pretraining.disk._free", lambda _: 0)
    with pytest.raises(ModelError, match="the disk is full"):
        pretrain(settings(place, training__steps=1), tmp_path / "out")


@pytest.mark.parametrize(("name", "content"), [("config.json", '{"model_type": "jointbert"}'), ("labels.json", "{}")])
def test_a_trained_model_is_not_written_over(place: Path, tmp_path: Path, name: str, content: str) -> None:
    output = tmp_path / "model"
    output.mkdir()
    (output / name).write_text(content)
    before = held(output)
    for resume in (False, True):
        with pytest.raises(ModelError) as caught:
            pretrain(settings(place), output, resume=resume)
        assert str(caught.value) == (
            f"{output}: holds a trained model ({name}); expected a new folder, or that of an encoder. "
            "Choose another --output: the model would be lost."
        )
    assert held(output) == before and [path.name for path in output.iterdir()] == [name]


def test_only_a_bert_can_go_on(place: Path, tmp_path: Path) -> None:
    import tiny

    encoder, tokenizer = tiny.family("roberta")
    encoder.save_pretrained(tmp_path / "roberta")
    tokenizer.save_pretrained(tmp_path / "roberta")
    with pytest.raises(ModelError, match="is of the family 'roberta'"):
        pretrain(going_on(place), tmp_path / "out", start=str(tmp_path / "roberta"))


def test_a_checkpoint_that_is_not_there_is_one_line(
    place: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ModelError, match=r"^encoder 'nowhere/at/all': is no local folder and could not be fetched"):
        pretrain(going_on(place), tmp_path / "out", start="nowhere/at/all")
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.json").write_text('{"model_type": "jointbert"}')
    with pytest.raises(ModelError, match="model': is of the family 'jointbert'; expected bert"):
        pretrain(going_on(place), tmp_path / "out", start=str(tmp_path / "model"))
    assert caplog.text == "" and capfd.readouterr() == ("", "")


def test_a_missing_tokenizer_is_asked_for_without_the_hubs_own_lines(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fetching(_: str) -> None:
        logging.getLogger("huggingface_hub.utils").warning("retrying in 1s [Retry 1/5]")
        raise ModelError("tokenizer of 'encoders/none'", "cannot be read")

    monkeypatch.setattr("jointbert.pretraining.start.load_tokenizer", fetching)
    with pytest.raises(ModelError, match="cannot be read"):
        masking_tokenizer("encoders/none")
    assert caplog.text == ""


def test_more_processes_than_found_each_other_are_refused(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setattr("jointbert.pretraining.fit.PartialState", lambda **_: type("S", (), {"num_processes": 1}))
    with pytest.raises(ConfigError, match="are 2 by WORLD_SIZE"):
        pretrain(settings(place), tmp_path / "out")
