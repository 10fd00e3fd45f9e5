"""The models a page can choose from, and the one chosen, loaded once and parsed with."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

import desk
import jointbert
import plain
from jointbert.annotation import RECIPES, Run

if TYPE_CHECKING:  # NLU stays unloaded until a model is: torch takes seconds, and these pages open without it
    from jointbert import NLU, Parse

FALLBACK = "models/demo-en"
TYPED, NONE = "A folder on this computer …", "No other model"


@st.cache_resource(max_entries=3, show_spinner="Loading the model …")
def load(folder: str, written: int) -> NLU:
    """The model in a folder, kept between reruns.

    Args:
        folder: The model's folder.
        written: When it was last written, in nanoseconds: a model that was trained anew is loaded anew.
    """
    nlu = jointbert.NLU.load(folder)
    desk.spare_collector("a model loaded")
    return nlu


def last_written(folder: str) -> int:
    """When the newest file of a folder was written, in nanoseconds since 1970; 0 where there is no folder."""
    path = Path(folder)
    files = [file for file in path.iterdir() if file.is_file()] if path.is_dir() else []
    return max((file.stat().st_mtime_ns for file in files), default=0)


@st.cache_data(max_entries=16, show_spinner="Parsing …")
def parse(folder: str, written: int, texts: tuple[str, ...]) -> list[Parse]:
    """What the model in a folder makes of texts; the same texts are parsed once."""
    return load(folder, written).parse_many(texts)


def choices() -> dict[str, str]:
    """Name -> folder: the project's suggesting model, its finished trainings, and one to be typed (no folder)."""
    found: dict[str, str] = {}
    project = desk.project()
    if project is not None:
        info = project.info()
        suggesting, runs = info.model, desk.runs_of(info)
        trained = {str(run.model): title_of(run) for run in runs if run.state == "done" and run.model is not None}
        if suggesting and not Path(suggesting).is_dir():  # the workspace has moved, its runs with it
            moved = (folder for folder in trained if Path(folder).parts[-2:] == Path(suggesting).parts[-2:])
            suggesting = next(moved, suggesting)
        if suggesting:
            name = trained.pop(suggesting, Path(suggesting).name)
            found[f"The project's model: {name}"] = suggesting
        for folder, title in trained.items():
            found[_free(title, found)] = folder
    return {**found, TYPED: ""}


def title_of(run: Run) -> str:
    """A trained model in a few words."""
    recipe = RECIPES[run.recipe].title if run.recipe in RECIPES else run.recipe
    return f"{recipe}, trained {run.started.astimezone():%d %b, %H:%M}"


def _free(title: str, taken: Mapping[str, str]) -> str:
    """The title, with a number where it is taken."""
    return next(one for one in chain([title], (f"{title} ({n})" for n in count(2))) if one not in taken)


def is_there(folder: str) -> bool:
    """Whether a typed name is that of a folder; an empty one is none, nor is one that no system could have."""
    try:
        return bool(folder) and Path(folder).is_dir()
    except (OSError, ValueError):  # too long, or with a NUL
        return False


def choose(label: str, key: str, offered: Mapping[str, str]) -> str | None:
    """The folder of the model that is chosen from a list or typed; None for "no other model".

    Args:
        label: Our words above the list.
        key: The list's place in the session; the field for a folder gets ``<key>_folder``.
        offered: Name -> folder; a choice that went away falls back to the first.
    """
    titles = list(offered)
    if st.session_state.get(key) not in titles:
        st.session_state[key] = titles[0]
    chosen = st.selectbox(label, titles, key=key, format_func=plain.showable, persist_state="session")
    if chosen == NONE:
        return None
    if chosen != TYPED:
        return offered[chosen]
    name = f"{key}_folder"
    st.session_state.setdefault(name, FALLBACK)
    return st.text_input("Model folder", key=name, persist_state="session").strip()
