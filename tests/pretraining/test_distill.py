"""Distilling: the student comes nearer to its teacher, goes on after a stop, keeps its heads; what is wrong is said."""

from __future__ import annotations

import csv
import errno
import json
import shutil
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("datasets", reason="the pretrain extra is not installed")
import tiny
import torch
from invented_corpus import TOPICS, changed, on_two_processes, other_tokenizer, prepare, stop, weights, write_corpus
from safetensors import SafetensorError
from torch.utils.data import DataLoader
from transformers import BertConfig, BertModel, set_seed

from jointbert.codec.pairs import PairCodec
from jointbert.codec.pretrained import load_tokenizer
from jointbert.codec.scratch import learn_tokenizer
from jointbert.codec.texts import TextCodec
from jointbert.config import DistillConfig
from jointbert.errors import ConfigError, JointBertError, ModelError
from jointbert.model.distilling import LeastSquares, Teacher, distilling_model
from jointbert.model.pretraining import (
    NSP_HEAD,
    fresh_pretraining_model,
    load_pretraining_model,
    save_pretraining_model,
)
from jointbert.pretraining.distill import Distilled, distill
from jointbert.pretraining.distill_batches import DistillCollator, LengthOrder
from jointbert.pretraining.distill_trainer import DistillTrainer, asking, with_targets
from jointbert.pretraining.kept import KeptStates, fill
from jointbert.pretraining.masking import Masking

