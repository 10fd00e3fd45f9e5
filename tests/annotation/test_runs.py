"""Runs with a stand-in for the training: what is written, what is read back, and who may start and stop what."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from jointbert.annotation import runs as module
from jointbert.annotation.run import Run
from jointbert.annotation.run_folder import RunFolder
from jointbert.annotation.runs import Runs
from jointbert.config import load_config
from jointbert.errors import StoreError
from jointbert.utterance import Parse, Span, Utterance
from tests.annotation.stand_in import StandIn, calls

SLEEP = "import time; time.sleep(60)"
JOURNAL = [
    {"steps": 40, "epochs": 2},
    {"step": 10, "steps": 40, "epoch": 0.5, "loss": 3.5},
    {"epoch": 1.0, "intent_accuracy": 0.5, "slot_f1": None, "sentence_accuracy": 0.25, "loss": 3.5},
]


@pytest.fixture
def project() -> StandIn:
    return StandIn(id=7, train=calls(40), dev=calls(12))


@pytest.fixture
def working(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Makes the processes of runs execute a program instead of a training; it finds the folder in ``sys.argv[1]``."""

    def become(program: str) -> None:
        monkeypatch.setattr(module, "_command", lambda folder: [sys.executable, "-c", program, str(folder)])

    become(SLEEP)
    return become


@pytest.fixture
def runs(tmp_path: Path, working: Callable[[str], None]) -> Any:
    made = Runs(tmp_path / "runs")
    yield made
    for project_id in (7, 8):
        for run in made.list(project_id):
            made.stop(run.id)


def ended(runs: Runs, run: Run) -> Run:
    end = time.monotonic() + 60
    while (now := runs.get(run.id)).state == "running":
        assert time.monotonic() < end, "the run did not end"
        time.sleep(0.05)
    return now


def test_a_run_is_found_again_with_everything_that_is_known_of_it(runs: Runs, project: StandIn) -> None:
    run = runs.start(project, "smallest", "ann", seed=5)
    assert (run.state, run.kind, run.project_id, run.recipe, run.who) == ("running", "train", 7, "smallest", "ann")
    assert run.sizes == {"train": 40, "dev": 12, "test": 0}
    assert (run.scores, run.test_scores, run.model, run.curve, run.progress) == (None, None, None, [], None)
    assert run.message == "Starting: reading the utterances and building the model."
    assert 0 <= run.seconds < 60
    again = Runs(runs.folder).list(7)  # as another app would
    assert [(found.id, found.state) for found in again] == [(run.id, "running")]
    assert runs.list(8) == []


def test_a_project_of_the_same_number_in_another_database_has_runs_of_its_own(runs: Runs, project: StandIn) -> None:
    run = runs.start(project, "smallest", "ann")
    other = StandIn(id=7, train=calls(40), dev=calls(12))
    other.made += timedelta(days=1)
    assert runs.list(7, other.made) == [] and [found.id for found in runs.list(7, project.made)] == [run.id]
    own = runs.start(other, "smallest", "bob")
    assert [found.id for found in runs.list(7, other.made)] == [own.id], "nor does a foreign run stand in its way"
    about = json.loads((run.folder / "run.json").read_text())
    del about["project_made"]
    (run.folder / "run.json").write_text(json.dumps(about))
    assert {found.id for found in runs.list(7, other.made)} == {run.id, own.id}, "of before that was written down"


def test_the_config_is_the_recipe_with_the_runs_own_files_and_seed(runs: Runs, project: StandIn) -> None:
    run = runs.start(project, "smallest", "ann", seed=5)
    config = load_config(run.folder / "config.yaml")
    assert (config.data.train, config.data.dev, config.training.seed) == ("train.jsonl", "dev.jsonl", 5)
    assert (config.encoder.size, config.data.substitution) == ("tiny", 0.5)
    training = config.training
    assert (training.epochs, training.batch_size) == (64, 8), "fitted to forty utterances"


def test_the_command_trains_in_the_folder_and_takes_nothing_from_where_it_is_started(tmp_path: Path) -> None:
    command = module._command(tmp_path)
    assert command == [sys.executable, "-P", "-m", "jointbert.cli.main", "work", str(tmp_path)]


def test_the_environment_has_a_thread_for_each_core_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setenv("JOINTBERT_ENCODERS", "encoders")
    environment = module._environment()
    assert environment["OMP_NUM_THREADS"] == str(len(os.sched_getaffinity(0)))
    assert environment["JOINTBERT_ENCODERS"] == str(Path("encoders").absolute())
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert module._environment()["OMP_NUM_THREADS"] == "1"


