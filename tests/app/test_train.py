"""The page Train & measure: started, watched, stopped, read; over runs that lie on disk as a training leaves them."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from visit import clean, texts, visit

import jointbert
from jointbert import Parse, Span, Utterance
from jointbert.annotation import Project, Runs
from jointbert.annotation.run_folder import RESULT, RUN, SCORES, STOPPED, RunFolder
from jointbert.evaluation.score import evaluate

HOSTILE = "**bold** <script>alert(1)</script> :red[x] [a](b)"
PARTS = ("script", ":red[", "[a]", "**bold**")
AsMarkdown = Callable[[AppTest], str]
CURVE = [
    {"step": 1, "steps": 2, "epoch": 0.5, "loss": 2.0},
    {"epoch": 1.0, "intent_accuracy": 0.5, "slot_f1": None, "sentence_accuracy": 0.5, "loss": 2.0},
]


@pytest.fixture
def project(workspace: Path) -> Project:
    """Thirty labelled utterances; the first has a hostile text, a hostile intent and a slot."""
    made: Project = importlib.import_module("desk").store().create_project("flights", who="Ada")
    hostile = Utterance(f"{HOSTILE} now", HOSTILE, (Span.of(f"{HOSTILE} now", "when", 50, 53),))
    made.add([hostile, *(Utterance(f"text {number}", "book") for number in range(29))], "Ann")
    return made


def lay_run(
    workspace: Path, project: Project, id: str = "20260101-000000-0001", state: str = "done", message: str = "Trained."
) -> RunFolder:
    """A run's folder as it lies there after its end; the model took the first utterance for another intent."""
    path = workspace / "runs" / id
    (path / "model").mkdir(parents=True)
    folder = RunFolder(path)
    about = {"id": id, "project": project.id, "recipe": "smallest", "kind": "train", "who": HOSTILE, "seed": 13}
    started = datetime.strptime(id[:8], "%Y%m%d").replace(tzinfo=UTC)
    about |= {"started": started.isoformat(), "folds": None}
    folder.write(RUN, about | {"sizes": {"train": 28, "dev": 2, "test": 0}, "notes": [f"left out: {HOSTILE}"]})
    (path / "model" / "progress.jsonl").write_text("".join(json.dumps(row) + "\n" for row in CURVE))
    gold = project.labelled()[:2]
    parses = [Parse(gold[0].text, "book", 0.7, (("book", 0.7), (HOSTILE, 0.3))), Parse(gold[1].text, "book", 0.9)]
    if state == "done":
        folder.write(SCORES, {"dev": evaluate(gold, parses).to_dict()})
        folder.write_parses(list(zip(gold, parses, strict=True)))
    if state == "stopped":
        folder.write(STOPPED, {"who": HOSTILE, "at": datetime(2026, 1, 1, 0, 1, tzinfo=UTC).isoformat()})
    else:
        folder.write(RESULT, {"state": state, "message": message, "seconds": 61.0})
    return folder


def train(app: AppTest, **state: Any) -> AppTest:
    return visit(app, "train", **state)


def chart(app: AppTest, place: int = 0) -> dict[str, Any]:
    drawn: dict[str, Any] = json.loads(app.get("plotly_chart")[place].proto.spec)
    return drawn


def part_of(run: str, name: str) -> dict[str, str]:
    return {f"train_part_{run}": name}


def test_without_a_run_the_page_offers_the_first(app: AppTest, project: Project) -> None:
    train(app)
    assert "There is no trained model yet" in app.info[0].value
    said = "It learns from what counts as right: 30 utterances, but for those in the split test, which measure it."
    assert any(caption.value == said for caption in app.caption)
    assert "smallest" in app.radio(key="recipe_train").options or app.radio(key="recipe_train").value == "smallest"


def test_too_little_data_is_said_before_anything_starts(app: AppTest, workspace: Path) -> None:
    importlib.import_module("desk").store().create_project("empty", who="Ada")
    train(app)
    app.button(key="train_start").click().run()
    assert app.error[0].value == "The training could not be started."
    assert "too few" in app.code[-1].value and not list(workspace.glob("runs/2*"))


def test_a_training_is_a_process_that_is_watched_and_stopped(app: AppTest, workspace: Path, project: Project) -> None:
    train(app)
    app.button(key="train_start").click().run()
    run = Runs(workspace / "runs").list(project.id)[0]
    assert run.state == "running" and run.who == "Ada"
    assert any("running" in badge.value for badge in clean(app).markdown)
    app.button(key=f"stop_{run.id}").click().run()
    assert Runs(workspace / "runs").get(run.id).state == "stopped"
    app.run()
    assert any("stopped" in badge.value for badge in clean(app).markdown)


def test_scores_are_told_in_words(app: AppTest, workspace: Path, project: Project) -> None:
    lay_run(workspace, project)
    train(app)
    assert any("of 100 new utterances, about 50 are understood completely" in part.value for part in app.markdown)
    assert any("These are few" in caption.value for caption in app.caption)
    assert {metric.label: metric.value for metric in app.metric} == {
        "intent right": "50.0 %",
        "slots (F1)": "0.0 %",
        "all of it right": "50.0 %",
    }


def test_the_confusion_matrix_shows_names_as_typed(app: AppTest, workspace: Path, project: Project) -> None:
    lay_run(workspace, project)
    train(app)
    figure = chart(app)
    names = figure["layout"]["yaxis"]["ticktext"]
    assert len(names) == 2 and "book" in names and not any("<" in name for name in names)
    hostile = 1 - names.index("book")
    assert figure["data"][1]["z"][hostile][1 - hostile] == 1


