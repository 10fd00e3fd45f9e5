"""Who changed what, newest first, and the way back."""

from __future__ import annotations

import streamlit as st

import desk
import facts
import plain
from jointbert.annotation import Event, Project, undoable

A_PAGE = 50


def show_history(project: Project, who: str) -> None:
    """Undo for one's own latest change, and everybody's log."""
    _undo(project, who)
    mine = st.toggle("Only my own", key="history_mine")
    limit = st.session_state.setdefault("history_limit", A_PAGE)
    events = project.events(limit=limit + 1, who=who if mine else None)
    if not events:
        st.info("Nothing has been changed yet.", icon=":material/history:")
        return
    _table(events[:limit])
    if len(events) > limit and st.button("Show more", icon=":material/expand_more:"):
        st.session_state["history_limit"] = limit + A_PAGE
        st.rerun()


def _undo(project: Project, who: str) -> None:
    """The change that would be taken back, and the button."""
    latest = undoable(project, who)
    if latest is None:
        st.caption("You have changed nothing that could be taken back.")
        return
    with st.container(border=True):
        st.caption("Your latest change")
        plain.text(latest.about)
        if st.button("Take it back", icon=":material/undo:", key="history_undo"):
            take_back(project, who)


def take_back(project: Project, who: str) -> None:
    """Undo this person's latest change and show the page anew."""
    with plain.friendly("It could not be taken back."):
        done = project.undo(who)
        st.toast("Taken back." if done is not None else "There is nothing to take back.", icon=":material/undo:")
        desk.forget()
        facts.forget()
        st.rerun()


def _table(events: list[Event]) -> None:
    st.dataframe(
        {
            "when": [event.at for event in events],
            "who": [plain.showable(event.who) for event in events],
            "what": [plain.showable(event.about) for event in events],
            "taken back": [event.undone for event in events],
        },
        hide_index=True,
        column_config={
            "when": st.column_config.DatetimeColumn(format="distance", help="Rest on a cell for the exact time (UTC)."),
            "what": st.column_config.TextColumn(width="large"),
            "taken back": st.column_config.CheckboxColumn(width="small"),
        },
    )
