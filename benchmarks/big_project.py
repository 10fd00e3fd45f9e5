"""A workspace with one big annotation project, made from a seed: what benchmarks/app_speed.py opens.

The texts are the demo corpus's English utterances, over and over, each with a running number at its end, so that no
two are alike. A made-up model suggests their own labels for all of them, with a tenth of the intents and of the slots
changed. Two annotators answer one after the other through the store, as the app does; they overlap, and part of the
overlap disagrees.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path

from jointbert import Parse, Span, Utterance
from jointbert.annotation import Project, Runs, Schema, Store, demo_corpus
from jointbert.data.registry import read

FIRST, SECOND = "ann", "ben"
PARTS = (("train", 0.8), ("dev", 0.1), ("test", 0.1))
WRONG = 0.1
"""The share of intents and of slots that the made-up model gets wrong."""
CLASH = 0.15
"""The share of the utterances with two answers whose answers differ."""
SHARED = 0.2
"""The share of all answers that are a second answer to the same utterance."""


def texts(count: int) -> Iterator[Utterance]:
    """So many utterances with labels, all different."""
    folder = demo_corpus("en")
    known = [item for part, _ in PARTS for item in read(folder / f"{part}.jsonl")]
    for number in range(count):
        item = known[number % len(known)]
        text = f"{item.text}, number {number + 1}"
        yield Utterance(text, item.intent, tuple(_moved(text, span) for span in item.spans))


def _moved(text: str, span: Span) -> Span:
    return Span.of(text, span.slot, span.start, span.end)


def parse_of(gold: Utterance, schema: Schema, chance: random.Random) -> Parse:
    """What the made-up model says: gold with a share of it changed, and made-up confidences."""
    others = [name for name in schema.intent_names if name != gold.intent]
    names = [gold.intent or others[0], *chance.sample(others, 4)]
    if chance.random() < WRONG:
        names[0], names[1] = names[1], names[0]
    sure = 0.4 + 0.6 * chance.random()
    ranking = tuple((name, sure if place == 0 else (1 - sure) / 2**place) for place, name in enumerate(names))
    spans = tuple(
        Span.of(gold.text, span.slot, span.start, span.end, confidence=0.5 + 0.5 * chance.random())
        for span in gold.spans
        if chance.random() >= WRONG
    )
    return Parse(gold.text, names[0], sure, ranking, spans)


def fill(project: Project, utterances: int, answers: int, seed: int = 13) -> dict[str, float]:
    """Put everything into an empty project; step -> seconds.

    Args:
        project: The project.
        utterances: How many utterances.
        answers: How many answers of the two annotators together.
        seed: Of the suggestions and of the disagreements.
    """
    chance, seconds = random.Random(seed), {}
    gold, start = list(texts(utterances)), time.perf_counter()

    def ended(step: str) -> None:
        nonlocal start
        seconds[step] = round(time.perf_counter() - start, 1)
        start = time.perf_counter()

    _add(project, gold)
    ended("add")
    ids = {item.text: item.id for item in project.find(limit=utterances)}
    ended("find all")
    schema = project.schema()
    pairs = [(ids[item.text], parse_of(item, schema, chance)) for item in gold]
    start = time.perf_counter()
    project.add_suggestions(pairs, "made-up", "1")
    ended("suggestions")
    _answer(project, gold, ids, answers, chance)
    ended("answers")
    labelled = {item.text for item in project.labelled()}
    doubts = [(ids[item.text], parse_of(item, schema, chance)) for item in gold if item.text in labelled]
    start = time.perf_counter()
    project.add_suggestions(doubts, "made-up", "1", "out_of_fold")
    ended("out-of-fold suggestions")
    return seconds


def _add(project: Project, gold: list[Utterance]) -> None:
    start = 0
    for part, share in PARTS:
        end = start + round(share * len(gold))
        project.add([Utterance(item.text) for item in gold[start:end]], "importer", part, labelled=False)
        start = end


def _answer(project: Project, gold: list[Utterance], ids: dict[str, int], answers: int, chance: random.Random) -> None:
    """The first annotator answers the first utterances, the second the last of those and more."""
    names = project.schema().intent_names
    shared = round(SHARED * answers)
    alone = (answers - 2 * shared) // 2
    for item in gold[: alone + shared]:
        project.answer(ids[item.text], FIRST, "accepted", item.intent, item.spans)
    for item in gold[alone : 2 * alone + shared]:
        intent = chance.choice(names) if chance.random() < CLASH else item.intent
        project.answer(ids[item.text], SECOND, "accepted", intent, item.spans)


def build(workspace: Path, utterances: int, answers: int, recipe: str | None) -> dict[str, float]:
    """A workspace with the project, and with one finished training where a recipe is named; step -> seconds."""
    with Store.open(workspace / "jointbert.db") as store:
        schema = Schema.from_utterances(texts(utterances))
        project = store.create_project("fifty thousand", schema=schema, guidelines="Mark the values alone.", who=FIRST)
        seconds = fill(project, utterances, answers)
        if recipe is not None:
            seconds["training"] = _train(project, Runs(workspace / "runs"), recipe)
    return seconds


def _train(project: Project, runs: Runs, recipe: str) -> float:
    """Seconds of one training from start to end.

    Raises:
        RuntimeError: It did not come to a good end.
    """
    run = runs.start(project, recipe, FIRST)
    while run.state == "running":
        time.sleep(1)
        run = runs.get(run.id)
    if run.state != "done":
        raise RuntimeError(f"the training ended as {run.state}: {run.message}")
    return round(run.seconds, 1)
