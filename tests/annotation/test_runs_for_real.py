"""A project in a real store is trained, scored and cross-validated by real processes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from jointbert.annotation import Project, Run, Runs, Store, TakenIn
from jointbert.annotation.demo import demo_corpus
from jointbert.data import read
from jointbert.inference.nlu import NLU

INTENTS = 3
SIZES = {"train": 60, "dev": 20, "test": 20}


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Store.open(tmp_path / "store.db") as store:
        made = store.create_project("flights", "zh", who="ann")
        corpus = demo_corpus("zh")
        everything = read(corpus / "train.jsonl")
        intents = sorted({item.intent for item in everything if item.spans} - {None})[:INTENTS]
        wanted = [item for item in everything if item.intent in intents]
        start = 0
        for split, size in SIZES.items():
            made.add(wanted[start : start + size], "ann", split)
            start += size
        yield made


@pytest.fixture
def runs(tmp_path: Path, project: Project, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runs]:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    made = Runs(tmp_path / "runs")
    yield made
    for run in made.list(project.id):
        made.stop(run.id)


def ended(runs: Runs, run: Run) -> Run:
    end = time.monotonic() + 500
    while (now := runs.get(run.id)).state == "running":
        assert time.monotonic() < end, now.log()
        time.sleep(0.2)
    return now


def test_from_answers_to_a_model_its_scores_and_its_errors(runs: Runs, project: Project) -> None:
    run = ended(runs, runs.start(project, "smallest", "ann"))
    assert run.state == "done", run.message + run.log()
    assert run.sizes == SIZES
    assert run.message.startswith("Trained in ") and "On dev: intent " in run.message
    assert run.scores is not None and run.scores["utterances"] == SIZES["dev"]
    assert run.test_scores is not None and run.test_scores["utterances"] == SIZES["test"]
    assert run.progress == 1.0
    assert [row for row in run.curve if "eval_sentence_accuracy" in row]
    gold = {item.id: item for item in project.labelled("dev")}
    assert {found.id: found for found, _ in run.parses()} == gold
    right = run.scores["sentence_accuracy"] * SIZES["dev"]
    assert len(run.errors()) == SIZES["dev"] - round(right)
    assert run.model is not None
    parse = run.parses()[0][1]
    again = NLU.load(run.model).parse(parse.text)
    assert (again.intent, again.intent_confidence) == (parse.intent, pytest.approx(parse.intent_confidence, abs=1e-3))


def test_a_cross_validation_ends_in_suggestions_for_every_gold_utterance(runs: Runs, project: Project) -> None:
    run = ended(runs, runs.start_cv(project, "smallest", "ann", folds=2))
    assert run.state == "done", run.message + run.log()
    assert run.scores is not None and run.scores["utterances"] == sum(SIZES.values())
    assert project.take_in_run(run) == TakenIn(sum(SIZES.values()), 0, 0)
    wrong = {int(gold.id or 0) for gold, _ in run.errors()}
    assert {doubt.utterance_id for doubt in project.label_errors(limit=1000)} <= wrong


def test_what_training_refuses_is_the_runs_message(
    runs: Runs, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "jointbert.annotation.runs._config",
        lambda *_: "data: {train: train.jsonl, dev: none.jsonl}\nencoder: scratch\n",
    )
    run = ended(runs, runs.start(project, "smallest", "ann"))
    assert (run.state, run.model) == ("failed", None)
    assert run.message.startswith("none.jsonl: does not exist")
    assert "Traceback" not in run.log()
