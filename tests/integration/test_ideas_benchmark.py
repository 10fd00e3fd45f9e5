"""The benchmark of ideas: each one trains, moves the weights otherwise than plain training, and is compared by seed."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
import torch
import toy

from jointbert.config import load_config

Load = Callable[[str], ModuleType]
TRAINERS = ("average", "r-drop", "adversarial", "noise", "mixed-layers", "new-top", "ensemble")


def test_each_idea_trains_and_is_not_plain_training(
    load: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ideas = load("ideas")
    monkeypatch.setattr(ideas, "RESULTS", tmp_path / "results")
    config = tmp_path / "toy.yaml"
    config.write_text(toy.small(tmp_path).to_yaml(), encoding="utf-8")
    asked = ["ideas.py", str(config), "--seeds", "13", "--ideas", ",".join(("plain", *TRAINERS))]
    monkeypatch.setattr(sys, "argv", asked)
    weights, journal = [], ideas.best

    def best(folder: Path) -> dict[str, float]:
        if folder.name == "model" or folder.name.endswith("plain-13"):
            weights.append(toy.weights(folder))
        found: dict[str, float] = journal(folder)
        return found

    monkeypatch.setattr(ideas, "best", best)
    ideas.main()
    runs = [json.loads(path.read_text()) for path in (tmp_path / "results").iterdir()]
    assert {run["idea"] for run in runs} == {"plain", *TRAINERS}
    assert all(0 <= run["dev"]["sentence_accuracy"] <= 1 for run in runs)
    plain, average, *others = weights
    assert toy.same(average, plain)  # what is scored is another model; training is the same
    assert len(others) == 6 and not any(toy.same(other, plain) for other in others)
    ideas.main()
    assert len(list((tmp_path / "results").iterdir())) == len(runs)


def test_a_trained_model_is_kept_where_asked(load: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ideas = load("ideas")
    monkeypatch.setattr(ideas, "RESULTS", tmp_path / "results")
    config = tmp_path / "toy.yaml"
    config.write_text(toy.small(tmp_path).to_yaml(), encoding="utf-8")
    asked = [
        "ideas.py",
        str(config),
        "--seeds",
        "13",
        "--ideas",
        "adversarial-longer",
        "--models",
        str(tmp_path / "kept"),
    ]
    monkeypatch.setattr(sys, "argv", asked)
    ideas.main()
    (kept,) = (tmp_path / "kept").iterdir()
    (result,) = (tmp_path / "results").iterdir()
    assert kept.name == result.stem
    trained = load_config(kept / "training.yaml").training
    assert (trained.adversarial, trained.epochs, trained.patience) == (0.6, 2, 3)
    first = json.loads(result.read_text())
    result.unlink()
    monkeypatch.setattr(ideas.training, "train", None)  # it is not trained again
    ideas.main()
    assert json.loads(result.read_text()) == first


def test_the_encoder_can_read_the_training_texts_first(
    load: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ideas, asked = load("ideas"), []

    def adapt(texts: list[str], folder: Path, encoder: str) -> str:
        asked.append((len(texts), folder.name, encoder))
        return "adapted encoder"

    def train(config: object, *_: object, **__: object) -> None:
        asked.append(config.encoder.name)  # type: ignore[attr-defined]
        raise KeyboardInterrupt

    monkeypatch.setattr(ideas, "adapt", adapt)
    monkeypatch.setattr(ideas.training, "train", train)
    config = tmp_path / "toy.yaml"
    config.write_text(toy.small(tmp_path).to_yaml(), encoding="utf-8")
    with pytest.raises(KeyboardInterrupt):
        ideas.run(str(config), [], "adapted", 100.0, 13, tmp_path / "model")
    (texts, folder, encoder), trained = asked
    assert texts > 0 and folder == "adapted-13" and encoder == toy.small(tmp_path).encoder.name
    assert trained == "adapted encoder"


def test_what_is_scored_is_the_average_and_training_goes_on_from_the_last_weights(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainers = load("idea_trainers")
    seen = []

    class Stub(trainers.Averaged):  # type: ignore[name-defined, misc]
        def __init__(self) -> None:
            self.joint = torch.nn.Linear(1, 1, bias=False)
            self._average = torch.optim.swa_utils.AveragedModel(self.joint, avg_fn=lambda old, new, n: (old + new) / 2)

    monkeypatch.setattr(trainers.JointTrainer, "evaluate", lambda self: seen.append(self.joint.weight.item()) or {})
    stub = Stub()
    for weight in (4.0, 8.0):
        stub.joint.weight.data.fill_(weight)
        stub._average.update_parameters(stub.joint)
    stub.evaluate()
    assert seen == [6.0]
    assert stub.joint.weight.item() == 8.0


def test_divergence_is_the_mean_of_both_directions(load: Load) -> None:
    trainers = load("idea_trainers")
    one, two = torch.tensor([[0.9, 0.1]]).log(), torch.tensor([[0.5, 0.5]]).log()
    forwards = 0.9 * torch.log(torch.tensor(0.9 / 0.5)) + 0.1 * torch.log(torch.tensor(0.1 / 0.5))
    backwards = 0.5 * torch.log(torch.tensor(0.5 / 0.9)) + 0.5 * torch.log(torch.tensor(0.5 / 0.1))
    torch.testing.assert_close(trainers.divergence(one, two), (forwards + backwards) / 2)
    assert trainers.divergence(one, one) == 0


def keep_some(folder: Path) -> None:
    """Runs of one group: plain and two others with two seeds in part, and plain with a setting of its own."""
    (folder / "ideas").mkdir()
    found = {("plain", 13): 0.80, ("plain", 14): 0.90, ("crf", 13): 0.82, ("crf", 14): 0.93, ("noise", 14): 0.91}
    found[("longer", 13)] = 0.805
    for (idea, seed), accuracy in found.items():
        record = {"config": "snips", "settings": ["encoder.name=mini-en"], "idea": idea, "about": "words", "seed": seed}
        record |= {"share": 20.0, "machine": {"hardware": "a machine"}}
        if idea == "longer":  # a plain run with a setting of its own
            record |= {"idea": "plain", "settings": ["encoder.name=mini-en", "training.epochs=9"]}
        record["dev"] = {"intent_accuracy": 0.9, "slot_f1": 0.8, "sentence_accuracy": accuracy}
        (folder / "ideas" / f"{idea}-{seed}.json").write_text(json.dumps(record))


def test_ideas_are_compared_with_plain_training_of_the_same_seed(load: Load, tmp_path: Path) -> None:
    report = load("ideas_report")
    assert report.section(tmp_path) == "Not run."
    keep_some(tmp_path)
    text = report.section(tmp_path)
    assert "`configs/snips.yaml`, `--set encoder.name=mini-en`, 20 % of the training data, on a machine:" in text
    plain, crf, noise, longer = [line for line in text.splitlines() if line.startswith("| `")]
    assert plain.endswith("| 85.00 ± 7.07 |  |")
    assert "| 13, 14 |" in crf and crf.endswith("| 2.50 ± 0.71 [-3.85, 8.85] |")
    assert noise.endswith("| 91.00 | 1.00 |")
    assert longer.startswith("| `plain`: words, `--set training.epochs=9` | 13 |") and longer.endswith(
        "| 80.50 | 0.50 |"
    )


def test_the_picture_shows_each_seeds_gain(load: Load, tmp_path: Path) -> None:
    from matplotlib.figure import Figure

    picture = load("ideas_picture")
    picture.draw(tmp_path, tmp_path / "none.png")
    assert not (tmp_path / "none.png").exists()
    keep_some(tmp_path)
    picture.draw(tmp_path, tmp_path / "some.png")
    assert (tmp_path / "some.png").read_bytes().startswith(b"\x89PNG")
    axes = Figure().subplots()
    picture.draw_gains(axes, picture.groups(tmp_path)[0])
    assert [label.get_text() for label in axes.get_yticklabels()] == ["crf", "noise", "plain, training.epochs=9"]
    dots = [line for line in axes.get_lines() if line.get_marker() == "o"]
    assert [[round(gain, 6) for gain in line.get_xdata()] for line in dots] == [[2.0, 3.0], [1.0], [0.5]]
    assert [line.get_color() for line in dots] == [picture.COLOURS[1], picture.COLOURS[0], picture.COLOURS[0]]
