"""A parse as people read it, and as programs get it."""

from __future__ import annotations

import json
from collections.abc import Sequence

import streamlit as st

import desk
import plain
from frame_view import places, rebuilt, slot_choices
from jointbert import Parse, Utterance
from jointbert.annotation import Schema
from span_editor import span_editor

RUNNERS_UP = 4


def colours(found: Sequence[Parse]) -> Schema:
    """The labels that colour the slots: the project's, or fresh ones where no project is chosen."""
    project = desk.project()
    if project is not None:
        return project.schema()
    return Schema.from_utterances(Utterance(parse.text, spans=parse.spans) for parse in found)


def show(parse: Parse, schema: Schema, place: int, wide: bool) -> None:
    """The slots in place and the intent.

    Args:
        parse: What a model made of an utterance.
        schema: The labels, for the slots' colours.
        place: Tells the parses of one page apart.
        wide: Slots and intent stand side by side.
    """
    with st.container(key=f"stack_parse_{place}"):
        if wide:
            slots, intent = st.columns([3, 2], gap="large")
        else:
            intent, slots = st.container(), st.container()
    with intent:
        st.caption("Intent")
        show_intent(parse, place)
    with slots:
        st.caption("Slots")
        show_slots(parse, schema, f"parse_{place}")


def show_slots(parse: Parse, schema: Schema, key: str) -> None:
    """The text with its slots in place, in colour, and a table with their exact places."""
    text, spans = plain.showable(parse.text), parse.spans
    choices = slot_choices(schema, spans)
    span_editor(text, rebuilt(text, spans), choices, key=key, version=places(spans), disabled=True)
    if parse.truncated_at is not None:
        st.warning(f"Too long for this model: nothing was read from character {parse.truncated_at} on.")
    if not parse.spans:
        st.info("No slot found in this utterance.")
        return
    rows = parse.to_dict()["slots"]
    st.dataframe(
        {column: [row[column] for row in rows] for column in ("slot", "value", "start", "end", "confidence")},
        hide_index=True,
        column_config={
            "start": st.column_config.NumberColumn(help="Characters count from 0."),
            "end": st.column_config.NumberColumn(help="One past the last character."),
            "confidence": st.column_config.NumberColumn(format="percent"),
        },
    )


def show_intent(parse: Parse, place: int) -> None:
    """The intent with its confidence as a bar, and the intents that came next."""
    if parse.intent is None:
        st.info("This model has no intent head: it finds slots only.")
        return
    with st.container(key=f"plain_title_intent_{place}"):
        plain.text(parse.intent)
    if parse.in_scope is False:
        st.warning("Out of scope: unlike what the model was trained on. Ask back in place of acting on this intent.")
    if parse.intent_confidence is not None:
        st.progress(min(parse.intent_confidence, 1.0), text=f"confidence {parse.intent_confidence:.1%}")
    following = parse.ranking[1 : 1 + RUNNERS_UP]
    if following:
        st.caption("Next in line")
        st.dataframe(
            {"intent": [name for name, _ in following], "confidence": [score for _, score in following]},
            hide_index=True,
            column_config={"confidence": st.column_config.ProgressColumn(min_value=0, max_value=1, format="percent")},
        )


def show_json(parse: Parse) -> None:
    """The parse as the library and the server return it, to copy."""
    with st.expander("JSON, as the library returns it"):
        st.code(as_json(parse, indent=2), language="json")


def as_json(parse: Parse, indent: int | None = None) -> str:
    """The parse as JSON text."""
    return plain.showable(json.dumps(parse.to_dict(), ensure_ascii=False, indent=indent))
