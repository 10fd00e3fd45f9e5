"""An answer of the reviewer's own, where none of those given is right."""

from __future__ import annotations

from collections import Counter

import streamlit as st

import plain
from deciding import decide
from frame_view import NO_INTENT, places, rebuilt, slot_choices
from jointbert import Span
from jointbert.annotation import Conflict, Project, Schema, merge
from span_editor import SlotChoice, edited, span_editor

NONE = ""


def show_own_answer(project: Project, schema: Schema, conflict: Conflict, who: str) -> None:
    """An editor that starts from what was decided, else from what the answers have in common.

    Args:
        project: Where the decision goes.
        schema: The project's labels.
        conflict: What to settle.
        who: Who decides.
    """
    number = conflict.utterance_id
    slots = slot_choices(schema)
    with st.expander("None of them is right: write the answer yourself", icon=":material/edit:"):
        base = _lay(conflict, schema)
        intent = st.selectbox(
            "Intent",
            [NONE, *schema.intent_names],
            index=None,
            format_func=lambda name: plain.showable(name) or f"({NO_INTENT})",
            placeholder="Choose an intent",
            key=f"merge-intent-{number}",
            persist_state="session",
        )
        text, start = plain.showable(conflict.text), st.session_state[f"merge-spans-{number}"]
        edit = span_editor(text, start, slots, key=f"merge-{number}", version=base, hotkeys=False)
        st.session_state[f"merge-spans-{number}"] = edit.spans
        st.button(
            "Save this as the answer",
            key=f"merge-save-{number}",
            type="primary",
            disabled=intent is None,
            on_click=_save,
            args=(project, slots, conflict, base, who),
        )
        if intent is None:
            st.caption("Choose an intent first.")


def _lay(conflict: Conflict, schema: Schema) -> str:
    """Lays the start out where it is another than it was; a word that tells it from others."""
    number = conflict.utterance_id
    intent, spans = _start(conflict)
    base = f"{intent!r} {places(spans)}"
    if st.session_state.get(f"merge-base-{number}") != base:
        st.session_state[f"merge-base-{number}"] = base
        st.session_state[f"merge-intent-{number}"] = intent if intent in (NONE, *schema.intent_names) else None
        st.session_state[f"merge-spans-{number}"] = rebuilt(plain.showable(conflict.text), spans)
    return base


def _start(conflict: Conflict) -> tuple[str | None, tuple[Span, ...]]:
    """The intent, NONE where there shall be none, or None where it has to be chosen; and the spans."""
    if conflict.decision is not None:
        return conflict.decision.intent or NONE, conflict.decision.spans
    agreed, common = merge(conflict.answers)
    named = Counter(answer.intent for answer in conflict.answers)
    without = named.pop(None, 0)
    return NONE if without > max(named.values(), default=0) else agreed, common


def _save(project: Project, slots: list[SlotChoice], conflict: Conflict, base: str, who: str) -> None:
    """Decides for what stands in the editor at the click; a value keeps what stands for it wherever it had that."""
    number, text = conflict.utterance_id, conflict.text
    intent = st.session_state.get(f"merge-intent-{number}")
    if intent is None:
        return
    start = st.session_state[f"merge-spans-{number}"]
    marked = edited(plain.showable(text), start, slots, key=f"merge-{number}", version=base)
    given = [*([] if conflict.decision is None else [conflict.decision]), *conflict.answers]
    known = {places([span]): span.canonical for one in reversed(given) for span in one.spans if span.canonical}
    spans = (Span.of(text, one.slot, one.start, one.end, canonical=known.get(places([one]))) for one in marked)
    decide(project, conflict, intent or None, tuple(spans), who)
