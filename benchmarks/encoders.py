"""What an encoder is worth: the same fine-tuning recipe on encoders of several makes, test looked at once a run.

    jointbert data get snips --mirror MIRROR     (likewise atis and cais)
    python benchmarks/encoders.py snips --encoders random,mini-en,minilm-l6,gte-small --seeds 13,14,15
    python benchmarks/encoders.py snips --encoders random,mini-en --shares 1,5,20
    python benchmarks/encoders.py snips --encoders "MLM only=encoders/mini-en-mlm"      (made by make: see the Makefile)
    python benchmarks/report.py                  (writes benchmarks/RESULTS.md from the JSON files)

``random`` has the shape, the tokenizer and the dropout (none) of the language's mini encoder, and random weights;
others keep the dropout of their own configs. ``NAME=FOLDER`` measures an encoder of one's own under a name. Each run
is kept in benchmarks/results/encoders, and is not repeated.
"""

from __future__ import annotations

import argparse
import re
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from keep import keep
from machine import machine

ROOT = Path(__file__).parent.parent
RESULTS = Path(__file__).parent / "results" / "encoders"

DATASETS: dict[str, tuple[str, str, str, int]] = {
    "atis": ("en", "datasets/atis/train", "datasets/atis/test", 10),
    "snips": ("en", "datasets/snips/train", "datasets/snips/test", 6),
    "demo-en": ("en", "datasets/demo-en/train.jsonl", "datasets/demo-en/test.jsonl", 10),
    "cais": ("zh", "datasets/cais/train", "datasets/cais/test", 8),
    "demo-zh": ("zh", "datasets/demo-zh/train.jsonl", "datasets/demo-zh/test.jsonl", 10),
}
"""Dataset → language, training split, test split, epochs. A small share is repeated to the length of a quarter."""

RECIPE = {"batch_size": 32, "learning_rate": 3e-4, "head_learning_rate": 1e-3, "patience": 0}


def dev_of(train: str) -> str:
    """The dev split beside a training split."""
    dev = train.replace("train", "dev")
    return dev if Path(dev).exists() else train.replace("train", "valid")


def random_encoder(language: str, seed: int, folder: Path) -> str:
    """A folder with the shape and the tokenizer of the mini encoder, its weights random."""
    from transformers import set_seed

    from jointbert.codec.pretrained import load_tokenizer
    from jointbert.model.names import locate
    from jointbert.model.pretraining import fresh_pretraining_model, save_pretraining_model

    tokenizer = load_tokenizer(locate(f"mini-{language}"))
    set_seed(seed)
    model = fresh_pretraining_model("mini", len(tokenizer), int(tokenizer.pad_token_id), 128, 0.0)
    save_pretraining_model(model, folder)
    tokenizer.save_pretrained(folder)
    return str(folder)


def run(dataset: str, name: str, place: str | None, share: float, seed: int) -> dict[str, Any]:
    """Fine-tune on a share of the data and score: dev chose the epoch, test is read once."""
    from jointbert import NLU
    from jointbert.config import Config
    from jointbert.data import read
    from jointbert.evaluation.score import evaluate
    from jointbert.fitting.precision import use_bf16
    from jointbert.training.corpus import load_corpus, make_corpus
    from jointbert.training.learning_curve import take_share
    from jointbert.training.run import train

    language, train_path, test_path, epochs = DATASETS[dataset]
    repeated = max(1, round(25 / share))
    with tempfile.TemporaryDirectory() as scratch:
        encoder = place or random_encoder(language, seed, Path(scratch) / "random")
        config = Config.model_validate(
            {
                "data": {"train": train_path, "dev": dev_of(train_path)},
                "encoder": {"name": encoder},
                "training": RECIPE | {"epochs": epochs, "seed": seed},
            }
        )
        corpus = load_corpus(config.data)
        part = [corpus.train[index] for index in take_share(corpus.train, share, seed)]
        result = train(
            config, Path(scratch) / "model", corpus=make_corpus(part * repeated, corpus.dev, config.data.dev)
        )
        gold = read(test_path)
        scores = evaluate(gold, NLU.load(Path(scratch) / "model").parse_many([item.text for item in gold]))
    return {
        "dataset": dataset,
        "encoder": name,
        "share": share,
        "seed": seed,
        "utterances": len(part),
        "repeated": repeated,
        "epochs": result.epochs,
        "recipe": RECIPE,
        "format": "bf16" if use_bf16(config.training.precision) else "fp32",
        "machine": machine(),
        "date": time.strftime("%Y-%m-%d"),
        "seconds": round(result.seconds, 1),
        "dev": kept(result.dev),
        "test": kept(scores),
    }


def kept(scores: Any) -> dict[str, float]:
    """The three scores of the tables."""
    return {
        "intent_accuracy": scores.intent_accuracy,
        "slot_f1": scores.slot_f1,
        "sentence_accuracy": scores.sentence_accuracy,
    }


def kept_file(dataset: str, name: str, share: float, seed: int) -> Path:
    """Where a run is kept."""
    return RESULTS / (re.sub(r"\W+", "-", f"{dataset} {name} {share:g} {seed}") + ".json")


Run = tuple[str, str, str | None, float, int]
"""Dataset, encoder's name, its place (None: random weights), share of the training data in percent, seed."""


def asked(given: Sequence[str] | None = None) -> list[Run]:
    """The runs that a command line asks for.

    Args:
        given: Its arguments; None takes this process's own.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("datasets", nargs="+", choices=sorted(DATASETS))
    parser.add_argument("--encoders", required=True, help="names with commas between them; NAME=FOLDER names a folder")
    parser.add_argument("--seeds", default="13,14,15")
    parser.add_argument("--shares", default="100", help="of the training data, in percent")
    arguments = parser.parse_args(given)
    encoders = [each.partition("=")[::2] for each in arguments.encoders.split(",")]
    return [
        (dataset, name, None if name == "random" else folder or name, share, seed)
        for dataset in arguments.datasets
        for name, folder in encoders
        for share in map(float, arguments.shares.split(","))
        for seed in map(int, arguments.seeds.split(","))
    ]


def results_of(given: Sequence[str]) -> set[Path]:
    """The files that a command line leaves behind."""
    return {kept_file(dataset, name, share, seed) for dataset, name, _, share, seed in asked(given)}


def main() -> None:
    """Run what was asked for; a run whose JSON file exists is left alone."""
    for dataset, name, place, share, seed in asked():
        make = partial(run, dataset, name, place, share, seed)
        keep(kept_file(dataset, name, share, seed), make, lambda record: record["test"])


if __name__ == "__main__":
    main()
