"""What the project is called and what annotators shall do."""

from __future__ import annotations

import streamlit as st

import desk
import plain
from jointbert.annotation import Project, ProjectInfo


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
    base_key = f"guidelines_base_{project.id}"
    base = st.session_state.setdefault(base_key, info.guidelines)
    text = st.text_area(
        "Guidelines",
        value=plain.showable(base),
        height=360,
        key=f"guidelines_{project.id}",
        help="Annotators see them beside each utterance. Say what each intent means and where a slot begins and ends.",
        placeholder="When a caller names two cities, the first is from_city …",
    )
    moved_on = info.guidelines not in (base, text)
    if moved_on:
        st.warning("Somebody else has changed the guidelines since you opened them. Theirs:", icon=":material/warning:")
        st.code(plain.showable(info.guidelines), language=None, wrap_lines=True)
    changed = text != plain.showable(info.guidelines)
    label = "Save mine instead" if moved_on else "Save the guidelines"
    if st.button(label, type="primary", icon=":material/save:", disabled=not changed, key="guidelines_save"):
        with plain.friendly("The guidelines were not saved."):
            project.edit(who, guidelines=text)
            st.session_state[base_key] = text
            st.toast("The guidelines are saved.")
            st.rerun()
    st.caption("Not saved yet." if changed else "Saved.")
