"""Which ideas pay: each alone against plain training, on dev, with the same seeds. Test is never read.

    jointbert data get snips --mirror MIRROR     (likewise atis)
    python benchmarks/ideas.py configs/snips.yaml --seeds 13,14,15
    python benchmarks/ideas.py configs/snips.yaml --set encoder.name=mini-en --ideas average,r-drop --share 20
    python benchmarks/report.py                  (writes benchmarks/RESULTS.md from the JSON files)

Each run is kept in benchmarks/results/ideas and is not repeated. ``--models FOLDER`` keeps every trained model, named
as its JSON file; one that is there is not trained again. ``ensemble`` with seed S learns from the models of ``plain``
with the seeds S + 1 to S + 3: those of that folder, or such as are trained for it.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from idea_trainers import Averaged, Ensembled, Mixed, Noisy, RDrop, Reinitialised
from keep import Record, keep
from machine import machine
from spread import METRICS
from task_adaptive import adapt

from jointbert.config import Config, load_config
from jointbert.config.origin import CONFIG
from jointbert.training import run as training
from jointbert.training.corpus import load_corpus, make_corpus
from jointbert.training.journal import JOURNAL
from jointbert.training.learning_curve import take_share
from jointbert.training.trainer import JointTrainer

RESULTS = Path(__file__).parent / "results" / "ideas"
TEACHERS = 3


@dataclass(frozen=True)
class Idea:
    """What it changes.

    Args:
        about: In a few words.
        settings: Keys of the config.
        trainer: Of the run.
        times: How many times the config's epochs.
    """

    about: str
    settings: tuple[str, ...] = ()
    trainer: type[JointTrainer] = JointTrainer
    times: int = 1


_ADVERSARIAL = "training.adversarial=0.6"
_SUBSTITUTION = "data.substitution=0.3"
_UNTIL_IT_STOPS = "training.patience=3"


IDEAS: dict[str, Idea] = {
    "plain": Idea("the config as it stands"),
    "layer-decay": Idea("lower layers learn at 0.9 of the rate above", ("training.layer_decay=0.9",)),
    "crf": Idea("a CRF on the tags", ("model.crf=true",)),
    "mean": Idea("a word is the mean of its pieces", ("model.pooling=mean",)),
    "conditioned": Idea("the slot head knows the intent", ("model.intent_conditioned=true",)),
    "substitution": Idea("a third of the slot values replaced, anew in each epoch", (_SUBSTITUTION,)),
    "typos": Idea("a mistyped word in a tenth of the utterances, anew in each epoch", ("data.typos=0.1",)),
    "encoder-dropout": Idea(
        "a tenth of the encoder's states dropped, for one whose config has none", ("encoder.dropout=0.1",)
    ),
    "hidden-pieces": Idea("5 % of the pieces hidden", ("model.piece_dropout=0.05",)),
    "slot-weight": Idea("the slot loss counts twice", ("model.slot_weight=2.0",)),
    "average": Idea("a moving average of the weights, 0.995 a step", (), Averaged),
    "r-drop": Idea("R-Drop, weight 1", (), RDrop),
    "adversarial": Idea(
        "a second look at each batch with its piece vectors moved by 0.6 of their length", (_ADVERSARIAL,)
    ),
    "noise": Idea("NEFTune noise, alpha 5", (), Noisy),
    "longer": Idea("twice the epochs at most, until dev has not risen for three", (_UNTIL_IT_STOPS,), times=2),
    "twice": Idea("twice the epochs to their end, which takes as long as `adversarial`", times=2),
    "adversarial-mean": Idea("`adversarial` and `mean`", (_ADVERSARIAL, "model.pooling=mean")),
    "adversarial-crf-mean": Idea(
        "`adversarial`, `crf` and `mean`", (_ADVERSARIAL, "model.crf=true", "model.pooling=mean")
    ),
    "adversarial-longer": Idea("`adversarial` and `longer`", (_ADVERSARIAL, _UNTIL_IT_STOPS), times=2),
    "adversarial-twice": Idea("`adversarial`, and twice the epochs to their end", (_ADVERSARIAL,), times=2),
    "mixed-layers": Idea("the heads see a learned mean of all layers", (), Mixed),
    "mixed-adversarial": Idea("`mixed-layers` and `adversarial`", (_ADVERSARIAL,), Mixed),
    "mixed-crf-mean": Idea("`mixed-layers`, `crf` and `mean`", ("model.crf=true", "model.pooling=mean"), Mixed),
    "new-top": Idea("the two uppermost layers start from random weights", (), Reinitialised),
    "adapted": Idea("400 steps of MLM on the training texts first (task_adaptive.py)"),
    "ensemble": Idea("taught by three other seeds' mean", (), Ensembled),
    "ensemble-substitution": Idea("`ensemble` and `substitution`", (_SUBSTITUTION,), Ensembled),
}


@contextmanager
def trained_by(trainer: type[JointTrainer]) -> Iterator[None]:
    """Let runs have this trainer."""
    before = training.JointTrainer
    training.JointTrainer = trainer  # type: ignore[misc]
    try:
        yield
    finally:
        training.JointTrainer = before  # type: ignore[misc]


def best(folder: Path) -> dict[str, float]:
    """The dev scores of the epoch with the best sentence accuracy, as the run's journal has them."""
    lines = [json.loads(line) for line in (folder / JOURNAL).read_text(encoding="utf-8").splitlines()]
    top = max((line for line in lines if METRICS[-1] in line), key=lambda line: line[METRICS[-1]])
    return {name: top[name] for name in METRICS}


