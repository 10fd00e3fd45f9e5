"""The shell: the menu, who works on what, how it begins, and what is shown when a page fails."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from jointbert import StoreError
from jointbert.annotation import ProjectInfo, Store

HOSTILE = "**bold** <script>alert(1)</script> :red[x] $x^2$ [a](b)"
NEED_A_PROJECT = ("annotate", "review", "data", "train")


def stored(workspace: Path) -> list[ProjectInfo]:
    with Store.open(workspace / "jointbert.db") as store:
        return store.projects()


def make(workspace: Path, *names: str) -> list[int]:
    with Store.open(workspace / "jointbert.db") as store:
        return [store.create_project(name, who="Ada").id for name in names]


def test_the_first_visit_offers_the_demo_and_a_project_of_ones_own(app: AppTest) -> None:
    app.run()
    assert not app.exception
    assert [button.label for button in app.button] == [
        "Load the demo project in English",
        "Load the demo project in Chinese (中文)",
        "Create the project",
    ]
    assert not app.sidebar.selectbox


@pytest.mark.parametrize("name", NEED_A_PROJECT)
def test_a_page_that_needs_a_project_offers_the_demo_instead(app: AppTest, name: str) -> None:
    app.run().switch_page(f"views/{name}.py").run()
    assert "Begin with a project" in [element.value for element in app.subheader]
    assert app.button(key="demo_en").label == "Load the demo project in English"


@pytest.mark.parametrize(("language", "name"), [("en", "Demo: English"), ("zh", "Demo: 中文 (Chinese)")])
def test_one_click_loads_the_demo(app: AppTest, workspace: Path, language: str, name: str) -> None:
    app.run().button(key=f"demo_{language}").click().run()
    assert not app.exception and not app.error
    (info,) = stored(workspace)
    assert (info.name, info.language) == (name, language)
    assert info.utterances - info.answered >= 290, "some wait to be labelled"
    assert "slot" in info.guidelines
    with Store.open(workspace / "jointbert.db") as store:
        schema = store.project(info.id).schema()
    assert all(label.description and label.examples for label in schema.slots)
    assert all(label.description and label.examples for label in schema.intents)
    assert app.session_state["project"] == info.id


def test_the_demo_can_be_loaded_twice(app: AppTest, workspace: Path) -> None:
    app.run().button(key="demo_en").click().run()
    app.button(key="demo_en").click().run()
    assert [info.name for info in stored(workspace)] == ["Demo: English", "Demo: English 2"]


def test_a_project_is_created_chosen_and_opened_at_data(app: AppTest, workspace: Path) -> None:
    app.run().text_input(key="new_name").set_value(f"  {HOSTILE} ")
    app.selectbox(key="new_language").set_value("zh")
    app.button(key="create_project").click().run()
    assert not app.error
    (info,) = stored(workspace)
    assert (info.name, info.language) == (HOSTILE, "zh")
    assert app.query_params["project"] == str(info.id)


def test_a_project_without_a_name_is_refused_in_words(app: AppTest, workspace: Path) -> None:
    app.run().button(key="create_project").click().run()
    assert app.warning[0].value == "Give the project a name first."
    assert stored(workspace) == []


def test_a_name_that_is_taken_is_refused_in_words(
    app: AppTest, workspace: Path, as_markdown: Callable[[AppTest], str]
) -> None:
    make(workspace, HOSTILE)
    app.run().text_input(key="new_name").set_value(HOSTILE)
    app.button(key="create_project").click().run()
    assert app.error[0].value == "The project could not be created."
    assert "bold" in app.code[0].value
    assert "script" not in as_markdown(app)


def test_name_and_project_are_taken_from_the_address_and_stay_in_it(app: AppTest, workspace: Path) -> None:
    _, second = make(workspace, "one", "two")
    app.query_params["annotator"] = "Ada"
    app.query_params["project"] = str(second)
    app.run()
    assert app.text_input(key="annotator").value == "Ada"
    assert app.sidebar.selectbox(key="project").value == second
    app.switch_page("views/test.py").run()
    assert app.query_params["annotator"] == "Ada"
    assert app.query_params["project"] == str(second)
    app.text_input(key="annotator").set_value("Bo").run()
    assert app.query_params["annotator"] == "Bo"


@pytest.mark.parametrize("asked", ["999", "-1", "x", "１", "9" * 50, ""])
def test_a_project_that_is_not_there_is_none(app: AppTest, workspace: Path, asked: str) -> None:
    make(workspace, "one", "two")
    app.query_params["project"] = asked
    app.run()
    assert not app.exception and not app.error
    assert app.sidebar.selectbox(key="project").value is None
    app.switch_page("views/annotate.py").run()
    assert "Choose a project first" in [element.value for element in app.subheader]


def test_the_only_project_is_chosen_by_itself(app: AppTest, workspace: Path) -> None:
    (only,) = make(workspace, "one")
    assert app.run().sidebar.selectbox(key="project").value == only


def test_projects_are_chosen_on_the_start_page(app: AppTest, workspace: Path) -> None:
    first, _ = make(workspace, "one", "two")
    app.run().button(key=f"choose_{first}").click().run()
    assert app.sidebar.selectbox(key="project").value == first


def test_names_of_projects_are_not_markdown(
    app: AppTest, workspace: Path, as_markdown: Callable[[AppTest], str]
) -> None:
    make(workspace, HOSTILE, "two")
    app.run()
    assert HOSTILE in [element.value for element in app.text]
    assert HOSTILE in app.sidebar.selectbox(key="project").options
    assert "script" not in as_markdown(app)


def test_a_defect_of_ours_shows_no_trace_and_is_logged(
    app: AppTest, workspace: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise ZeroDivisionError(HOSTILE)

    monkeypatch.setattr(importlib.import_module("welcome"), "invite", fail)
    app.run()
    assert not app.exception
    assert app.error[0].value == "Something went wrong on our side. Nothing that was saved is lost."
    assert not app.code
    assert "ZeroDivisionError" in caplog.text


def test_an_error_of_the_library_is_shown_in_its_own_words(
    app: AppTest, monkeypatch: pytest.MonkeyPatch, as_markdown: Callable[[AppTest], str]
) -> None:
    def fail() -> None:
        raise StoreError("here", HOSTILE, "that", "Do this.")

    monkeypatch.setattr(importlib.import_module("welcome"), "invite", fail)
    app.run()
    assert app.error[0].value == "That did not work."
    assert app.code[0].value == f"here: {HOSTILE}; expected that. Do this."
    assert "script" not in as_markdown(app)


def test_a_store_that_cannot_be_opened_is_said(
    app: AppTest, workspace: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "no.db").write_text("this is no database", encoding="utf-8")
    monkeypatch.setenv("JOINTBERT_DATABASE", str(tmp_path / "no.db"))
    app.run()
    assert not app.exception
    assert app.error[0].value == "The project store cannot be opened."
    assert "no.db" in app.code[0].value
    monkeypatch.delenv("JOINTBERT_DATABASE")


def test_the_database_may_lie_elsewhere(
    app: AppTest, workspace: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere.db"
    monkeypatch.setenv("JOINTBERT_DATABASE", str(elsewhere))
    app.run()
    assert elsewhere.is_file()
    assert not (workspace / "jointbert.db").exists()
