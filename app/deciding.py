"""A reviewer's decision: saved as it was looked at, or refused, and the page that follows says why."""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st

import plain
from frame_view import show_frame
from jointbert import EditConflictError, Span, StoreError
from jointbert.annotation import Answer, Conflict, Project, Schema

REFUSED = "review_refused"


class Refused(NamedTuple):
    """A decision that was not saved.

    Args:
        conflict: What was on the page.
        error: Why it was not.
    """

    conflict: Conflict
    error: StoreError


def decide(project: Project, conflict: Conflict, intent: str | None, spans: tuple[Span, ...], who: str) -> None:
    """For a button's on_click: settles a conflict as it was drawn, unless the store holds another one by now.

    Args:
        project: Where the decision goes.
        conflict: What the reviewer looked at.
        intent: The intent decided for, or None.
        spans: The slots decided for.
        who: Who decides.
    """
    version = conflict.decision.version if conflict.decision is not None else 0
    with plain.friendly("The decision was not saved."):
        try:
            project.decide(conflict.utterance_id, who, intent, spans, version, seen=conflict.answers)
        except StoreError as error:
            st.session_state[REFUSED] = Refused(conflict, error)
            return
        st.toast("Decided. Undo stands on the page Data, under History.", icon=":material/gavel:")


def take_refused() -> Refused | None:
    """The decision that was refused since the page was last drawn, once."""
    found = st.session_state.pop(REFUSED, None)
    return found if isinstance(found, Refused) else None


def show_refused(refused: Refused, schema: Schema, listed: bool) -> None:
    """Why a decision was not saved.

    Args:
        refused: The decision.
        schema: The project's labels, for the colours.
        listed: Whether the utterance is on the page still; if not, what stands now is shown here.
    """
    plain.problem(refused.error, "The decision was not saved.")
    if listed:
        return
    conflict, error = refused
    st.caption(f"Utterance {conflict.utterance_id} is not in this list any more.")
    plain.text(conflict.text)
    if isinstance(error, EditConflictError) and isinstance(error.theirs, Answer):
        show_decision(error.theirs, schema, conflict.text)


def show_decision(decision: Answer, schema: Schema, text: str) -> None:
    """What was decided, and by whom."""
    st.markdown(":green-badge[:material/gavel: Decided]")
    plain.text(f"by {decision.annotator}")
    show_frame(text, decision.intent, decision.spans, schema, key=f"decided-{decision.utterance_id}")
