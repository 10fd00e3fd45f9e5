"""Changes of a label that reach into answers: rename, merge, remove. Each says first how much it would change."""

from __future__ import annotations

import streamlit as st

import facts
import plain
from data_history import take_back
from jointbert.annotation import Kind, Project, undoable, usage

UNDO = "label_change_done"


def _answers(number: int) -> str:
    return "1 answer or decision" if number == 1 else f"{number:,} answers and decisions"


def show_rename(project: Project, kind: Kind, name: str, who: str) -> None:
    """A new name for a label, everywhere."""
    used = usage(project, kind, name)
    new = st.text_input("New name", max_chars=200, key=f"rename_{kind}").strip()
    st.caption(f"{_answers(used)} will carry the new name.")
    if st.button("Rename it everywhere", key="rename_do", type="primary", disabled=not new or new == name):
        with plain.friendly("Nothing was renamed."):
            changed = project.rename_label(kind, name, new, who)
            _done(project, who, f"Renamed in {_answers(changed)}.")


def show_merge(project: Project, kind: Kind, name: str, others: list[str], who: str) -> None:
    """One label taken up into another."""
    if not others:
        st.info("There is no other label to merge it into.")
        return
    used = usage(project, kind, name)
    into = st.selectbox(
        "Merge it into", others, index=None, format_func=plain.showable, key=f"merge_{kind}", placeholder="Choose one"
    )
    st.caption(f"{_answers(used)} will carry the other label instead, and this one disappears from the list.")
    if st.button("Merge", key="merge_do", type="primary", disabled=into is None) and into is not None:
        with plain.friendly("Nothing was merged."):
            changed = project.merge_labels(kind, name, into, who)
            _done(project, who, f"Merged in {_answers(changed)}.")


def show_remove(project: Project, kind: Kind, name: str, who: str) -> None:
    """A label that nothing uses taken off the list."""
    used = usage(project, kind, name)
    if used:
        st.info(f"It is in use in {_answers(used)}. Rename it, or merge it into another one.", icon=":material/lock:")
        return
    st.caption("Nothing uses it. It can be brought back under History.")
    if st.button("Remove it", key="remove_do", icon=":material/delete:"):
        with plain.friendly("Nothing was removed."):
            project.remove_label(kind, name, who)
            _done(project, who, "Removed.")


def _done(project: Project, who: str, told: str) -> None:
    """Say what happened on the next run of the page, with the way back beside it."""
    latest = undoable(project, who)
    facts.forget()
    st.session_state[UNDO] = (told, latest.id if latest is not None else None)
    st.rerun()


def show_done(project: Project, who: str) -> None:
    """What the latest change did, and a button that takes back exactly that; to be shown above the labels."""
    told, event_id = st.session_state.get(UNDO, (None, None))
    latest = undoable(project, who) if told is not None else None
    if latest is None or latest.id != event_id:
        st.session_state.pop(UNDO, None)
        return
    st.success(told, icon=":material/check_circle:")
    if st.button("Take it back", key="label_undo", icon=":material/undo:"):
        take_back(project, who)
