"""The invitation to make a project: the demo in one click, or one's own."""

from __future__ import annotations

import streamlit as st

import desk
from jointbert.annotation import demo_corpus
from plain import friendly

DEMO = "demo data"


def invite() -> None:
    """The two ways to begin."""
    st.subheader("Begin with the demo")
    st.text("A ready-made project with utterances, labels and answers, to look around in.")
    with st.container(horizontal=True):
        for language, title in desk.LANGUAGES.items():
            if st.button(f"Load the demo project: {title}", key=f"demo_{language}", icon=":material/play_circle:"):
                load_demo(language)
    st.subheader("Begin with your own")
    with st.form("create", border=True):
        name = st.text_input("Name of the project", key="new_name", max_chars=80)
        language = st.selectbox("Language of the utterances", list(desk.LANGUAGES), format_func=desk.LANGUAGES.get)
        if st.form_submit_button("Create the project"):
            with friendly("The project could not be created."):
                made = desk.store().create_project(name.strip(), language=language, who=desk.annotator())
                desk.choose_project(made.id)
                st.switch_page(desk.PAGES["start"])


def load_demo(language: str) -> None:
    """Makes the demo project of a language, chooses it and opens it."""
    with friendly("The demo could not be loaded."), st.spinner("Loading the demo …"):
        folder = demo_corpus(language)
        made = desk.store().create_project(f"Demo ({desk.LANGUAGES[language]})", language=language, who=DEMO)
        made.import_file(folder / "train.jsonl", DEMO)
        made.import_file(folder / "dev.jsonl", DEMO, split="dev")
        made.import_file(folder / "test.jsonl", DEMO, labelled=False)
        desk.choose_project(made.id)
        st.switch_page(desk.PAGES["start"])
