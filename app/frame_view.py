"""One reading of an utterance for the eye: its intent, and its slots in colour where they stand in the text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import streamlit as st

import plain
from jointbert import Span
from jointbert.annotation import Schema
from span_editor import SlotChoice, span_editor

NO_INTENT = "no intent"
GREY = "#6b6b6b"


def slot_choices(schema: Schema, spans: Iterable[Span] = ()) -> list[SlotChoice]:
    """The project's slots for the span editor, and in grey those that spans name but the project does not know."""
    known = {label.name: label for label in schema.slots}
    strangers = sorted({span.slot for span in spans} - set(known))
    return [
        *(SlotChoice(label.name, label.colour, None, plain.showable(label.description)) for label in known.values()),
        *(SlotChoice(name, GREY) for name in strangers),
    ]


def rebuilt(text: str, spans: Sequence[Span]) -> tuple[Span, ...]:
    """The same spans in the text as it can be shown; what stands for their values and how sure a model was go along."""
    return tuple(
        Span.of(text, span.slot, span.start, span.end, canonical=span.canonical, confidence=span.confidence)
        for span in spans
    )


def show_frame(text: str, intent: str | None, spans: Sequence[Span], schema: Schema, *, key: str) -> None:
    """The intent, and below it the text with its slots in colour.

    Args:
        text: The raw text.
        intent: The intent, or None.
        spans: The slots.
        schema: The project's labels, for the colours.
        key: A key that no other element on the page has.
    """
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.caption("Intent", width="content")
        plain.text(intent if intent is not None else f"({NO_INTENT})")
    shown = plain.showable(text)
    used = {span.slot for span in spans}
    choices = [choice for choice in slot_choices(schema, spans) if choice.name in used]
    span_editor(shown, rebuilt(shown, spans), choices, key=key, version=places(spans), disabled=True)


def places(spans: Iterable[Span]) -> str:
    """A word that two readings share only when their spans are the same: what the editor shows is then read anew."""
    return " ".join(f"{span.start}:{span.end}:{span.slot}" for span in spans)
