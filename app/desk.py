"""What every page stands on: the workspace, the store, and who is working on which project.

The name and the project are chosen once, in the sidebar; both stand in the address, so that a reload keeps them.
"""

from __future__ import annotations

import gc
import os
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import streamlit as st
from streamlit.errors import StreamlitAPIException

from jointbert.annotation import Project, ProjectInfo, Run, Runs, Store

WORKSPACE, DATABASE = "JOINTBERT_WORKSPACE", "JOINTBERT_DATABASE"
PAGES = {name: f"views/{name}.py" for name in ("start", "test", "annotate", "review", "data", "train")}
LANGUAGES = {"en": "English", "zh": "中文 (Chinese)"}


def workspace() -> Path:
    """The folder that holds the database, trained models and runs: $JOINTBERT_WORKSPACE, or ./jointbert-workspace."""
    folder = Path(os.environ.get(WORKSPACE) or "jointbert-workspace").absolute()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def store() -> Store:
    """The one store of this server: $JOINTBERT_DATABASE (a path or a URL), or jointbert.db in the workspace."""
    return _open(os.environ.get(DATABASE) or str(workspace() / "jointbert.db"))


@st.cache_resource(show_spinner="Opening the project store …")
def _open(where: str) -> Store:
    return Store.open(where)


@st.cache_resource(show_spinner=False)
def spare_collector(moment: str) -> None:
    """Takes what is in memory now out of Python's garbage collections, once for each moment.

    Streamlit collects after every run of a page. With the libraries of this app in memory that takes longer than the
    run itself, and finds nothing: modules and models stay.

    Args:
        moment: When, for example ``"libraries loaded"``.
    """
    gc.freeze()


def runs() -> Runs:
    """The trainings of this workspace."""
    return Runs(workspace() / "runs")


def runs_of(info: ProjectInfo) -> list[Run]:
    """The trainings of a project, the newest first; a project of another database may have its number, too."""
    return runs().list(info.id, info.created)


@st.cache_data(ttl=10, show_spinner=False)
def _projects(where: str) -> list[ProjectInfo]:
    return _open(where).projects()


def projects() -> list[ProjectInfo]:
    """All projects, at most ten seconds old; :func:`choose_project` and :func:`forget` make it new."""
    return _projects(os.environ.get(DATABASE) or str(workspace() / "jointbert.db"))


def forget() -> None:
    """The list of projects (names, counts, models) is read anew: call it after changing what it shows."""
    _projects.clear()


def annotator() -> str:
    """The name typed in the sidebar, or an empty string."""
    return str(st.session_state.get("annotator") or "").strip()


def project() -> Project | None:
    """The project chosen in the sidebar, or None."""
    number = st.session_state.get("project")
    return store().project(number) if number is not None else None


def choose_project(number: int) -> None:
    """Makes a project the chosen one from the next run of the page on; follow it with st.rerun or st.switch_page."""
    forget()
    st.session_state["project_next"] = number


def draw_again() -> NoReturn:
    """Draws the fragment that asks for it anew, or all of the page where a click came along with a rerun of it all."""
    with suppress(StreamlitAPIException):  # raised where no fragment runs by itself
        st.rerun(scope="fragment")
    st.rerun()


def note_page(name: str) -> None:
    """Remembers which page is drawn; the shell says so before it draws it."""
    st.session_state["arrived"] = st.session_state.get("page") != name
    st.session_state["page"] = name


def arrived() -> bool:
    """Whether this run is the first on this page since another one was left."""
    return bool(st.session_state.get("arrived", True))


def open_page(name: str, **parameters: str) -> NoReturn:
    """Leaves for another page, with parameters for its address; name and project go along.

    Args:
        name: One of :data:`PAGES`.
        parameters: For example ``utterance="12"`` for the page Annotate.
    """
    kept = {key: st.query_params[key] for key in ("annotator", "project") if key in st.query_params}
    st.switch_page(PAGES[name], query_params={**kept, **parameters})


def require_annotator() -> str:
    """The annotator's name; without one, the page says where to type it, and stops there."""
    name = annotator()
    if not name:
        st.info("Type your name in the sidebar first: every answer is kept under a name.", icon=":material/person:")
        st.stop()
    return name


def restore() -> None:
    """Takes name and project from the address on the first run, and keeps the project true to the store."""
    if "annotator" not in st.session_state:
        st.session_state["annotator"] = st.query_params.get("annotator", "")
    known = [info.id for info in projects()]
    asked = st.session_state.get("project", _number(st.query_params.get("project")))
    wanted = st.session_state.pop("project_next", asked)
    if wanted not in known:
        wanted = known[0] if len(known) == 1 else None
    st.session_state["project"] = wanted


def has_project() -> bool:
    """Whether a project is chosen."""
    return st.session_state.get("project") is not None


def sidebar() -> None:
    """The sidebar's two fields, name and project, and their place in the address."""
    names = {info.id: info.name for info in projects()}
    with st.sidebar:
        st.text_input("Your name", key="annotator", max_chars=80, help="Your answers are kept under this name.")
        if names:
            st.selectbox(
                "Project",
                list(names),
                key="project",
                format_func=lambda number: names.get(number, ""),
                index=None,
                placeholder="Choose a project",
            )
    _keep_in_address("annotator", annotator())
    _keep_in_address("project", str(st.session_state.get("project") or ""))


def _number(value: str | None) -> int | None:
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 10 else None


def _keep_in_address(name: str, value: str) -> None:
    if not value:
        st.query_params.pop(name, None)
    elif st.query_params.get(name) != value:
        st.query_params[name] = value
