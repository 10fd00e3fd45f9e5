"""Batches: A and B in their segments, whether B follows, padding and the chosen pieces, counted on packed documents."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import tiny
import torch
from torch import Tensor

from jointbert.codec.pairs import PairCodec, Pieces
from jointbert.pretraining.batches import Example, collate_masked
from jointbert.pretraining.masking import Masking
from jointbert.pretraining.packing import Packing, pack_pairs, pack_single

CODEC = PairCodec(tiny.english())
MASKING = Masking.of(CODEC, 0.3, whole_words=False)
PACKING = Packing(48, 0.5)
FIRST, SENTENCES = 1000, 24
"""Pieces of the documents below, beyond the vocabulary, so that no special one is among them."""

Made = tuple[Pieces, Pieces | None, Example]


def document(number: int) -> list[Pieces]:
    """Sentences whose pieces count up from a number of the document's own, so that a piece tells where it stood."""
    ends = np.cumsum([2 + (number * 7 + place * 5) % 11 for place in range(SENTENCES)])
    pieces = np.split(np.arange(ends[-1]) + FIRST * (number + 1), ends[:-1])
    return [Pieces(ids, np.ones(len(ids), bool)) for ids in pieces]


DOCUMENTS = [document(number) for number in range(12)]


def pairs() -> Iterator[Made]:
    """A, B and the example of both, for every pair that the documents are packed to."""
    for number, sentences in enumerate(DOCUMENTS):
        rng = np.random.default_rng([7, number])
        other = DOCUMENTS[(number + 5) % len(DOCUMENTS)]
        for first, second, follows in pack_pairs(sentences, lambda _, other=other: other, PACKING, rng):
            pair = CODEC.join(first, second, follows)
            yield first, second, (pair, MASKING.apply(pair, rng))


def singles() -> Iterator[Made]:
    """The same for single segments, which have no B."""
    for number, sentences in enumerate(DOCUMENTS):
        rng = np.random.default_rng([8, number])
        for part in pack_single(sentences, PACKING, rng):
            pair = CODEC.join(part)
            yield part, None, (pair, MASKING.apply(pair, rng))


PAIRS, SINGLES = list(pairs()), list(singles())


def batches(made: list[Made], size: int = 8) -> Iterator[tuple[list[Made], dict[str, Tensor]]]:
    for begin in range(0, len(made), size):
        part = made[begin : begin + size]
        yield part, collate_masked([example for _, _, example in part], CODEC.pad_id)


def unmasked(batch: dict[str, Tensor]) -> Tensor:
    """The (B, T) pieces that stood in the batch before some of them were hidden."""
    pieces = batch["input_ids"].flatten().clone()
    pieces[batch["chosen"]] = batch["labels"]
    return pieces.view_as(batch["input_ids"])


def test_segment_0_holds_a_and_segment_1_holds_b() -> None:
    cls, sep = [CODEC.cls_id], [CODEC.sep_id]
    counted = 0
    for part, batch in batches(PAIRS):
        rows = zip(part, unmasked(batch), batch["token_type_ids"], batch["attention_mask"], strict=True)
        for (first, second, _), pieces, segments, attention in rows:
            assert second is not None
            assert pieces[(segments == 0) & (attention == 1)].tolist() == [*cls, *first.ids, *sep]
            assert pieces[segments == 1].tolist() == [*second.ids, *sep]
            assert (segments.diff()[: attention.sum() - 1] >= 0).all(), "B stands behind A"
        counted += int(batch["token_type_ids"].sum())
    assert counted == sum(len(second) + 1 for _, second, _ in PAIRS if second is not None) > 1000


def test_a_single_segment_is_a_and_has_no_next_sentence_label() -> None:
    for part, batch in batches(SINGLES):
        assert not batch["token_type_ids"].any() and "next_sentence_label" not in batch
        assert batch["attention_mask"].sum(1).tolist() == [len(first) + 2 for first, _, _ in part]


def test_the_label_is_0_where_a_and_b_are_of_one_document_and_1_elsewhere() -> None:
    """Counted on the pieces, which tell their document; Hugging Face's BERT calls the class of a sequel 0."""
    found = []
    for part, batch in batches(PAIRS):
        documents = unmasked(batch) // FIRST
        for row, segments, label, (_, _, (pair, _)) in zip(
            documents, batch["token_type_ids"], batch["next_sentence_label"].tolist(), part, strict=True
        ):
            of_a, of_b = ({int(number) for number in row[segments == segment]} - {0} for segment in (0, 1))
            assert len(of_a) == len(of_b) == 1
            assert label == (0 if of_a == of_b else 1) == (0 if pair.follows else 1)
            found.append(label)
    assert len(found) == len(PAIRS) and 0.35 < np.mean(found) < 0.65


@pytest.mark.parametrize("made", [PAIRS, SINGLES], ids=["pairs", "singles"])
def test_padding_has_no_attention_and_segment_0(made: list[Made]) -> None:
    padded = 0
    for part, batch in batches(made):
        lengths = torch.tensor([len(pair.input_ids) for _, _, (pair, _) in part])
        real = torch.arange(int(lengths.max())) < lengths[:, None]  # (B,T)
        assert torch.equal(batch["attention_mask"], real.long())
        assert (batch["input_ids"][~real] == CODEC.pad_id).all()
        assert not batch["token_type_ids"][~real].any()
        padded += int((~real).sum())
    assert padded > 100, "the packing gives inputs of unequal length"


@pytest.mark.parametrize("made", [PAIRS, SINGLES], ids=["pairs", "singles"])
def test_chosen_places_are_real_pieces_of_a_or_b_and_never_special(made: list[Made]) -> None:
    chosen = ordinary = 0
    for part, batch in batches(made):
        assert not set(batch["labels"].tolist()) & set(CODEC.special_ids.tolist())
        rows, columns = batch["chosen"] // batch["input_ids"].shape[1], batch["chosen"] % batch["input_ids"].shape[1]
        assert batch["attention_mask"][rows, columns].all()
        texts = [pair.input_ids for _, _, (pair, _) in part]
        truth = [int(texts[row][column]) for row, column in zip(rows.tolist(), columns.tolist(), strict=True)]
        assert batch["labels"].tolist() == truth
        chosen += len(truth)
        ordinary += int(batch["attention_mask"].sum()) - sum(2 + (second is not None) for _, second, _ in part)
    assert abs(chosen - 0.3 * ordinary) < 0.03 * ordinary