def test_the_curve_grows_while_it_runs(runs: Runs, project: StandIn) -> None:
    run = runs.start(project, "smallest", "ann")
    (run.folder / "model").mkdir()
    lines = "".join(json.dumps(record) + "\n" for record in JOURNAL)
    (run.folder / "model" / "progress.jsonl").write_text(lines + '{"step": 20, "st')
    now = runs.get(run.id)
    assert now.curve[:2] == JOURNAL[:2]
    assert now.curve[2] == {
        "epoch": 1.0, "eval_intent_accuracy": 0.5, "eval_slot_f1": None, "eval_sentence_accuracy": 0.25, "loss": 3.5,
    }  # fmt: skip
    assert now.progress == 0.25
    assert now.message == "Step 10 of 40, dev sentence accuracy 25.0 %."


def test_of_a_cross_validation_the_parts_count_the_same(runs: Runs, project: StandIn) -> None:
    run = runs.start_cv(project, "smallest", "ann", folds=4)
    assert (run.kind, run.folds, run.progress) == ("cv", 4, None)
    (run.folder / "cv" / "fold-2").mkdir(parents=True)
    now = runs.get(run.id)
    assert (now.progress, now.message) == (0.25, "Part 2 of 4.")
    (run.folder / "cv" / "fold-2" / "progress.jsonl").write_text("".join(json.dumps(row) + "\n" for row in JOURNAL))
    now = runs.get(run.id)
    assert (now.progress, len(now.curve)) == (0.3125, 3)
    assert now.message == "Part 2 of 4, step 10 of 40, dev sentence accuracy 25.0 %."


def test_one_run_at_a_time_for_each_project(runs: Runs, project: StandIn) -> None:
    first = runs.start(project, "smallest", "ann")
    with pytest.raises(StoreError, match=f"run {first.id} of this project, started by ann, is still going on"):
        runs.start_cv(project, "smallest", "bob")
    other = runs.start(StandIn(id=8, train=calls(40)), "smallest", "bob")
    assert other.state == "running"
    runs.stop(first.id)
    assert runs.start(project, "smallest", "bob").state == "running"
    assert [run.state for run in runs.list(7)].count("running") == 1


def test_of_many_who_start_at_once_one_succeeds(runs: Runs, project: StandIn) -> None:
    outcomes: list[str] = []

    def start() -> None:
        try:
            outcomes.append(Runs(runs.folder).start(project, "smallest", "ann").state)
        except StoreError:
            outcomes.append("refused")

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused", "refused", "refused", "running"]


def test_a_stopped_run_says_so_and_stays_stopped(runs: Runs, project: StandIn) -> None:
    run = runs.start(project, "smallest", "ann")
    stopped = runs.stop(run.id, "bob")
    assert (stopped.state, stopped.message) == ("stopped", "Stopped by bob before its end.")
    assert runs.stop(run.id, "eve") == stopped


def test_a_run_that_dies_has_failed_and_shows_its_last_lines(runs: Runs, project: StandIn, working: Any) -> None:
    working("import sys; print('one\\n\\ntwo', flush=True); sys.exit('no memory')")
    run = ended(runs, runs.start(project, "smallest", "ann"))
    assert run.state == "failed"
    assert run.message == "The process ended without a result; its last lines:\none\ntwo\nno memory"
    assert run.log(1) == "no memory"
    working("pass")
    assert ended(runs, runs.start(project, "small", "ann")).message.endswith("and said nothing.")


def test_a_number_used_again_by_a_stranger_is_not_the_run(runs: Runs, project: StandIn, working: Any) -> None:
    working("pass")
    run = ended(runs, runs.start(project, "smallest", "ann"))
    RunFolder(run.folder).write("process", {"pid": os.getpid(), "born": "an earlier boot 17"})
    assert runs.get(run.id).state == "failed"
    assert runs.stop(run.id).state == "failed"  # and we are still here


def test_what_the_process_wrote_is_the_result(runs: Runs, project: StandIn, working: Any) -> None:
    run = ended(runs, _with_result(runs, project, working, "done", "Fine."))
    assert (run.state, run.message, run.seconds, run.progress) == ("done", "Fine.", 3.5, 1.0)
    assert run.scores == {"sentence_accuracy": 0.5} and run.test_scores == {"sentence_accuracy": 0.25}
    assert run.model == run.folder / "model"
    failed = ended(runs, _with_result(runs, project, working, "failed", "train.jsonl: is odd."))
    assert (failed.state, failed.message, failed.scores, failed.model) == ("failed", "train.jsonl: is odd.", None, None)
    assert [found.id for found in runs.list(7)] == [failed.id, run.id]


