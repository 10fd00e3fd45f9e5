"""What a model got wrong, utterance by utterance: what is right and what it said, side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence

import streamlit as st

import plain
from data_browse import fix_link
from frame_view import show_frame
from jointbert import Parse, Utterance
from jointbert.annotation import MISTAKES, Mistake, Schema, mistakes
from number_words import counted
from side_by_side import side_by_side

A_PAGE = 5
Wrong = tuple[Utterance, Parse, tuple[Mistake, ...]]


def told(mistake: Mistake) -> str:
    """A mistake in words.

    Example:
        >>> told(Mistake("missed", "city", None, "Rome"))
        'missed city: “Rome”'
        >>> told(Mistake("intent", "book", "cancel"))
        'intent: cancel instead of book'
    """
    gold, predicted = mistake.gold, mistake.predicted
    words = {
        "intent": f"intent: {predicted or 'none'} instead of {gold}",
        "slot": f"“{mistake.predicted_value}”: {predicted} instead of {gold}",
        "boundary": f"{gold}: “{mistake.predicted_value}” instead of “{mistake.gold_value}”",
        "missed": f"missed {gold}: “{mistake.gold_value}”",
        "spurious": f"{predicted} where there is none: “{mistake.predicted_value}”",
    }
    return words[mistake.kind]


def show_errors(found: Sequence[tuple[Utterance, Parse]], schema: Schema, key: str) -> None:
    """The filters, and a page of errors.

    Args:
        found: Utterances and the wrong parses of them.
        schema: The project's labels, for the colours.
        key: Sets the browser of one run apart from that of another.
    """
    if not found:
        st.success("It got every utterance right.", icon=":material/celebration:")
        return
    wrong: list[Wrong] = [(gold, parse, mistakes(gold, parse)) for gold, parse in found]
    shown = _filtered(wrong, key)
    if not shown:
        st.info("No error fits these filters. Take one of them away.", icon=":material/search_off:")
        return
    pages = math.ceil(len(shown) / A_PAGE)
    place = f"errors_page_{key}"
    if int(st.session_state.get(place, 1)) > pages:
        st.session_state[place] = 1
    st.caption(f"{counted(len(shown), 'utterance')} with an error")
    page = int(st.session_state.get(place, 1)) if pages > 1 else 1
    for number, one in enumerate(shown[(page - 1) * A_PAGE : page * A_PAGE]):
        _show_error(one, schema, f"{key}-{page}-{number}")
    if pages > 1:
        st.pagination(pages, key=place)


def _filtered(wrong: Sequence[Wrong], key: str) -> list[Wrong]:
    """The errors that fit what is asked for: a kind, an intent and a slot."""
    kind_field, intent_field, slot_field = st.columns(3)
    present = {mistake.kind for _, _, found in wrong for mistake in found}
    kind = kind_field.selectbox(
        "Kind of error",
        [kind for kind in MISTAKES if kind in present],
        index=None,
        format_func=MISTAKES.get,
        placeholder="any",
        key=f"errors_kind_{key}",
    )
    intent = intent_field.selectbox(
        "Right intent",
        sorted({gold.intent for gold, _, _ in wrong if gold.intent is not None}),
        index=None,
        format_func=plain.showable,
        placeholder="any",
        key=f"errors_intent_{key}",
    )
    slots = {
        name for _, _, found in wrong for one in found if one.kind != "intent" for name in (one.gold, one.predicted)
    }
    slot = slot_field.selectbox(
        "Slot that went wrong",
        sorted(name for name in slots if name is not None),
        index=None,
        format_func=plain.showable,
        placeholder="any",
        key=f"errors_slot_{key}",
    )
    return [one for one in wrong if _fits(one, kind, intent, slot)]


def _fits(one: Wrong, kind: str | None, intent: str | None, slot: str | None) -> bool:
    gold, _, found = one
    return (
        (intent is None or gold.intent == intent)
        and (kind is None or any(mistake.kind == kind for mistake in found))
        and (
            slot is None
            or any(mistake.kind != "intent" and slot in (mistake.gold, mistake.predicted) for mistake in found)
        )
    )


def _show_error(one: Wrong, schema: Schema, key: str) -> None:
    gold, parse, found = one
    with st.container(border=True):
        for mistake in found:
            plain.text(f"• {told(mistake)}")
        right, said = side_by_side(2, f"error-{key}")
        with right:
            st.caption("What the label says")
            show_frame(gold.text, gold.intent, gold.spans, schema, key=f"error-gold-{key}")
        with said:
            sure = "" if parse.intent_confidence is None else f", {parse.intent_confidence:.0%} sure of the intent"
            st.caption(f"What the model says{sure}")
            show_frame(parse.text, parse.intent, parse.spans, schema, key=f"error-model-{key}")
        if gold.id is not None and gold.id.isdecimal():
            fix_link(int(gold.id), f"The label is wrong? Fix utterance {int(gold.id)} in Annotate")
