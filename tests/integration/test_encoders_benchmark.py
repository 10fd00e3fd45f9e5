"""What the encoders' benchmark says of its kept runs: gains by seed, and whether an aim is reached."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
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


def test_the_picture_shows_every_seed_that_was_kept(load: Load, tmp_path: Path) -> None:
    pytest.importorskip("datasets", reason="the pretrain extra is not installed")
    pytest.importorskip("matplotlib", reason="the train extra is not installed")
    from matplotlib.figure import Figure

    picture = load("encoders_picture")
    picture.draw(tmp_path, tmp_path / "none.png")
    assert not (tmp_path / "none.png").exists(), "nothing is drawn of nothing"
    kept = [run("snips", "random", seed, 97, 87, 70 + seed, share=share) for seed in (3, 4) for share in (5.0, 100.0)]
    (tmp_path / "encoders").mkdir()
    for number, each in enumerate([*kept, run("cais", "bge-small-zh", 3, 95, 89, 86.5)]):
        (tmp_path / "encoders" / f"{number}.json").write_text(json.dumps(each))
    picture.draw(tmp_path, tmp_path / "some.png")
    assert (tmp_path / "some.png").read_bytes().startswith(b"\x89PNG")
    left, right = Figure().subplots(1, 2)
    picture._draw_rows(left, picture.records(tmp_path))
    picture._draw_learning(right, picture.records(tmp_path))
    dots = [sorted(line.get_xdata()) for line in left.lines if line.get_marker() == "o"]
    assert dots == [[73.0, 74.0], [86.5]]
    assert [list(line.get_xdata()) for line in right.lines if line.get_linestyle() == "-"] == [[5.0, 100.0]]
