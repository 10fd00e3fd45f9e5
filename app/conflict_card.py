"""One disagreement between annotators: the answers side by side, what differs, and the ways to settle it."""

from __future__ import annotations

import streamlit as st

import plain
from deciding import decide, show_decision
from differences import Reading, differences
from frame_view import show_frame
from jointbert.annotation import Answer, Conflict, Project, Schema
from own_answer import show_own_answer
from side_by_side import side_by_side

A_ROW = 3


def show_conflict(project: Project, schema: Schema, conflict: Conflict, who: str) -> None:
    """The card of one utterance.

    Args:
        project: Where the decision goes.
        schema: The project's labels.
        conflict: What to settle.
        who: Who decides.
    """
    readings = [Reading(answer.annotator, answer.intent, answer.spans) for answer in conflict.answers]
    if conflict.decision is not None:
        readings.insert(0, Reading("the decision", conflict.decision.intent, conflict.decision.spans))
        _show_decision(project, schema, conflict, conflict.decision, who)
    _show_differences(conflict.utterance_id, conflict.text, readings)
    _show_answers(project, schema, conflict, who)
    show_own_answer(project, schema, conflict, who)


def _show_decision(project: Project, schema: Schema, conflict: Conflict, decision: Answer, who: str) -> None:
    """What was decided, and where it waits to be decided anew, a way to leave it at that."""
    with st.container(border=True):
        show_decision(decision, schema, conflict.text)
        if conflict.reopened:
            st.caption("Somebody has accepted something else since. The decision counts until you decide anew.")
            st.button(
                "Keep this decision",
                key=f"keep-decision-{conflict.utterance_id}",
                icon=":material/gavel:",
                on_click=decide,
                args=(project, conflict, decision.intent, decision.spans, who),
            )


def _show_differences(number: int, text: str, readings: list[Reading]) -> None:
    lines = differences(text, readings)
    st.markdown(f"**What differs** in utterance {number}")
    for line in lines:
        plain.text(f"• {line}")
    if not lines:
        st.caption("Nothing: the answers are the same by now.")


def _show_answers(project: Project, schema: Schema, conflict: Conflict, who: str) -> None:
    """The answers in rows of three; on a narrow screen they stand below each other."""
    for first in range(0, len(conflict.answers), A_ROW):
        row = conflict.answers[first : first + A_ROW]
        columns = side_by_side(len(row), f"answers-{conflict.utterance_id}-{first}", border=True)
        for number, (column, answer) in enumerate(zip(columns, row, strict=True), first):
            with column:
                _show_answer(project, schema, conflict, answer, number, who)


def _show_answer(project: Project, schema: Schema, conflict: Conflict, answer: Answer, number: int, who: str) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.markdown(":material/person:", width="content")
        plain.text(answer.annotator)
    if conflict.decision is not None and answer.updated > conflict.decision.updated:
        st.caption("Accepted after the decision")
    key = f"{conflict.utterance_id}-{number}"
    show_frame(conflict.text, answer.intent, answer.spans, schema, key=f"answer-{key}")
    if answer.note:
        st.caption("Note")
        plain.text(answer.note)
    st.button(
        "Use this answer",
        key=f"use-{key}",
        icon=":material/check:",
        width="stretch",
        on_click=decide,
        args=(project, conflict, answer.intent, answer.spans, who),
    )
