"""One disagreement between annotators: the answers side by side, what differs, and the ways to settle it."""

from __future__ import annotations

import streamlit as st

import plain
from differences import Reading, differences
from frame_view import NO_INTENT, places, rebuilt, show_frame, slot_choices
from jointbert import Span
from jointbert.annotation import Answer, Conflict, Project, Schema, merge
from side_by_side import side_by_side
from span_editor import span_editor

A_ROW = 3
NONE = ""


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
        _show_decision(conflict.decision, schema, conflict.text)
    _show_differences(conflict.utterance_id, conflict.text, readings)
    _show_answers(project, schema, conflict, who)
    _show_merge(project, schema, conflict, who)


def _show_decision(decision: Answer, schema: Schema, text: str) -> None:
    with st.container(border=True):
        st.markdown(":green-badge[:material/gavel: Decided]")
        plain.text(f"by {decision.annotator}")
        show_frame(text, decision.intent, decision.spans, schema, key=f"decided-{decision.utterance_id}")


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
    key = f"{conflict.utterance_id}-{number}"
    show_frame(conflict.text, answer.intent, answer.spans, schema, key=f"answer-{key}")
    if answer.note:
        st.caption("Note")
        plain.text(answer.note)
    if st.button("Use this answer", key=f"use-{key}", icon=":material/check:", width="stretch"):
        decide(project, conflict, answer.intent, answer.spans, who)


def _show_merge(project: Project, schema: Schema, conflict: Conflict, who: str) -> None:
    """An editor for an answer of one's own; it starts from what the answers have in common."""
    number = conflict.utterance_id
    with st.expander("None of them is right: write the answer yourself", icon=":material/edit:"):
        options = [NONE, *schema.intent_names]
        agreed, common = merge(conflict.answers)
        intent = st.selectbox(
            "Intent",
            options,
            index=options.index(agreed) if agreed in options else None,
            format_func=lambda name: plain.showable(name) or f"({NO_INTENT})",
            placeholder="Choose an intent",
            key=f"merge-intent-{number}",
            persist_state="session",
        )
        text = plain.showable(conflict.text)
        kept = f"merge-spans-{number}"
        start: tuple[Span, ...] = st.session_state.setdefault(kept, rebuilt(text, common))
        edit = span_editor(
            text, start, slot_choices(schema), key=f"merge-{number}", version=places(common), hotkeys=False
        )
        st.session_state[kept] = edit.spans
        if st.button("Save this as the answer", key=f"merge-save-{number}", type="primary", disabled=intent is None):
            spans = tuple(Span.of(conflict.text, span.slot, span.start, span.end) for span in edit.spans)
            decide(project, conflict, intent or None, spans, who)
        if intent is None:
            st.caption("Choose an intent first.")


def decide(project: Project, conflict: Conflict, intent: str | None, spans: tuple[Span, ...], who: str) -> None:
    """Settle the conflict and go on with the next one."""
    version = conflict.decision.version if conflict.decision is not None else 0
    with plain.friendly("The decision was not saved."):
        project.decide(conflict.utterance_id, who, intent, spans, version)
        st.toast("Decided. Undo stands on the page Data, under History.", icon=":material/gavel:")
        st.rerun()