STATES = ("layer_0", "layer_1", "layer_2", "cls", "mean")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus, a student of 2 x 128 and a teacher of 2 x 32 whose tokenizer has fewer pieces."""
    folder = prepare(tmp_path_factory.mktemp("distilling"))
    set_seed(5)
    tokenizer = load_tokenizer(str(folder / "tokenizer"))
    tokenizer.save_pretrained(folder / "student")
    save_pretraining_model(fresh_pretraining_model("tiny", len(tokenizer), 0, 40, 0.0), folder / "student")
    lines = [sentence for sentences in TOPICS.values() for sentence in sentences]
    theirs = learn_tokenizer(lines, "en", 60)
    theirs.save_pretrained(folder / "teacher")
    shape = tiny.SHAPE | {"vocab_size": len(theirs), "max_position_embeddings": 64}
    BertModel(BertConfig(**shape, initializer_range=0.2)).save_pretrained(folder / "teacher")
    return folder


def settings(folder: Path, **changes: Any) -> DistillConfig:
    """A config of a short run; ``training__steps=3`` changes a key."""
    content: dict[str, Any] = {
        "corpus": {"sources": [{"path": str(folder / "corpus.txt")}], "held_out": 0.1, "processes": 1},
        "teacher": {"name": str(folder / "teacher")},
        "student": {},
        "objective": {"length": 32, "nsp_pairs": 0},
        "training": {"steps": 6, "batch_size": 4, "log_every": 2, "save_every": 2, "precision": "fp32"},
    }
    return DistillConfig.model_validate(changed(content, changes))


@pytest.fixture(scope="module")
def made(place: Path) -> Path:
    """An encoder after 60 steps."""
    (place / "student" / "pretraining.json").write_text('{"steps": 1}\n')
    config = settings(
        place,
        training__steps=60,
        training__save_every=20,
        training__batch_size=16,
        training__learning_rate=2e-3,
        student__weights="fp16",
        objective__nsp_pairs=200,
    )
    distill(config, place / "made", start=str(place / "student"))
    return place / "made"


def test_the_student_comes_nearer_to_the_teacher(made: Path) -> None:
    rows = [row for row in csv.DictReader((made / "distillation_curve.csv").open()) if row["eval_layer_2_loss"]]
    assert [int(row["step"]) for row in rows] == [20, 40, 60]
    for state in STATES:
        assert float(rows[-1][f"eval_{state}_loss"]) < float(rows[0][f"eval_{state}_loss"]), state
    assert float(rows[-1]["eval_layer_2_loss"]) < 0.7
    assert float(rows[-1]["eval_mlm_accuracy"]) > float(rows[0]["eval_mlm_accuracy"])
    assert (made / "distillation_curve.png").read_bytes().startswith(b"\x89PNG")


def test_the_folder_is_an_encoder_with_both_heads_and_its_history(place: Path, made: Path) -> None:
    _, missing = load_pretraining_model(str(made))
    assert missing == set()
    before, after = weights(place / "student"), weights(made)
    assert set(before) == set(after)
    assert {tensor.dtype for tensor in after.values()} == {torch.float16}
    for name, tensor in before.items():
        assert not torch.equal(tensor.half(), after[name]), name
    record = json.loads((made / "distillation.json").read_text())
    assert record["agreement"] > 0.9  # the teacher's small vocabulary cuts the longest texts short
    assert record["teacher"] == str(place / "teacher")
    assert record["documents"] == 240
    assert record["nsp_pairs"] == 200 and 0.3 < record["nsp_accuracy"] <= 1.0
    assert {f"{state}_loss" for state in STATES} < set(record)
    card = (made / "README.md").read_text()
    assert "fitted anew on 200 pairs" in card and "NSP accuracy" in card
    assert "`teacher`" in card and "`student`" in card and "`corpus.txt`" in card and str(place) not in card
    assert (made / "pretraining.json").read_text() == '{"steps": 1}\n'
    assert sorted(path.name for path in (made / "work").iterdir()) == ["config.yaml", "logs"]


def test_a_head_that_nothing_was_done_for_is_left_out(place: Path, tmp_path: Path) -> None:
    """The one that the student brought does not fit its new states; half an answer would be a wrong one."""
    told = distill(settings(place), tmp_path / "made", start=str(place / "student"))
    _, missing = load_pretraining_model(str(tmp_path / "made"))
    assert missing == {NSP_HEAD} and told.nsp_accuracy is None
    assert "no NSP head" in (tmp_path / "made" / "README.md").read_text()


def test_a_corpus_of_single_texts_has_no_pairs_and_says_so(
    place: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    lines = [line for lines in TOPICS.values() for line in lines]
    (tmp_path / "corpus.txt").write_text("\n\n".join(f"{line} {number}" for number in range(40) for line in lines))
    config = settings(tmp_path, teacher__name=str(place / "teacher"), objective__nsp_pairs=50)
    distill(config, tmp_path / "made", start=str(place / "student"))
    assert "there is no document of two texts beside another one to fit the NSP head on; it is left out" in caplog.text
    assert load_pretraining_model(str(tmp_path / "made"))[1] == {NSP_HEAD}


def distilled_few(place: Path, folder: Path, documents: int) -> tuple[Distilled, dict[str, Any]]:
    """What a run with the default share held out makes of a few documents, in ``made``, and its record."""
    write_corpus(folder / "corpus.txt", documents)
    content = {"teacher__name": str(place / "teacher"), "corpus__held_out": 0.005, "objective__nsp_pairs": 50}
    config = settings(folder, **content, objective__length=16, training__steps=1, training__batch_size=2)
    told = distill(config, folder / "made", start=str(place / "student"))
    return told, json.loads((folder / "made" / "distillation.json").read_text())


def test_two_of_few_documents_are_held_out_to_measure_the_fitted_head(place: Path, tmp_path: Path) -> None:
    told, record = distilled_few(place, tmp_path, 6)
    assert told.nsp_accuracy is not None and record["nsp_accuracy"] == pytest.approx(told.nsp_accuracy, abs=1e-6)
    assert record["nsp_pairs"] > 0
    assert load_pretraining_model(str(tmp_path / "made"))[1] == set()


def test_a_fitted_head_that_cannot_be_measured_is_kept_and_that_is_said(
    place: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Of three documents two are learned from, and a single one is held out, which makes no pair."""
    told, record = distilled_few(place, tmp_path, 3)
    pairs = int(record["nsp_pairs"])
    assert pairs > 0 and told.nsp_accuracy is None and "nsp_accuracy" not in record
    assert load_pretraining_model(str(tmp_path / "made"))[1] == set()
    for name, tensor in weights(place / "student").items():
        assert not (name.startswith(NSP_HEAD) and torch.equal(tensor, weights(tmp_path / "made")[name])), name
    card = (tmp_path / "made" / "README.md").read_text()
    assert f"fitted anew on {pairs} pairs" in card and "NSP accuracy" not in card
    assert f"there is no held-out pair to measure the NSP head on; it was fitted on {pairs} pairs" in caplog.text
    assert "left out" not in caplog.text


