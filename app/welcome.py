"""The invitation to make a project: the demo in one click, or one's own; and the pages that need one ask here."""

from __future__ import annotations

import streamlit as st

import desk
import plain
from demo import make_demo
from jointbert.annotation import Project

BUTTONS = {"en": "Load the demo project in English", "zh": "Load the demo project in Chinese (中文)"}


def require_project() -> Project:
    """The chosen project; without one, the page becomes the invitation to make one, and stops there."""
    found = desk.project()
    if found is None:
        others = bool(desk.projects())
        st.subheader("Choose a project first" if others else "Begin with a project")
        if others:
            st.caption("The list is in the sidebar. Or begin another project:")
        invite()
        st.stop()
    return found


def invite() -> None:
    """The two ways to begin, side by side."""
    demo, own = st.columns(2, border=True)
    with demo:
        st.subheader("Look around with the demo")
        st.caption("A ready-made project: labelled utterances to train on, and some that wait for you to label.")
        for language, label in BUTTONS.items():
            if st.button(label, key=f"demo_{language}", icon=":material/play_circle:", width="stretch"):
                load_demo(language)
    with own:
        st.subheader("Begin your own")
        create()


def create() -> None:
    """The form for a new, empty project; it leads on to the page Data."""
    with st.form("create", border=False):
        name = st.text_input("Name of the project", key="new_name", max_chars=80)
        language = st.selectbox(
            "Language of the utterances",
            list(desk.LANGUAGES),
            format_func=desk.LANGUAGES.__getitem__,
            key="new_language",
        )
        pressed = st.form_submit_button("Create the project", key="create_project", width="stretch")
    if pressed and not name.strip():
        st.warning("Give the project a name first.")
    elif pressed:
        with plain.friendly("The project could not be created."):
            made = desk.store().create_project(name.strip(), language=language, who=desk.annotator() or "somebody")
            desk.choose_project(made.id)
            st.switch_page(desk.PAGES["data"])


def load_demo(language: str) -> None:
    """Makes the demo project of a language, chooses it and opens the page Start."""
    with plain.friendly("The demo could not be loaded."):
        with st.spinner("Loading the demo project …"):
            made = make_demo(language)
        desk.choose_project(made.id)
        st.switch_page(desk.PAGES["start"])
