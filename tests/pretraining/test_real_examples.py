"""The rates of MLM + NSP, counted on what is built from the demo corpora with the shipped tokenizers.

A count of N things of which each has the chance p differs from p N by more than four standard deviations,
4 √(N p (1 - p)), once in 16,000 times; the seeds are fixed, so that it does so always or never.
"""

from __future__ import annotations

import json
from math import sqrt
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

pytest.importorskip("datasets", reason="the pretrain extra is not installed")
import torch

from jointbert.codec.pairs import PairCodec
from jointbert.codec.pretrained import load_tokenizer
from jointbert.config import PretrainConfig
from jointbert.model.names import locate
from jointbert.model.pretraining import FOLLOWS, fresh_pretraining_model
from jointbert.pretraining.batches import Example, MaskedExamples, collate_masked
from jointbert.pretraining.examples import Examples, build_examples
from jointbert.pretraining.masking import Masking

EPOCHS = 2


class Real(NamedTuple):
    """The examples of a demo corpus, masked in several epochs, and the codec of its tokenizer."""

    examples: Examples
    codec: PairCodec
    masked: list[Example]


@pytest.fixture(scope="module", params=["en", "zh"])
def real(request: pytest.FixtureRequest, repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Real:
    folder, tokenizer = tmp_path_factory.mktemp("real"), locate(f"mini-{request.param}")
    lines = (repository / "datasets" / f"demo-{request.param}" / "train.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [json.loads(line)["text"] for line in lines]
    (folder / "texts.txt").write_text("\n".join(texts) + "\n", encoding="utf-8")
    source = {"path": str(folder / "texts.txt"), "document_lines": 24}
    content = {
        "corpus": {"sources": [source], "held_out": 0.02, "processes": 1},
        "objective": {"length": 48},
        "training": {"steps": 1},
    }
    examples = build_examples(PretrainConfig.model_validate(content), tokenizer, folder)
    codec = PairCodec(load_tokenizer(tokenizer))
    rows = MaskedExamples(examples.train, Masking.of(codec, 0.15, whole_words=False), 13)
    return Real(examples, codec, [rows[key] for key in range(EPOCHS * len(rows))])


def near(count: int, total: int, share: float) -> bool:
    """Whether ``count`` of ``total`` is within four standard deviations of the share."""
    return abs(count - share * total) <= 4 * sqrt(total * share * (1 - share))


def test_fifteen_in_a_hundred_pieces_are_chosen_and_no_special_one(real: Real) -> None:
    """Inputs of fewer than seven pieces, of which one is always chosen, are too few here to be seen in the count."""
    ordinary = sum(int((~np.isin(pair.input_ids, real.codec.special_ids)).sum()) for pair, _ in real.masked)
    chosen = sum(len(masked.chosen) for _, masked in real.masked)
    assert ordinary > 30_000
    assert near(chosen, ordinary, 0.15)
    special = {real.codec.cls_id, real.codec.sep_id, real.codec.pad_id, real.codec.mask_id}
    for pair, masked in real.masked:
        assert not special & set(pair.input_ids[masked.chosen].tolist())
        assert masked.labels.tolist() == pair.input_ids[masked.chosen].tolist()


def test_of_these_80_are_hidden_10_replaced_and_10_kept(real: Real) -> None:
    shown = np.concatenate([masked.input_ids[masked.chosen] for _, masked in real.masked])
    labels = np.concatenate([masked.labels for _, masked in real.masked])
    hidden, kept = shown == real.codec.mask_id, shown == labels
    lucky = 0.1 / len(real.codec.ordinary_ids)  # a random piece may be the right one
    assert near(int(hidden.sum()), len(labels), 0.8)
    assert near(int(kept.sum()), len(labels), 0.1 + lucky)
    assert near(int((~hidden & ~kept).sum()), len(labels), 0.1 - lucky)


def test_half_of_the_pairs_are_consecutive(real: Real) -> None:
    follows = np.asarray(real.examples.train["follows"])
    assert set(follows.tolist()) == {0, 1}
    assert near(int(follows.sum()), len(follows), 0.5)


def test_a_and_b_are_in_their_segments_and_of_the_documents_that_the_label_says(real: Real) -> None:
    """A piece is written as one character, so that a run of pieces can be looked for in a document."""
    texts = ["".join(map(chr, row["ids"])) for row in real.examples.documents]
    learned = set(real.examples.learned.tolist())
    for begin in range(0, len(real.examples.train), 16):
        part = real.masked[begin : min(begin + 16, len(real.examples.train))]
        batch = collate_masked(part, real.codec.pad_id)
        pieces = batch["input_ids"].flatten().clone()
        pieces[batch["chosen"]] = batch["labels"]
        rows = zip(pieces.view_as(batch["input_ids"]), batch["token_type_ids"], batch["attention_mask"], strict=True)
        for (row, segments, mask), label in zip(rows, batch["next_sentence_label"].tolist(), strict=True):
            first, second = row[(mask == 1) & (segments == 0)].tolist(), row[segments == 1].tolist()
            assert (first[0], first[-1], second[-1]) == (real.codec.cls_id, real.codec.sep_id, real.codec.sep_id)
            assert len(first) > 2 and len(second) > 1
            a, b = ("".join(map(chr, run)) for run in (first[1:-1], second[:-1]))
            of_a, of_b = ({place for place in learned if run in texts[place]} for run in (a, b))
            if label == FOLLOWS:
                assert any(b in texts[place].partition(a)[2] for place in of_a)
            else:
                assert any(one != other for one in of_a for other in of_b)


def test_the_head_over_the_vocabulary_reads_the_chosen_pieces_alone(real: Real) -> None:
    batch = collate_masked(real.masked[:8], real.codec.pad_id)
    model = fresh_pretraining_model("tiny", int(real.codec.ordinary_ids.max()) + 1, real.codec.pad_id, 48, 0.0)
    rows: list[tuple[int, ...]] = []
    model.cls.predictions.register_forward_hook(lambda _, given, __: rows.append(tuple(given[0].shape)))
    model.cls.predictions.decoder.register_forward_hook(lambda _, given, __: rows.append(tuple(given[0].shape)))
    with torch.no_grad():
        model(**batch)
    chosen = len(batch["labels"])
    assert rows == [(chosen, 128), (chosen, 128)]
    assert chosen < 0.2 * batch["attention_mask"].sum()
