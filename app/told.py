"""What the page Annotate tells an annotator in words: what became of their work, and what was decided against it."""

from __future__ import annotations

import streamlit as st

import plain
from frame_view import NO_INTENT
from jointbert.annotation import Answer
from sheet import Sheet
from work import Work


def draw_notices(sheet: Sheet) -> None:
    """What became of the last action, and labels that are called otherwise now or that the project does not have."""
    with st.container(key="plain_small_notices", gap="xsmall"):
        if sheet.notice:
            st.warning(sheet.notice, icon=":material/info:")
        if sheet.taken_back:
            with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
                st.markdown(":material/undo:", width="content")
                plain.text(sheet.taken_back)
        if sheet.renamed:
            st.info("Somebody has renamed labels meanwhile; what you chose goes by the name of now:")
            plain.text("\n".join(f"{old} is {new} now" for old, new in sheet.renamed))
        if sheet.gone:
            st.warning("The project no longer has these labels; what you had marked with them is left out:")
            plain.text(", ".join(sheet.gone))
        if sheet.unknown:
            st.warning("The model suggests labels that this project does not have; they are left out here:")
            plain.text(", ".join(sheet.unknown))


def draw_decided(sheet: Sheet) -> None:
    """Where something else was decided than this annotator's answer: that it was, by whom, and what."""
    decided, item = sheet.decided, sheet.item
    if decided is None or item is None or item.answer is None:
        return
    shown = sheet.saved._replace(note=decided.note)
    if item.answer.status == "accepted" and shown.same(Work.of(decided)):
        return
    st.info(
        "This utterance was decided in Review, and the decision counts, not your answer here. An answer accepted after "
        "it that says something else comes up in Review again.",
        icon=":material/gavel:",
    )
    with st.container(key="plain_small_decided"):
        plain.text(_in_words(decided))


def _in_words(decided: Answer) -> str:
    """A decision in one line.

    Example:
        >>> from datetime import UTC, datetime
        >>> from jointbert import Span
        >>> spans = (Span.of("to Rome", "city", 3, 7),)
        >>> _in_words(Answer(1, "Eve", "accepted", "fly", spans, "", 1, datetime.now(UTC)))
        'Eve decided: fly, with city “Rome”'
    """
    slots = ", ".join(f"{span.slot} “{span.value}”" for span in decided.spans)
    return f"{decided.annotator} decided: {decided.intent or NO_INTENT}{f', with {slots}' if slots else ''}"
