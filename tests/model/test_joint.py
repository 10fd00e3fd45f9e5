"""The joint model: its losses by hand, its poolings against a loop, its heads, its first weights."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
import torch
from tiny import ENGLISH, LABELS, codec, family, model
from torch.nn import functional

from jointbert.codec import collate
from jointbert.labels import Labels
from jointbert.model.config import JointBertConfig
from jointbert.model.crf import TagCrf
from jointbert.model.heads import word_states
from jointbert.model.joint import JointBert
from jointbert.utterance import Span, Utterance


def arrays(*texts: str, tokenizer: str = "english") -> dict[str, Any]:
    batch = collate(codec(tokenizer).encode_texts(texts))
    names = ("input_ids", "attention_mask", "word_pieces", "piece_words", "word_mask")
    return {name: getattr(batch, name) for name in names}


def gold() -> dict[str, torch.Tensor]:
    """A batch of three labelled texts, one without words."""
    first, second = "fly to las vegas", "play jazz"
    items, _ = codec().encode(
        [
            Utterance(first, "book", (Span.of(first, "city", 7, 16),)),
            Utterance(second, "play", (Span.of(second, "artist", 5, 9),)),
            Utterance("", "weather"),
        ]
    )
    batch = collate(items)
    tensors = {name: torch.from_numpy(array) for name, array in arrays(first, second, "").items()}
    assert batch.intent_ids is not None and batch.tag_ids is not None
    return tensors | {"intent_ids": torch.from_numpy(batch.intent_ids), "tag_ids": torch.from_numpy(batch.tag_ids)}


@pytest.mark.parametrize("weight", [1.0, 0.3])
def test_the_loss_is_the_sum_by_hand(weight: float) -> None:
    batch = gold()
    with torch.no_grad():
        output = model(slot_weight=weight)(**batch)
    intent = -output.intent_logits.log_softmax(-1)[torch.arange(3), batch["intent_ids"]].mean()
    chances = output.tag_logits.log_softmax(-1)
    words = [(row, word) for row in range(3) for word in range(4) if batch["word_mask"][row, word]]
    slot = -sum(chances[row, word, batch["tag_ids"][row, word]] for row, word in words) / len(words)
    assert len(words) == 6
    torch.testing.assert_close(output.loss, intent + weight * slot)


def test_one_absent_gold_leaves_its_loss_out() -> None:
    batch = gold()
    joint = model()
    with torch.no_grad():
        both = joint(**batch).loss
        intent = joint(**{name: value for name, value in batch.items() if name != "tag_ids"}).loss
        slot = joint(**{name: value for name, value in batch.items() if name != "intent_ids"}).loss
        bare = joint(**{name: value for name, value in batch.items() if name not in ("intent_ids", "tag_ids")})
    torch.testing.assert_close(both, intent + slot)
    assert bare.loss is None and bare.tag_logits is not None


def test_the_crf_loss_is_the_negative_log_likelihood_per_word_by_brute_force() -> None:
    torch.manual_seed(0)
    crf = TagCrf(3)
    scores, ids = torch.randn(4, 3, 3), torch.randint(0, 3, (4, 3))
    lengths = [3, 0, 1, 2]
    mask = torch.arange(3)[None] < torch.tensor(lengths)[:, None]
    start, moves, end = crf.scores()
    total = 0.0
    for row, length in enumerate(lengths):
        if length == 0:
            continue
        weights = {}
        for path in product(range(3), repeat=length):
            steps = sum(moves[path[i], path[i + 1]] for i in range(length - 1))
            emitted = sum(float(scores[row, i, tag]) for i, tag in enumerate(path))
            weights[path] = start[path[0]] + end[path[-1]] + steps + emitted
        norm = np.log(sum(np.exp(value) for value in weights.values()))
        total += norm - weights[tuple(ids[row, :length].tolist())]
    assert crf.loss(scores, ids, mask).item() == pytest.approx(total / sum(lengths), rel=1e-5)


@pytest.mark.parametrize("crf", [False, True])
def test_a_batch_without_words_has_a_slot_loss_of_zero(crf: bool) -> None:
    tensors = {name: torch.from_numpy(array) for name, array in arrays("", " ").items()}
    output = model(labels=Labels(None, LABELS.slots), crf=crf)(**tensors, tag_ids=torch.zeros(2, 1, dtype=torch.long))
    assert output.loss.item() == 0.0
    output.loss.backward()  # and it can be trained on


def test_the_crf_stays_in_fp32_under_autocast() -> None:
    crf, mask = TagCrf(3), torch.ones(1, 2, dtype=torch.bool)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss = crf.loss(torch.randn(1, 2, 3).bfloat16(), torch.zeros(1, 2, dtype=torch.long), mask)
    assert loss.dtype == torch.float32


@pytest.mark.parametrize("settings", [{}, {"crf": True}, {"pooling": "mean"}, {"intent_conditioned": True}])
def test_padding_changes_no_logit(settings: dict[str, Any]) -> None:
    joint = model(**settings)
    intents, tags, _ = joint.score(arrays(*ENGLISH, "hi"))
    assert intents is not None and tags is not None
    for row, text in enumerate((*ENGLISH, "hi")):
        intent, tag, _ = joint.score(arrays(text))
        assert intent is not None and tag is not None
        np.testing.assert_allclose(intents[row], intent[0], atol=1e-5)
        np.testing.assert_allclose(tags[row, : tag.shape[1]], tag[0], atol=1e-5)


def test_pooling_against_a_loop() -> None:
    torch.manual_seed(0)
    batch = {name: torch.from_numpy(array) for name, array in arrays("flights from vegast", "cafes", "").items()}
    states = torch.randn(*batch["input_ids"].shape, 6)
    first = word_states(states, batch["word_pieces"], batch["piece_words"], "first")
    mean = word_states(states, batch["word_pieces"], batch["piece_words"], "mean")
    longest = 0
    for row, word in batch["word_mask"].nonzero().tolist():
        pieces = (batch["piece_words"][row] == word).nonzero().flatten()
        longest = max(longest, len(pieces))
        torch.testing.assert_close(first[row, word], states[row, pieces[0]])
        torch.testing.assert_close(mean[row, word], states[row, pieces].mean(0))
    assert longest > 1
    assert not mean[2].any()


@pytest.mark.parametrize("labels", [Labels(LABELS.intents, None), Labels(None, LABELS.slots)])
@pytest.mark.parametrize("crf", [False, True])
def test_a_head_without_labels_is_absent(labels: Labels, crf: bool) -> None:
    joint = model(labels=labels, crf=crf, intent_conditioned=True)
    intents, tags, _ = joint.score(arrays("hi there"))
    assert (intents is None) == (labels.intents is None) == (joint.intent_head is None)
    assert (tags is None) == (labels.slots is None) == (joint.slot_head is None)
    assert (joint.crf is None) == (labels.slots is None or not crf)


def test_intent_conditioning_tells_the_slot_head_and_does_not_train_the_intent_head() -> None:
    joint = model(intent_conditioned=True)
    assert joint.slot_head is not None and joint.intent_head is not None
    words = torch.randn(1, 2, 32)
    left, right = (joint.slot_head(words, torch.tensor([[a, b, 0.0]])) for a, b in ((9.0, 0.0), (0.0, 9.0)))
    assert not torch.allclose(left, right)
    batch = gold()
    joint(**{name: value for name, value in batch.items() if name != "intent_ids"}).loss.backward()
    assert joint.intent_head.classifier.weight.grad is None


def test_piece_dropout_hides_word_pieces_in_training_only() -> None:
    joint = model(piece_dropout=0.5, unknown_id=1, dropout=0.0)
    batch = {name: torch.from_numpy(array) for name, array in arrays(*ENGLISH).items()}
    assert joint._hide(batch["input_ids"], batch["piece_words"]) is batch["input_ids"]
    joint.train()
    hidden = joint._hide(batch["input_ids"], batch["piece_words"])
    changed = hidden != batch["input_ids"]
    assert (hidden[changed] == 1).all() and (batch["piece_words"][changed] >= 0).all()
    real = (batch["piece_words"] >= 0).sum()
    assert 0.25 < float(changed.sum() / real) < 0.75


@pytest.mark.parametrize("name", ["bert", "distilbert"])
def test_fresh_heads_leave_the_encoder_as_it_came_and_nothing_uninitialised(name: str) -> None:
    encoder, _ = family(name)
    before = {key: value.clone() for key, value in encoder.state_dict().items()}
    config = JointBertConfig(
        encoder=encoder.config.to_dict(), intents=40, tags=61, crf=True, intent_conditioned=True, dropout=0.2
    )
    joint = JointBert(config, encoder)
    for key, value in joint.encoder.state_dict().items():
        assert torch.equal(value, before[key]), key
    for key, value in joint.named_parameters():
        assert torch.isfinite(value).all(), key
        if key.startswith("crf."):
            assert float(value.detach().abs().max()) <= 0.1 and float(value.detach().std()) > 0.01, key
        elif not key.startswith("encoder.") and key.endswith("weight"):
            assert 0.015 < float(value.detach().std()) < 0.025, key
        elif not key.startswith("encoder."):
            assert not value.any(), key


def test_scoring_leaves_a_model_in_its_mode_and_gives_fp32() -> None:
    joint = model().bfloat16()
    intents, *_ = joint.score(arrays("hi"))
    assert intents is not None and intents.dtype == np.float32 and not joint.training


def test_cross_entropy_is_computed_in_fp32() -> None:
    joint, batch = model().bfloat16(), gold()
    output = joint(**batch)
    assert output.loss.dtype == torch.float32
    intent = functional.cross_entropy(output.intent_logits.float(), batch["intent_ids"])
    assert output.loss.item() > intent.item()
