"""Slot-value substitution: only values move, offsets follow, and an epoch is decided by its seed and number."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
from toy import config, rows

from jointbert.training.batches import LengthGrouped
from jointbert.training.build import build_model
from jointbert.training.corpus import load_corpus
from jointbert.training.run import train
from jointbert.training.substitution import Substitution, substitute, values_of
from jointbert.utterance import Span, Utterance

TEXT = "fly from Rome to Oslo"
FLIGHT = Utterance(TEXT, "travel", (Span.of(TEXT, "from", 9, 13), Span.of(TEXT, "to", 17, 21)))


def test_values_move_and_everything_else_stays() -> None:
    after = substitute(FLIGHT, {"from": ["New York"], "to": ["LA"]}, 1.0, random.Random(0))
    assert after.text == "fly from New York to LA"
    assert [(span.slot, span.value) for span in after.spans] == [("from", "New York"), ("to", "LA")]
    assert after.intent == "travel"


def test_a_share_of_nothing_changes_nothing() -> None:
    assert substitute(FLIGHT, values_of([FLIGHT]), 0.0, random.Random(0)) == FLIGHT


def test_a_value_only_ever_comes_from_its_own_slot() -> None:
    values = {"from": ["Rome", "Bern"], "to": ["Oslo", "Lima"]}
    generator = random.Random(3)
    for _ in range(50):
        for span in substitute(FLIGHT, values, 0.5, generator).spans:
            assert span.value in values[span.slot]


def test_an_epoch_is_decided_by_its_number_and_the_order_is_told_its_lengths(tmp_path: Path) -> None:
    settings = config(tmp_path, rows(40, 1), rows(5, 2), data={"substitution": 1.0})
    corpus = load_corpus(settings.data)
    swaps = Substitution(corpus.train, build_model(settings, corpus).codec, 1.0, 7)
    first, again, other = swaps.epoch(0), swaps.epoch(0), swaps.epoch(1)
    assert all(np.array_equal(a.input_ids, b.input_ids) for a, b in zip(first, again, strict=True))
    assert any(not np.array_equal(a.input_ids, b.input_ids) for a, b in zip(first, other, strict=True))
    order = LengthGrouped([1] * 40, 8, 7, lambda epoch: [len(item.input_ids) for item in swaps.epoch(epoch)])
    order.set_epoch(1)
    assert order.lengths == [len(item.input_ids) for item in other]


def test_training_sees_other_values_in_each_epoch(tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    seen: list[int] = []
    original = Substitution.epoch

    def epoch(self: Substitution, number: int) -> list[object]:
        seen.append(number)
        return original(self, number)

    monkeypatch.setattr(Substitution, "epoch", epoch)
    settings = config(
        tmp_path,
        rows(40, 1),
        rows(5, 2),
        data={"substitution": 0.5},
        encoder={"family": "deberta"},
        training={"epochs": 3},
    )
    train(settings, tmp_path / "model")
    assert sorted(set(seen)) == [0, 1, 2]
