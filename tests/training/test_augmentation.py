"""Training utterances that differ from epoch to epoch: seed and number decide them, and training sees them."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from toy import config, rows

from jointbert.codec import Codec, Encoded
from jointbert.codec.encode import OnMisfit
from jointbert.config import Config
from jointbert.training.augmentation import Augmentation
from jointbert.training.batches import LengthGrouped
from jointbert.training.build import build_model
from jointbert.training.corpus import load_corpus
from jointbert.training.run import train
from jointbert.training.value_lists import ValueLists
from jointbert.utterance import Utterance

Made = Callable[..., Augmentation]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """An augmentation of 40 utterances; its arguments are those of the class."""
    settings = config(tmp_path, rows(40, 1), rows(5, 2))
    corpus = load_corpus(settings.data)
    codec = build_model(settings, corpus).codec
    return lambda **given: Augmentation(corpus.train, codec, **given)


def same(first: list[Encoded], second: list[Encoded]) -> list[bool]:
    return [np.array_equal(a.input_ids, b.input_ids) for a, b in zip(first, second, strict=True)]


@pytest.mark.parametrize("kind", [{"substitution": 1.0}, {"typos": 1.0}])
def test_an_epoch_is_decided_by_its_number_and_the_order_is_told_its_lengths(made: Made, kind: Any) -> None:
    changes = made(seed=7, **kind)
    first, again, other = changes.epoch(0), changes.epoch(0), changes.epoch(1)
    assert all(same(first, again)) and not all(same(first, other))
    assert not all(same(first, made(seed=8, **kind).epoch(0)))
    order = LengthGrouped([1] * 40, 8, 7, lambda epoch: [len(item.input_ids) for item in changes.epoch(epoch)])
    order.set_epoch(1)
    assert order.lengths == [len(item.input_ids) for item in other]


def test_typos_come_on_top_of_other_values_and_to_their_share(made: Made) -> None:
    plain, swapped = made(seed=7), made(seed=7, substitution=1.0)
    assert all(same(plain.epoch(0), plain.epoch(1)))
    mistyped = made(seed=7, substitution=1.0, typos=0.5).epoch(0)
    kept = same(mistyped, swapped.epoch(0))
    assert 10 <= kept.count(True) <= 30  # of 40: half of them, by four standard deviations at most


def travels(
    tmp_path: Path, texts: list[tuple[str, int, int]], more: ValueLists, on_misfit: OnMisfit = "widen"
) -> tuple[Augmentation, Codec]:
    """An augmentation of texts with the place of their city, each with another value in every epoch."""
    items = [
        {"text": text, "intent": "travel", "slots": [{"slot": "city", "start": start, "end": end}]}
        for text, start, end in texts
    ]
    settings = config(tmp_path, items, rows(5, 2))
    corpus = load_corpus(settings.data)
    codec = build_model(settings, corpus).codec
    return Augmentation(corpus.train, codec, 7, substitution=1.0, more=more, on_misfit=on_misfit), codec


def pieces(codec: Codec, *texts: str) -> list[list[int]]:
    return [item.input_ids.tolist() for item in codec.encode([Utterance(text, "travel") for text in texts])[0]]


def test_a_value_that_makes_the_text_too_long_is_not_put_there_and_that_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    title = " ".join(["Llanfair"] * 40)
    changes, codec = travels(tmp_path, [("to Rome and see Rome", 3, 7)] * 6, {"city": [title, "Oslo"]})
    with caplog.at_level(logging.WARNING, "jointbert.training"):
        epochs = [changes.epoch(number) for number in range(4)]
    assert all(item.words.truncated_at is None for epoch in epochs for item in epoch)
    whole = pieces(codec, "to Rome and see Rome", "to Oslo and see Rome")
    seen = [item.input_ids.tolist() for epoch in epochs for item in epoch]
    assert all(ids in whole for ids in seen) and all(ids in seen for ids in whole)
    assert all(same(epochs[1], changes.epoch(1)))
    [message] = [line for line in caplog.messages if "stay" in line]
    assert re.fullmatch(
        r"data\.substitution and data\.typos: in epoch 1, [1-6] of 6 utterances stay as they are, because they would "
        r"not fit once changed, the first at .*train\.jsonl:\d \(truncated\); other epochs do the same, and are not "
        r"counted",
        message,
    )


@pytest.mark.parametrize("on_misfit", ["widen", "error"])
def test_where_it_is_an_error_no_value_runs_into_the_next_word_unless_its_own_did(
    tmp_path: Path, on_misfit: OnMisfit
) -> None:
    texts = [("Rome,5 please", 0, 5), ("to Lima5", 3, 7)]
    changes, codec = travels(tmp_path, texts, {"city": ["Oslo"]}, on_misfit)
    epochs = [changes.epoch(number) for number in range(20)]
    first, second = ({tuple(epoch[place].input_ids.tolist()) for epoch in epochs} for place in (0, 1))
    more = ["Lima5 please", "Oslo5 please"] if on_misfit == "widen" else []
    assert first == set(map(tuple, pieces(codec, "Rome,5 please", *more)))
    assert second == set(map(tuple, pieces(codec, "to Lima5", "to Oslo5", "to Rome,5")))


def training(tmp_path: Path, **data: Any) -> Config:
    return config(tmp_path, rows(24, 1), rows(5, 2), data=data, training={"epochs": 3})


@pytest.mark.parametrize("data", [{"substitution": 0.5}, {"typos": 0.5}])
def test_training_sees_another_text_in_each_epoch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: dict[str, float]
) -> None:
    seen: list[int] = []
    original = Augmentation.epoch

    def epoch(self: Augmentation, number: int) -> list[Encoded]:
        seen.append(number)
        return original(self, number)

    monkeypatch.setattr(Augmentation, "epoch", epoch)
    train(training(tmp_path, **data), tmp_path / "model")
    assert sorted(set(seen)) == [0, 1, 2]


def test_a_run_trains_on_listed_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts: list[str] = []
    original = Codec.encode

    def encode(self: Codec, utterances: Any, *more: Any) -> Any:
        texts.extend(utterance.text for utterance in utterances)
        return original(self, utterances, *more)

    monkeypatch.setattr(Codec, "encode", encode)
    lists = tmp_path / "values.yaml"
    lists.write_text("city: [Ulan Bator]\nfod: [tea]\n", encoding="utf-8")
    train(training(tmp_path, substitution=0.5, values=str(lists)), tmp_path / "model")
    assert any("Ulan Bator" in text for text in texts)


def test_the_random_numbers_of_training_are_its_own(made: Made) -> None:
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    made(seed=7, substitution=1.0, typos=1.0).epoch(0)
    assert torch.rand(1) == expected
