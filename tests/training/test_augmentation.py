"""Training utterances that differ from epoch to epoch: seed and number decide them, and training sees them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from toy import config, rows

from jointbert.codec import Codec, Encoded
from jointbert.config import Config
from jointbert.training.augmentation import Augmentation
from jointbert.training.batches import LengthGrouped
from jointbert.training.build import build_model
from jointbert.training.corpus import load_corpus
from jointbert.training.run import train

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
