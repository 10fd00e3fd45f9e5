"""Start: the projects there are, what to do next in the chosen one, and how to begin."""

from __future__ import annotations

import streamlit as st

import desk
import plain
import welcome
from jointbert.annotation import ProjectInfo

STEPS = (
    ("data", "Bring utterances and labels", ":material/database:"),
    ("annotate", "Annotate", ":material/edit_note:"),
    ("review", "Review where people disagree", ":material/rule:"),
    ("train", "Train a model", ":material/model_training:"),
    ("test", "Test it", ":material/chat:"),
)


def main() -> None:
    """The page, from top to bottom."""
    known = desk.projects()
    st.title("Teach a model to understand your users")
    if not known:
        st.caption("An intent is what a user wants; a slot is a detail in the words: a city, a date, a number.")
        welcome.invite()
        return
    st.caption("Choose a project, then go on where you left off.")
    for info in sorted(known, key=lambda one: one.created, reverse=True):
        show_project(info)
    with st.expander("Begin another project", icon=":material/add:"):
        welcome.invite()


def show_project(info: ProjectInfo) -> None:
    """One project as a card; the chosen one with the ways on."""
    chosen = st.session_state.get("project") == info.id
    with st.container(border=True):
        name, button = st.columns([4, 1], vertical_alignment="center")
        with name.container(key=f"plain_title_{info.id}"):
            plain.text(info.name)
        with button.container(horizontal_alignment="right"):
            if chosen:
                st.badge("Chosen", icon=":material/check:", color="green")
            elif st.button("Choose", key=f"choose_{info.id}", help="Work on this project."):
                desk.choose_project(info.id)
                st.rerun()
        share = info.answered / info.utterances if info.utterances else 0.0
        words = f"{info.answered:,} of {info.utterances:,} utterances answered" if info.utterances else "empty so far"
        st.progress(min(share, 1.0), text=f"{desk.LANGUAGES.get(info.language, '')} · {words}")
        if chosen:
            with st.container(horizontal=True):
                for page, label, icon in STEPS:
                    st.page_link(desk.PAGES[page], label=label, icon=icon)


main()