@pytest.mark.parametrize("name", ["Scores", "Errors (1)", "How it learned", "Use it"])
def test_users_words_are_no_markdown(
    app: AppTest, workspace: Path, project: Project, as_markdown: AsMarkdown, name: str
) -> None:
    folder = lay_run(workspace, project)
    train(app, **part_of(folder.path.name, name))
    assert all(part not in as_markdown(app) for part in PARTS)


def test_errors_stand_side_by_side_and_can_be_filtered(app: AppTest, workspace: Path, project: Project) -> None:
    folder = lay_run(workspace, project)
    key = folder.path.name
    train(app, **part_of(key, "Errors (1)"))
    assert f"• intent: book instead of {HOSTILE}" in texts(app) and "• missed when: “now”" in texts(app)
    assert app.selectbox(key=f"errors_kind_{key}").options == ["Another intent", "Slot missed"]
    app.selectbox(key=f"errors_slot_{key}").select("when").run()
    assert any(caption.value == "1 utterance with an error" for caption in clean(app).caption)
    links = [link for link in app.get("page_link") if "utterance 1" in link.proto.label]
    assert links and "utterance=1" in links[0].proto.query_string


def test_the_curves_are_drawn(app: AppTest, workspace: Path, project: Project) -> None:
    folder = lay_run(workspace, project)
    train(app, **part_of(folder.path.name, "How it learned"))
    assert chart(app, 0)["data"][0]["y"] == [2.0]
    assert {line["name"]: line["y"] for line in chart(app, 1)["data"]} == {
        "intent right": [50.0],
        "whole utterance right": [50.0],
    }


@pytest.mark.parametrize(("state", "said"), [("failed", HOSTILE), ("stopped", f"Stopped by {HOSTILE}")])
def test_a_run_without_a_result_says_why(
    app: AppTest, workspace: Path, project: Project, as_markdown: AsMarkdown, state: str, said: str
) -> None:
    lay_run(workspace, project, state=state, message=HOSTILE)
    train(app)
    assert any(said in code.value for code in app.code)
    assert [part for part in PARTS if part in as_markdown(app)] == []


def test_the_newest_run_is_shown_and_another_can_be_chosen(app: AppTest, workspace: Path, project: Project) -> None:
    lay_run(workspace, project)
    lay_run(workspace, project, "20260102-000000-0002", state="failed")
    train(app)
    assert app.selectbox(key="train_run").value == "20260102-000000-0002"
    app.selectbox(key="train_run").select("20260101-000000-0001").run()
    assert clean(app).metric


def test_runs_with_one_title_are_told_apart(app: AppTest, workspace: Path, project: Project) -> None:
    """The list knows its choices by what it shows of them."""
    lay_run(workspace, project, "20260101-000000-0001", state="failed", message="the first")
    lay_run(workspace, project, "20260101-000001-0002", state="failed", message="the second")
    train(app)
    titles = app.selectbox(key="train_run").options
    assert len(set(titles)) == 2 and sum(title.endswith("failed (2)") for title in titles) == 1
    for id in ("20260101-000000-0001", "20260101-000001-0002"):
        app.selectbox(key="train_run").select(id).run()
        assert clean(app).selectbox(key="train_run").value == id


def test_the_model_of_a_moved_workspace_is_found(app: AppTest, workspace: Path, project: Project) -> None:
    folder = lay_run(workspace, project)
    project.edit("Ada", model=f"/elsewhere/runs/{folder.path.name}/model")
    importlib.import_module("desk").forget()
    visit(app, "test")
    (first, *others) = app.selectbox(key="model").options
    assert first.startswith("The project's model: ") and "Quick look, trained" in first and len(others) == 1


class StandIn:
    """Parses like NLU, without a model."""

    @classmethod
    def load(cls, folder: str) -> StandIn:
        return cls()

    def parse_many(self, texts: Sequence[str]) -> list[Parse]:
        return [Parse(text, "book", 0.8, (("book", 0.8), (HOSTILE, 0.2))) for text in texts]


def test_a_model_is_put_to_use(
    app: AppTest, workspace: Path, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jointbert, "NLU", StandIn)
    folder = lay_run(workspace, project)
    key = folder.path.name
    train(app, **part_of(key, "Use it"))
    app.button(key=f"suggest_{key}").click().run()
    assert clean(app) and project.info().model == str(folder.model)
    suggestion = project.item(1, "Ada").suggestion
    assert suggestion is not None and (suggestion.intent, suggestion.version) == ("book", key)
    assert "makes the suggestions" in app.success[0].value
    project.suggest(StandIn(), model="another", version="2")
    project.edit("Ada", model="another")
    project.undo("Ada")
    assert clean(app.run()) and project.info().model == str(folder.model)
    assert not app.success, "what annotators find filled in is still the other one's"
    app.button(key=f"suggest_{key}").click().run()
    assert "makes the suggestions" in app.success[0].value


@pytest.mark.parametrize(("seconds", "words"), [(0.4, "0 s"), (59.9, "59 s"), (60, "1 min 0 s"), (3661, "1 h 1 min")])
def test_durations_are_said_as_people_do(workspace: Path, seconds: float, words: str) -> None:
    assert importlib.import_module("live_run").duration(seconds) == words


def test_names_in_charts_are_escaped_and_shortened(workspace: Path) -> None:
    plain = importlib.import_module("charts").plain
    assert plain("<b>R&D</b>\x00") == "&lt;b&gt;R&amp;D&lt;/b&gt;\ufffd"
    assert plain("x" * 50, 10) == "xxxxxxxxx…"
