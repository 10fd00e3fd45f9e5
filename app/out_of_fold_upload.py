"""Out-of-fold parses that the command line made, taken into the queue of doubtful labels."""

from __future__ import annotations

import streamlit as st

import plain
from jointbert.annotation import Project, TakenIn
from number_words import counted

DONE, ROUND = "out_of_fold_done", "out_of_fold_round"


def show_upload(project: Project, who: str) -> None:
    """The uploader, and the button that takes the file in."""
    st.caption(
        "Run `jointbert cv` on an export of this project, on a larger machine for example, and bring its "
        "`out_of_fold.jsonl`. Utterances are found by their text; what an earlier look said of them is replaced."
    )
    round_ = st.session_state.get(ROUND, 0)
    given = st.file_uploader("An out_of_fold.jsonl", key=f"out_of_fold_{round_}")
    asked = st.button("Take it in", icon=":material/upload:", key="out_of_fold_take", disabled=given is None)
    if asked and given is not None:
        with plain.friendly("Nothing was taken in."), st.spinner("Comparing what the models said with the labels …"):
            st.session_state[DONE] = project.take_in_out_of_fold(given.name, given.getvalue(), who)
            st.session_state[ROUND] = round_ + 1
            st.rerun()


def show_done() -> None:
    """What the last upload did, until the next run of the page."""
    done: TakenIn | None = st.session_state.pop(DONE, None)
    if done is None:
        return
    told = [f"Taken in: what models say of {counted(done.utterances, 'utterance')}."]
    if done.unknown:
        told.append(f"Not in this project, and left out: {counted(done.unknown, 'line')}.")
    if done.repeated:
        told.append(f"Of an utterance that a later line is of, too: {counted(done.repeated, 'line')}.")
    st.success(" ".join(told), icon=":material/check_circle:")
