"""The NSP head fitted anew: pairs are what they say, the head learns what there is to learn, the encoder stays."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("datasets", reason="the pretrain extra is not installed")
import torch
from invented_corpus import TOPICS
from transformers import set_seed

import datasets
from jointbert.codec.pairs import PairCodec
from jointbert.codec.scratch import learn_tokenizer
from jointbert.model.pretraining import (
    NSP_HEAD,
    PretrainingBert,
    fresh_pretraining_model,
    load_pretraining_model,
    save_pretraining_model,
)
from jointbert.pretraining.next_sentence import NextSentence, draw_pairs

DOCUMENTS = np.repeat(np.arange(40), 5)
ROWS = np.arange(len(DOCUMENTS))


def test_half_of_the_pairs_are_consecutive_and_the_others_come_from_another_document() -> None:
    pairs = draw_pairs(ROWS, DOCUMENTS, 10_000, np.random.default_rng(3))
    assert len(pairs) == 160  # each text but a document's last
    assert len(np.unique(pairs.first)) == 160
    assert 48 <= pairs.follows.sum() <= 112  # of 160: half, by five standard deviations at most
    same = DOCUMENTS[pairs.first] == DOCUMENTS[pairs.second]
    assert np.array_equal(same, pairs.follows)
    assert np.array_equal(pairs.second[pairs.follows], pairs.first[pairs.follows] + 1)


def test_pairs_stay_within_the_rows_that_are_given() -> None:
    rows = ROWS[DOCUMENTS < 7]
    pairs = draw_pairs(rows, DOCUMENTS, 20, np.random.default_rng(0))
    assert len(pairs) == 20
    assert np.isin(pairs.first, rows).all() and np.isin(pairs.second, rows).all()


@pytest.mark.parametrize("documents", [np.arange(30), np.zeros(30, int), np.zeros(0, int)])
def test_there_are_no_pairs_without_two_texts_in_a_document_and_two_documents(documents: np.ndarray) -> None:
    assert len(draw_pairs(np.arange(len(documents)), documents, 9, np.random.default_rng(0))) == 0


@pytest.fixture(scope="module")
def codec() -> PairCodec:
    return PairCodec(learn_tokenizer([line for lines in TOPICS.values() for line in lines], "en", 300))


@pytest.fixture
def model(codec: PairCodec) -> PretrainingBert:
    set_seed(4)
    return fresh_pretraining_model("tiny", len(codec.ordinary_ids) + len(codec.special_ids), codec.pad_id, 40, 0.0)


@pytest.fixture(scope="module")
def texts() -> datasets.Dataset:
    """480 documents of a question and its answer: of what comes by chance, half are questions, which never follow."""
    rng, (questions, answers, *_) = np.random.default_rng(1), list(TOPICS.values())
    drawn = [str(rng.choice(kind)) for _ in range(480) for kind in (questions, answers)]
    return datasets.Dataset.from_dict({"text": drawn, "document": np.repeat(np.arange(480), 2)})


def test_the_head_learns_and_the_encoder_stays(model: PretrainingBert, codec: PairCodec, texts: object) -> None:
    before = {name: value.clone() for name, value in model.state_dict().items()}
    task = NextSentence(model, codec, texts, 20, 7)  # type: ignore[arg-type]
    train, held_out = np.arange(0, 800), np.arange(800, 960)
    unfitted = task.measure(held_out, 200)
    assert task.fit(train, 350) == 350
    fitted = task.measure(held_out, 200)
    assert unfitted is not None and fitted is not None and fitted > 0.65  # 0.75 is what can be known
    changed = {name for name, value in model.state_dict().items() if not torch.equal(value, before[name])}
    assert changed == {f"{part}.{what}" for part in ("bert.pooler.dense", NSP_HEAD) for what in ("weight", "bias")}


def test_the_same_seed_gives_the_same_head(model: PretrainingBert, codec: PairCodec, texts: object) -> None:
    found = []
    for _ in range(2):
        NextSentence(model, codec, texts, 20, 7).fit(np.arange(400), 60)  # type: ignore[arg-type]
        found.append(model.cls.seq_relationship.weight.detach().clone())
    assert torch.equal(*found)


def test_what_is_too_long_for_the_positions_is_cut(model: PretrainingBert, codec: PairCodec) -> None:
    long = datasets.Dataset.from_dict(
        {"text": ["the cat sat on the mat " * 30] * 40, "document": np.repeat([0, 1], 20)}
    )
    task = NextSentence(model, codec, long, 512, 7)
    assert task.fit(np.arange(40), 10) == 10


def test_a_checkpoint_can_leave_the_head_out(model: PretrainingBert, tmp_path: Path) -> None:
    save_pretraining_model(model, tmp_path, nsp=False)
    again, missing = load_pretraining_model(str(tmp_path))
    assert missing == {NSP_HEAD}
    assert torch.equal(again.cls.predictions.bias, model.cls.predictions.bias)
