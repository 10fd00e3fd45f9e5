"""Two answers to one utterance, saved at the same time: both are shown, and the annotator says which one stays."""

from __future__ import annotations

import streamlit as st

import desk
import plain
from frame_view import show_frame
from sheet import Sheet

WORDS = {"draft": "kept as a draft", "accepted": "accepted", "rejected": "rejected", "skipped": "skipped"}


def draw(sheet: Sheet) -> None:
    """Both answers side by side, with a button under each."""
    clash, item = sheet.clash, sheet.item
    if clash is None or item is None:
        return
    st.warning("Two answers to one utterance. Nothing is lost: choose the one that shall stay.")
    plain.text(f"{clash.theirs.annotator} saved another answer meanwhile.")
    mine, theirs = st.columns(2, border=True)
    with mine:
        st.subheader("What you have here")
        show_frame(item.text, clash.mine.intent, clash.mine.spans, sheet.schema, key="clash_mine")
        st.caption(f"to be {WORDS[clash.status]}")
        _note(clash.mine.note)
        if st.button("Keep what I have here", key="keep_mine", type="primary", icon=":material/check:"):
            sheet.settle(mine=True)
            desk.draw_again()
    with theirs:
        st.subheader("What was saved meanwhile")
        show_frame(item.text, clash.theirs.intent, clash.theirs.spans, sheet.schema, key="clash_theirs")
        st.caption(WORDS[clash.theirs.status])
        _note(clash.theirs.note)
        if st.button("Keep what was saved", key="keep_theirs", icon=":material/history:"):
            sheet.settle(mine=False)
            desk.draw_again()


def _note(note: str) -> None:
    if note:
        st.caption("Note")
        plain.text(note)
