"""What the project is called and what annotators shall do."""

from __future__ import annotations

import streamlit as st

import desk
import plain
from jointbert.annotation import Project, ProjectInfo
from opened import Opened


def show_guidelines(project: Project, who: str) -> None:
    """The project's name and guidelines, to read and to change."""
    info = project.info()
    _name(project, info, who)
    _guidelines(project, info, who)


def _name(project: Project, info: ProjectInfo, who: str) -> None:
    with st.form("project_name", border=False):
        field, button = st.columns([4, 1], vertical_alignment="bottom")
        name = field.text_input(
            "Name of the project", value=plain.showable(info.name), max_chars=200, key="project_new_name"
        )
        if button.form_submit_button("Rename", width="stretch"):
            with plain.friendly("The name was not changed."):
                project.edit(who, name=name.strip())
                desk.forget()
                st.toast("The project has a new name.")
                st.rerun()


def _guidelines(project: Project, info: ProjectInfo, who: str) -> None:
    """The text; what somebody else saved while this one was being written is shown, not overwritten unseen."""
    key, stored = f"guidelines_{project.id}", info.guidelines
    opened = _opened(key, stored)
    text = st.text_area(
        "Guidelines",
        height=360,
        key=key,
        help="Annotators see them beside each utterance. Say what each intent means and where a slot begins and ends.",
        placeholder="When a caller names two cities, the first is from_city …",
    )
    moved_on = opened.moved_on(stored, text)
    if moved_on:
        st.warning("Somebody else has changed the guidelines since you opened them. Theirs:", icon=":material/warning:")
        st.code(plain.showable(stored), language=None, wrap_lines=True)
    changed = text != plain.showable(stored)
    label = "Save mine instead" if moved_on else "Save the guidelines"
    pressed = st.button(label, type="primary", icon=":material/save:", disabled=not changed, key="guidelines_save")
    seen = opened.show(stored) or not moved_on
    if pressed and seen:
        with plain.friendly("The guidelines were not saved."):
            project.edit(who, guidelines=text)
            opened.base = opened.shown = text
            st.toast("The guidelines are saved.")
            st.rerun()
    st.caption("Not saved yet." if changed else "Saved.")


def _opened(key: str, stored: str) -> Opened[str]:
    """What the text was opened with: what is stored now, wherever nothing has been typed."""
    name = f"{key}_opened"
    opened = st.session_state.get(name)
    if isinstance(opened, Opened) and st.session_state.get(key) not in (None, plain.showable(opened.base)):
        return opened
    if st.session_state.get(key) != plain.showable(stored):
        st.session_state[key] = plain.showable(stored)
    found = st.session_state[name] = Opened(stored, stored)
    return found