def test_a_stopped_run_gives_the_same_encoder(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config, start = settings(place, student__dropout=0.1), str(place / "student")
    distill(config, tmp_path / "straight", start=start)
    stop(monkeypatch, DistillTrainer, 4, lambda: distill(config, tmp_path / "stopped", start=start))
    distill(config, tmp_path / "stopped", start=start, resume=True)
    straight, resumed = weights(tmp_path / "straight"), weights(tmp_path / "stopped")
    for name, tensor in straight.items():
        assert torch.equal(tensor, resumed[name]), name


def test_a_finished_run_is_not_resumed_and_a_failing_one_leaves_it_whole(place: Path, tmp_path: Path) -> None:
    config, start, output = settings(place), str(place / "student"), tmp_path / "made"
    distill(config, output, start=start)
    before = {path.name: path.read_bytes() for path in output.iterdir() if path.is_file()}
    with pytest.raises(ModelError, match="made: is finished already; expected a run that was stopped"):
        distill(config, output, start=start, resume=True)
    shutil.copytree(place / "student", tmp_path / "student")
    other_tokenizer(tmp_path / "student")
    with pytest.raises(JointBertError, match="a batch takes 100000"):
        distill(settings(place, training__batch_size=100_000), output, start=str(tmp_path / "student"))
    assert {path.name: path.read_bytes() for path in output.iterdir() if path.is_file()} == before


def test_kept_states_teach_what_the_teacher_itself_does(place: Path, tmp_path: Path) -> None:
    start = str(place / "student")
    whole = distill(settings(place), tmp_path / "live", start=start)
    kept = distill(settings(place, teacher__keep=whole.texts), tmp_path / "kept", start=start)
    assert kept.texts == whole.texts
    assert kept.state_losses == pytest.approx(whole.state_losses, rel=5e-3)  # they are kept in fp16
    live, again = weights(tmp_path / "live"), weights(tmp_path / "kept")
    for name, tensor in live.items():
        assert (tensor - again[name]).abs().mean() < 1e-4, name
    assert not (tmp_path / "kept" / "work" / "examples").exists()


def test_a_kept_text_is_read_once_even_by_a_run_that_was_stopped(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, start, read = settings(place, teacher__keep=20), str(place / "student"), []
    ask = Teacher.__call__

    def counted(self: Teacher, input_ids: torch.Tensor, *given: Any) -> list[torch.Tensor]:
        read.append(len(input_ids))
        return ask(self, input_ids, *given)

    monkeypatch.setattr(Teacher, "__call__", counted)
    stop(monkeypatch, DistillTrainer, 4, lambda: distill(config, tmp_path / "out", start=start))
    before = sum(read)
    distill(config, tmp_path / "out", start=start, resume=True)
    record = json.loads((tmp_path / "out" / "distillation.json").read_text())
    assert record["texts"] == 20 and 20 < before < 120  # and the held-out ones
    assert sum(read) == before


def test_two_processes_that_share_the_reading_learn_what_two_that_read_along_do(place: Path, tmp_path: Path) -> None:
    def run(output: Path, **changes: Any) -> dict[str, Any]:
        config = settings(place, **changes).to_yaml()
        done = on_two_processes("distill", config, output, "--from", str(place / "student"))
        assert done.stdout.count("held-out difference") == 1
        record: dict[str, Any] = json.loads((output / "distillation.json").read_text())
        return record

    live = run(tmp_path / "live")
    kept = run(tmp_path / "kept", teacher__keep=live["texts"])
    for state in STATES:
        assert kept[f"{state}_loss"] == pytest.approx(live[f"{state}_loss"], rel=5e-3), state
    along, shared = weights(tmp_path / "live"), weights(tmp_path / "kept")
    assert all((along[name] - shared[name]).abs().mean() < 1e-4 for name in along)


def test_a_teacher_that_was_stopped_goes_on_where_it_was(tmp_path: Path) -> None:
    rows, pieces = np.arange(0, 40, 2), np.arange(20) + 3
    read: list[int] = []

    def collate(chosen: np.ndarray[Any, np.dtype[np.int64]]) -> dict[str, torch.Tensor]:
        counts = pieces[chosen // 2] - 2
        return {"teacher_rows": torch.from_numpy(chosen), "teacher_counts": torch.from_numpy(counts)}

    def ask(batch: Any) -> list[torch.Tensor]:
        chosen = batch["teacher_rows"]
        read.extend(chosen.tolist())
        of_word = chosen.repeat_interleave(batch["teacher_counts"])
        if len(read) > 12 and stopping:
            raise KeyboardInterrupt
        states = [of_word, of_word + 0.5, chosen, chosen + 0.25]
        return [state.unsqueeze(1).expand(-1, 3) for state in states]

    def opened() -> KeptStates:
        return KeptStates(tmp_path, rows, pieces, depths=2, width=3, create=True)

    stopping = True
    kept = opened()
    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("jointbert.pretraining.kept._EVERY", 2)
        fill(kept, rows, 4, collate, ask)
    stopping = False
    kept = opened()
    assert kept.missing(rows).tolist() == rows[8:].tolist()
    read.clear()
    fill(kept, rows, 4, collate, ask)
    assert read == rows[8:].tolist()
    words, later, cls, mean = kept({"teacher_rows": torch.tensor([6, 2])})
    assert words[:, 0].tolist() == [6] * 4 + [2] * 2 and words.shape == (6, 3)
    assert later[:, 0].tolist() == [6.5] * 4 + [2.5] * 2
    assert cls[:, 1].tolist() == [6, 2] and mean[:, 2].tolist() == [6.25, 2.25]


def test_a_disk_too_small_for_the_states_is_said_before_the_teacher_reads(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(file: int, begin: int, size: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.posix_fallocate", full)
    with pytest.raises(ModelError, match="the disk is full") as caught:
        distill(settings(place, teacher__keep=20), tmp_path / "out", start=str(place / "student"))
    assert "--resume" in str(caught.value)


def test_a_disk_that_is_full_at_the_end_is_said(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)")

    monkeypatch.setattr("jointbert.pretraining.distill.save_pretraining_model", full)
    with pytest.raises(ModelError, match="the disk is full"):
        distill(settings(place, training__steps=1), tmp_path / "out", start=str(place / "student"))


def test_a_trained_model_is_not_written_over(place: Path, tmp_path: Path) -> None:
    (tmp_path / "labels.json").write_text("{}")
    with pytest.raises(ModelError, match=r"holds a trained model \(labels.json\)"):
        distill(settings(place), tmp_path, start=str(place / "student"))
    assert [path.name for path in tmp_path.iterdir()] == ["labels.json"]


def collator(folder: Path, teacher: Path, share: float = 0.15) -> DistillCollator:
    tokenizer, theirs = load_tokenizer(str(folder)), load_tokenizer(str(teacher))
    pieces = PairCodec(tokenizer)
    masking = Masking(share, False, pieces.mask_id, pieces.ordinary_ids, pieces.special_ids)
    codecs = [TextCodec(item.backend_tokenizer, 32) for item in (tokenizer, theirs)]
    return DistillCollator(*codecs, masking, (pieces.pad_id, int(theirs.pad_token_id)), 1)


def texts(count: int) -> list[tuple[tuple[int, int], str]]:
    lines = [sentence for sentences in TOPICS.values() for sentence in sentences]
    return [((0, number), f"{lines[number % 12]} {lines[number * 5 % 7]}") for number in range(count)]


def test_a_student_that_is_its_own_teacher_has_nothing_to_learn(place: Path) -> None:
    student, _ = load_pretraining_model(str(place / "student"))
    teacher = Teacher(str(place / "student"), (0.0, 0.5, 1.0), False, torch.device("cpu"))
    model = distilling_model(student, (0.0, 0.5, 1.0), teacher.width).train(False)
    batch = collator(place / "student", place / "student")(texts(48))
    own = {**batch, "input_ids": batch["teacher_input_ids"]}  # nothing hidden
    with torch.no_grad():
        for line in model.maps:
            line.weight.copy_(torch.eye(teacher.width))
            line.bias.zero_()
        output = model(**with_targets(own, asking(teacher)))
    assert output.state_losses is not None
    assert output.state_losses.max() < 1e-6
    hidden = model(**with_targets(batch, asking(teacher)))
    assert hidden.state_losses[0] < 1e-6  # words with a chosen piece are left out here
    assert hidden.state_counts[0] < hidden.state_counts[1] == len(batch["sizes"])
    assert hidden.state_losses[1:].min() > 1e-3


def test_least_squares_finds_the_map_and_the_teachers_spread(place: Path) -> None:
    student, _ = load_pretraining_model(str(place / "student"))
    model = distilling_model(student, (1.0,), 8)
    rng = torch.Generator().manual_seed(3)
    true, gathered = torch.randn(128, 8, generator=rng), LeastSquares(model)
    for _ in range(8):
        own = [torch.randn(400, 128, generator=rng) for _ in range(3)]
        gathered.add(own, [state @ true * 3 + 5 for state in own])
    gathered.solve()
    fresh = torch.randn(50, 128, generator=rng)
    for spot in range(3):
        wanted = (fresh @ true * 3 + 5 - model.target_means[spot]) / model.target_deviations[spot]
        torch.testing.assert_close(model.maps[spot](fresh), wanted, atol=0.02, rtol=0.02)
        assert model.target_means[spot].tolist() == pytest.approx([5.0] * 8, abs=3.0)


def test_what_the_student_sees_is_masked_and_the_teacher_sees_all(place: Path) -> None:
    collate, items = collator(place / "student", place / "teacher"), texts(400)
    batch = collate(items)
    real = int(batch["attention_mask"].sum()) - 2 * len(items)
    assert len(batch["chosen"]) / real == pytest.approx(0.15, abs=0.01)
    mask_id = load_tokenizer(str(place / "student")).mask_token_id
    seen = batch["input_ids"].flatten()[batch["chosen"]]
    assert (seen == mask_id).float().mean() == pytest.approx(0.8, abs=0.06)
    theirs = load_tokenizer(str(place / "teacher"))
    assert (
        batch["teacher_input_ids"][0].tolist()[: int(batch["teacher_attention_mask"][0].sum())]
        == theirs(items[0][1])["input_ids"]
    )
    again, other = collate(items), collate([((1, key[1]), text) for key, text in items])
    assert torch.equal(batch["chosen"], again["chosen"])
    assert batch["chosen"].tolist() != other["chosen"].tolist()


def test_batches_hold_texts_of_like_length_and_every_text_once() -> None:
    lengths = np.random.default_rng(0).integers(4, 64, size=1003)
    order = LengthOrder(lengths, 10, seed=1)
    keys = list(order)
    assert sorted(keys) == list(range(1003))
    batches = list(DataLoader(keys, 10, drop_last=True))
    assert np.mean([np.ptp(lengths[batch.numpy()]) for batch in batches]) < 3
    assert np.ptp([lengths[batch.numpy()].mean() for batch in batches[:10]]) > 10  # long and short ones mixed
    order.set_epoch(1)
    assert sorted(key - 1003 for key in order) == list(range(1003)) and [key - 1003 for key in order] != keys


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"teacher__name": "nowhere/at/all"}, "nowhere/at/all"),
        ({"objective__length": 128}, "objective.length: is 128, and the encoder has 40 positions"),
        ({"training__batch_size": 100_000}, "a batch takes 100000"),
        ({"corpus__sources": [{"path": "gone.txt"}]}, "gone.txt: is not there"),
    ],
)
def test_what_cannot_work_is_said_before_training(
    place: Path, tmp_path: Path, changes: dict[str, Any], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(JointBertError) as caught:
        distill(settings(place, **changes), tmp_path / "out", start=str(place / "student"))
    assert message in str(caught.value)
    assert not (tmp_path / "out" / "model.safetensors").exists()


def test_a_teacher_that_cuts_other_words_is_refused(place: Path, tmp_path: Path) -> None:
    encoder, tokenizer = tiny.family("roberta")
    encoder.save_pretrained(tmp_path / "roberta")
    tokenizer = deepcopy(tokenizer)  # other tests have it too
    tokenizer.backend_tokenizer.pre_tokenizer = None  # the whole text is one word
    tokenizer.save_pretrained(tmp_path / "roberta")
    with pytest.raises(ModelError, match=r"cuts text into other words: \d+ of the student's \d+ are the same"):
        distill(
            settings(place, teacher__name=str(tmp_path / "roberta")), tmp_path / "out", start=str(place / "student")
        )


def test_the_students_own_folder_is_not_written_over(place: Path) -> None:
    before = weights(place / "student")
    with pytest.raises(ConfigError, match="the folder of the student itself"):
        distill(settings(place), place / "student" / ".." / "student", start=str(place / "student"))
    assert all(torch.equal(tensor, before[name]) for name, tensor in weights(place / "student").items())


def test_depths_ascend(place: Path) -> None:
    with pytest.raises(ValueError, match="depths in ascending order"):
        settings(place, teacher__depths=[0.5, 0.5])
