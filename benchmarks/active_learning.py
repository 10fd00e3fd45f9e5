"""What the queue's order saves: sentence accuracy against number of labels, on SNIPS, for random and for the queue.

    jointbert data get snips --mirror MIRROR
    python benchmarks/active_learning.py --seeds 13,14,15
    python benchmarks/report.py

A replay: SNIPS's training texts are put, unlabelled, into a project of a real annotation store. An annotator who always
knows the right answer takes what the queue gives (or what chance gives), a model is trained from the same encoder on
all answers so far, its suggestions order the queue anew, and so on. The first batch comes from the order "diversity",
later ones from "uncertainty". Each model trains the same number of steps and keeps its last weights: no choice is made
on the data it is scored on, which is SNIPS's dev split. The test split is not touched.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from machine import machine

from jointbert import NLU, Utterance
from jointbert.annotation import Project, Schema, Store
from jointbert.checkpoint.folder import make_predictor
from jointbert.config import Config
from jointbert.data import read
from jointbert.evaluation.score import evaluate
from jointbert.model.encoder import quiet
from jointbert.training.arguments import training_arguments
from jointbert.training.build import build_model
from jointbert.training.corpus import make_corpus
from jointbert.training.lean import lean
from jointbert.training.trainer import JointTrainer

ROOT = Path(__file__).parent.parent
RESULTS = Path(__file__).parent / "results"
ORDERS = ("random", "queue")
BATCH_SIZE = 16
ANNOTATOR = "replay"


def learn(train: list[Utterance], encoder: str, steps: int, seed: int) -> NLU:
    """A model of the labelled utterances after a fixed number of steps."""
    epochs = max(1, math.ceil(steps * BATCH_SIZE / len(train)))
    settings = {"epochs": epochs, "batch_size": BATCH_SIZE, "learning_rate": 2e-4, "seed": seed, "patience": 0}
    config = Config.model_validate(
        {"data": {"train": "-", "dev": "-"}, "encoder": {"name": encoder}, "training": settings}
    )
    corpus = make_corpus(train, train[:1], "replay")
    fresh = build_model(config, corpus)
    encoded, _ = fresh.codec.encode(corpus.train)
    with tempfile.TemporaryDirectory() as work, quiet(), lean(fresh.model, encoded):
        arguments = training_arguments(config.training, Path(work))
        arguments.save_strategy, arguments.eval_strategy, arguments.load_best_model_at_end = "no", "no", False
        trainer = JointTrainer(fresh.model, arguments, config.training, fresh.codec, encoded, corpus.dev, [])
        trainer.pop_callback(trainer.callback_handler.callbacks[-1])  # its printer
        trainer.train()
    fresh.model.train(False)
    return NLU(make_predictor(fresh.model, fresh.codec))


def taken(project: Project, order: str, count: int) -> Iterator[int]:
    """The next ``count`` utterances of the queue, each answered before the next is asked for."""
    for _ in range(count):
        item = project.next(ANNOTATOR, order)
        if item is None:
            return
        yield item.id


def replay(
    order: str,
    pool: Sequence[Utterance],
    dev: Sequence[Utterance],
    sizes: list[int],
    steps: int,
    encoder: str,
    seed: int,
) -> list[dict[str, Any]]:
    """Sentence accuracy after each size, under one order."""
    truth = {utterance.text: utterance for utterance in pool}
    shuffled = random.Random(seed).sample(list(truth), len(truth))
    points: list[dict[str, Any]] = []
    labelled: list[Utterance] = []
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "replay.db") as store:
        project = store.create_project("replay", schema=Schema.from_utterances(pool), who=ANNOTATOR)
        project.add([Utterance(text) for text in shuffled], ANNOTATOR, labelled=False)
        for size in sizes:
            wanted = size - len(labelled)
            if order == "random":
                labelled += [truth[text] for text in shuffled[len(labelled) : size]]
            else:
                for number in taken(project, "uncertainty" if labelled else "diversity", wanted):
                    gold = truth[project.item(number, ANNOTATOR).text]
                    project.answer(number, ANNOTATOR, "accepted", gold.intent, gold.spans)
                    labelled.append(gold)
            nlu = learn(labelled, encoder, steps, seed)
            scores = evaluate(dev, nlu.parse_many([utterance.text for utterance in dev]))
            points.append({"labels": size, "sentence": scores.sentence_accuracy, "slot_f1": scores.slot_f1})
            print(order, seed, points[-1], flush=True)
            if order == "queue" and size < sizes[-1]:
                project.suggest(nlu, f"replay-{size}", str(size))
    return points


def _numbers(listed: str) -> list[int]:
    return [int(number) for number in listed.split(",")]


def main() -> None:
    """Replay both orders with each seed; a run that is kept already is not run again."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="13,14,15")
    parser.add_argument("--sizes", default="50,100,200,400,800,1600", help="numbers of labels that chance is scored at")
    parser.add_argument(
        "--rounds", default="50,100,150,200,300,400,600,800", help="likewise the queue, made anew at each"
    )
    parser.add_argument("--pool", type=int, default=4000, help="how many training texts, drawn with the seed")
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--encoder", default="minilm-l6")
    arguments = parser.parse_args()
    sizes = {"random": arguments.sizes, "queue": arguments.rounds}
    train, dev = read(ROOT / "datasets" / "snips" / "train"), read(ROOT / "datasets" / "snips" / "valid")
    for seed in (int(seed) for seed in arguments.seeds.split(",")):
        path = RESULTS / f"active-learning-{seed}.json"
        if path.exists():
            continue
        start = time.perf_counter()
        pool = random.Random(seed).sample(train, min(arguments.pool, len(train)))
        points = {
            order: replay(order, pool, dev, _numbers(sizes[order]), arguments.steps, arguments.encoder, seed)
            for order in ORDERS
        }
        record = {
            "seed": seed,
            "encoder": arguments.encoder,
            "pool": len(pool),
            "steps": arguments.steps,
            "machine": machine(),
            "date": time.strftime("%Y-%m-%d"),
            "seconds": round(time.perf_counter() - start, 1),
            "points": points,
        }
        path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