def is_there(folder: Path, config: Config) -> bool:
    """Whether a folder holds what this config trained, as ``--models`` of this or of accuracy.py keeps it."""
    return (folder / CONFIG).is_file() and load_config(folder / CONFIG) == config


def run(path: str, settings: list[str], name: str, share: float, seed: int, folder: Path) -> dict[str, Any]:
    """Train with one idea; what it gave on dev."""
    idea = IDEAS[name]
    wanted = [*settings, *idea.settings, f"training.seed={seed}"]
    config = load_config(path, wanted)
    if idea.times > 1:
        config = load_config(path, [*wanted, f"training.epochs={idea.times * config.training.epochs}"])
    corpus = load_corpus(config.data)
    part = [corpus.train[index] for index in take_share(corpus.train, share, seed)]
    if name == "adapted":
        scratch = folder.parent / f"adapted-{seed}"
        scratch.mkdir(exist_ok=True)
        place = adapt([item.text for item in corpus.train], scratch, config.encoder.name)
        config = config.model_copy(update={"encoder": config.encoder.model_copy(update={"name": place})})
    if not is_there(folder, config):
        with trained_by(idea.trainer):
            training.train(config, folder, corpus=make_corpus(part, corpus.dev, config.data.dev))
    return {
        "config": Path(path).stem,
        "settings": settings,
        "idea": name,
        "about": idea.about,
        "share": share,
        "seed": seed,
        "dev": best(folder),
        "machine": machine(),
        "date": time.strftime("%Y-%m-%d"),
    }


def kept_file(path: str, settings: list[str], name: str, share: float, seed: int) -> Path:
    """Where a run is kept."""
    return RESULTS / (
        re.sub(r"[^\w.]+", "-", f"{Path(path).stem} {' '.join(settings)} {share:g} {name} {seed}") + ".json"
    )


def asked(given: Sequence[str] | None = None) -> argparse.Namespace:
    """A command line's ``config``, ``settings``, ``ideas`` and ``seeds`` (lists), ``share`` and ``models``.

    Args:
        given: Its arguments; None takes this process's own.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config")
    parser.add_argument("--set", action="append", default=[], dest="settings", metavar="KEY=VALUE")
    parser.add_argument("--ideas", default=",".join(IDEAS), help="names with commas between them")
    parser.add_argument("--seeds", type=lambda text: list(map(int, text.split(","))), default=[13, 14, 15])
    parser.add_argument("--share", type=float, default=100.0, help="of the training data, in percent")
    parser.add_argument("--models", type=Path, help="a folder to keep the trained models in")
    arguments = parser.parse_args(given)
    arguments.ideas = arguments.ideas.split(",")
    if unknown := [name for name in arguments.ideas if name not in IDEAS]:
        parser.error(f"no such idea: {', '.join(unknown)}; there are {', '.join(IDEAS)}")
    return arguments


def results_of(given: Sequence[str]) -> set[Path]:
    """The files that a command line leaves behind."""
    its = asked(given)
    return {kept_file(its.config, its.settings, name, its.share, seed) for seed in its.seeds for name in its.ideas}


def main() -> None:
    """Run what was asked for, seed by seed, so that ideas can be compared from the first one on."""
    arguments = asked()
    with tempfile.TemporaryDirectory() as scratch:
        for seed in arguments.seeds:
            for name in arguments.ideas:
                path = kept_file(arguments.config, arguments.settings, name, arguments.share, seed)
                keep(path, partial(measure, arguments, name, seed, Path(scratch)), lambda record: record["dev"])


def measure(arguments: argparse.Namespace, name: str, seed: int, scratch: Path) -> Record:
    """Train with one idea and one seed; what it gave."""
    given = arguments.config, arguments.settings
    place = partial(model_folder, arguments, scratch)
    if IDEAS[name].trainer is Ensembled:
        Ensembled.folders = [place("plain", other) for other in range(seed + 1, seed + 1 + TEACHERS)]
        for other, teacher in enumerate(Ensembled.folders, seed + 1):
            run(*given, "plain", arguments.share, other, teacher)
    return run(*given, name, arguments.share, seed, place(name, seed))


def model_folder(arguments: argparse.Namespace, scratch: Path, name: str, seed: int) -> Path:
    """Where the model of an idea and a seed is trained, or has been.

    Without ``--models`` nothing but ``plain`` is kept, which others learn from.
    """
    if arguments.models is None and name != "plain":
        shutil.rmtree(scratch / "model", ignore_errors=True)
        return scratch / "model"
    whole = kept_file(arguments.config, arguments.settings, name, arguments.share, seed).stem
    return (arguments.models or scratch) / whole


if __name__ == "__main__":
    main()