def _with_result(runs: Runs, project: StandIn, working: Any, state: str, message: str) -> Run:
    result = {"state": state, "message": message, "seconds": 3.5}
    scores = {"dev": {"sentence_accuracy": 0.5}, "test": {"sentence_accuracy": 0.25}}
    working(
        "import json, sys; from pathlib import Path; folder = Path(sys.argv[1])\n"
        f"(folder / 'scores.json').write_text({json.dumps(scores)!r})\n"
        f"(folder / 'result.json').write_text({json.dumps(result)!r})"
    )
    return runs.start(project, "smallest", "ann")


def test_errors_are_the_parses_that_differ(runs: Runs, project: StandIn) -> None:
    run = runs.start(project, "smallest", "ann")
    assert run.parses() == run.errors() == run.suggestions() == []
    text = "call Ann"
    name, other = Span.of(text, "name", 5, 8), Span.of(text, "name", 0, 8, confidence=0.5)
    sure = Parse(text, "call", 0.9, (("call", 0.9), ("mail", 0.1)), (Span.of(text, "name", 5, 8, confidence=0.75),))
    pairs = [
        (Utterance(text, "call", (name,), "1"), sure),
        (Utterance(text, "mail", (name,), "2"), sure),
        (Utterance(text, "call", (name,), "3"), Parse(text, "call", 0.9, (("call", 0.9),), (other,), truncated_at=8)),
        (Utterance(text, None, (name,), "4"), sure),
    ]
    RunFolder(run.folder).write_parses(pairs)
    assert run.parses() == pairs
    assert [gold.id for gold, _ in run.errors()] == ["2", "3"]
    assert run.suggestions()[3] == (4, sure)
    (run.folder / "parses.jsonl").write_text("nonsense\n")
    with pytest.raises(StoreError, match=r"parses\.jsonl: is damaged"):
        run.parses()


def test_the_parses_of_a_cross_validation_are_suggestions_for_the_project(
    runs: Runs, project: StandIn, working: Any
) -> None:
    gold = project.labelled()[0]
    line = {"text": gold.text, "intent": gold.intent, "slots": [], "id": gold.id, "where": None, "fold": 1}
    line["parse"] = Parse(gold.text, "call", 1.0, (("call", 1.0),)).to_dict()
    working(
        "import sys; from pathlib import Path; folder = Path(sys.argv[1]); (folder / 'cv').mkdir()\n"
        f"(folder / 'cv' / 'out_of_fold.jsonl').write_text({json.dumps(line)!r} + '\\n')\n"
        """(folder / 'result.json').write_text('{"state": "done", "message": "", "seconds": 1}')"""
    )
    run = ended(runs, runs.start_cv(project, "smallest", "ann", folds=2))
    assert (run.kind, run.model, run.sizes["train"]) == ("cv", None, 52)
    ((number, parse),) = run.suggestions()
    assert (number, parse.text, parse.intent) == (int(gold.id or 0), gold.text, "call")


def test_too_little_data_starts_nothing(runs: Runs) -> None:
    with pytest.raises(StoreError, match="too few"):
        runs.start(StandIn(id=7, train=calls(3)), "smallest", "ann")
    assert not runs.folder.exists()


def test_a_run_that_cannot_be_started_leaves_nothing(
    runs: Runs, project: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_command", lambda folder: ["/no/such/program"])
    with pytest.raises(StoreError, match="could not be started"):
        runs.start(project, "smallest", "ann")
    assert [path.name for path in runs.folder.iterdir()] == [".lock"]


@pytest.mark.parametrize(
    "run_id", ["", "..", "../runs", "20260101-000000-0000", "20260101-000000-0000/../x", "a" * 300]
)
def test_an_id_that_is_none_is_refused_and_never_a_path(runs: Runs, run_id: str) -> None:
    with pytest.raises(StoreError, match="does not exist"):
        runs.get(run_id)
    with pytest.raises(StoreError, match="does not exist"):
        runs.stop(run_id)


def test_other_folders_and_damaged_runs_are_passed_over(runs: Runs, project: StandIn) -> None:
    (runs.folder / "20260101-000000-0000").mkdir(parents=True)
    (runs.folder / "20260101-000000-0000" / "run.json").write_text("{")
    (runs.folder / "notes").mkdir()
    assert runs.list(7) == []


def test_a_folder_that_cannot_be_written_is_said_plainly(tmp_path: Path, project: StandIn, working: Any) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be written"):
        Runs(tmp_path / "file").start(project, "smallest", "ann")
