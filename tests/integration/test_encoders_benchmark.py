"""What the encoders' benchmark says of its kept runs: gains by seed, and whether an aim is reached."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

Load = Callable[[str], ModuleType]


def run(dataset: str, encoder: str, seed: int, *scores: float, share: float = 100.0) -> dict[str, Any]:
    """A kept run with its intent accuracy, slot F1 and sentence accuracy in percent."""
    names = ("intent_accuracy", "slot_f1", "sentence_accuracy")
    test = dict(zip(names, (score / 100 for score in scores), strict=True))
    return {"dataset": dataset, "encoder": encoder, "seed": seed, "share": share, "test": test}


@pytest.fixture
def gains(load: Load) -> ModuleType:
    pytest.importorskip("datasets", reason="the pretrain extra is not installed")
    return load("encoder_gains")


def test_seeds_are_paired(gains: ModuleType) -> None:
    assert gains.paired({13: 80.0, 15: 90.0, 14: 70.0}, {14: 69.0, 13: 82.0}) == [-2.0, 1.0]


def test_a_gain_is_told_against_its_aim(gains: ModuleType) -> None:
    runs = [run("snips", "random", 13, 97, 87, 74), run("snips", "mini-en", 13, 98, 92, 78)]
    assert gains.verdicts(runs) == (
        "- snips, mini-en over random weights: +1.00 / +5.00 / +4.00 points, aimed at +5 in the last ✗"
    )
    runs = [run("demo-zh", "random", 13, 97, 87, 74), run("demo-zh", "mini-zh", 13, 96, 92, 78)]
    assert gains.verdicts(runs).endswith("-1.00 / +5.00 / +4.00 points, aimed at more than 0 in each ✗")


def test_the_distance_from_minilm_is_told_on_atis_alone(gains: ModuleType) -> None:
    runs = [run("atis", "minilm-l6", 13, 98, 95, 88), run("atis", "mini-en", 13, 97, 95, 86.5)]
    told = "- atis, mini-en below MiniLM-L6: 1.50 points of sentence accuracy, aimed at 2 at most ✓"
    assert gains.verdicts(runs) == told
    assert gains.verdicts([run("snips", "minilm-l6", 13, 98, 95, 88)]) == ""


def test_adapting_is_compared_at_the_same_seed_and_share(gains: ModuleType) -> None:
    plain = [run("snips", "mini-en", seed, 97, 90, 80, share=5.0) for seed in (13, 14)]
    adapted = [run("snips", "mini-en adapted", seed, 97, 91, 80 + seed - 12, share=5.0) for seed in (13, 14)]
    table = gains.adapted_table([*plain, *adapted, run("snips", "mini-en", 13, 99, 99, 99)])
    assert "| snips | 5 % | 2 | 0.00 ± 0.00 [0.00, 0.00] | 1.00 ± 0.00 [1.00, 1.00] | 1.50 ± 0.71 [" in table
    assert gains.adapted_table(plain) == ""
