"""Find utterances: by their words, their label, how far they are; a page at a time."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import streamlit as st

import desk
import plain
from frame_view import show_frame
from jointbert import Span
from jointbert.annotation import Item, Project, Schema
from number_words import counted

A_PAGE = 50
STATUSES = {
    "untouched": "not answered yet",
    "draft": "begun (draft)",
    "accepted": "accepted",
    "rejected": "rejected",
    "skipped": "skipped",
}
SPLITS = {"train": "train (to learn from)", "dev": "dev (to choose the best)", "test": "test (to measure with)"}


def show_browser(project: Project) -> None:
    """The filters, the table, and the utterance that was chosen in it."""
    schema = project.schema()
    asked = _filters(project, schema)
    total = project.count(**asked)
    if total == 0:
        _nothing(project)
        return
    pages = math.ceil(total / A_PAGE)
    if int(st.session_state.get("browse_page", 1)) > pages:
        st.session_state["browse_page"] = 1
    page = int(st.session_state.get("browse_page", 1)) if pages > 1 else 1
    items = project.find(**asked, limit=A_PAGE, offset=(page - 1) * A_PAGE)
    st.caption(f"{counted(total, 'utterance')}. Choose a row to see it in full.")
    chosen = _table(items)
    if pages > 1:
        st.pagination(pages, key="browse_page")
    if chosen is not None:
        _show_chosen(chosen, schema)


def _filters(project: Project, schema: Schema) -> dict[str, Any]:
    """What is asked for, ready for Project.find."""
    text = st.text_input(
        "Words in the text", key="browse_text", placeholder="any", icon=":material/search:", persist_state="session"
    )
    status, whose, label, split = st.columns(4)
    wanted = status.selectbox("Answer", list(STATUSES), format_func=STATUSES.get, **_optional("browse_status"))
    person = whose.selectbox(
        "Answered by", project.annotators(), format_func=plain.showable, **_optional("browse_by", "anyone")
    )
    labels = [(one.kind, one.name) for one in (*schema.intents, *schema.slots)]
    named = label.selectbox(
        "Intent or slot",
        labels,
        format_func=lambda pair: f"{plain.showable(pair[1])} ({pair[0]})",
        **_optional("browse_label"),
    )
    part = split.selectbox("Part of the data", list(SPLITS), format_func=SPLITS.get, **_optional("browse_split"))
    return {"text": text.strip(), "status": wanted, "label": named, "split": part, "annotator": person}


def _optional(key: str, placeholder: str = "any") -> dict[str, Any]:
    """A selectbox that may stay empty, and keeps its choice while other pages are looked at."""
    return {"index": None, "placeholder": placeholder, "key": key, "persist_state": "session"}


def _nothing(project: Project) -> None:
    if project.info().utterances == 0:
        st.info("There is nothing here yet. Choose Import above to add utterances.", icon=":material/upload:")
    else:
        st.info("No utterance fits these filters. Take one of them away.", icon=":material/search_off:")


def reading_of(item: Item) -> tuple[str | None, tuple[Span, ...]]:
    """Intent and slots of what an item shows: the chosen annotator's answer, or else what counts as right."""
    shown = item.answer or item.gold
    return (shown.intent, shown.spans) if shown is not None else (None, ())


def slots_in_words(spans: Iterable[Span]) -> str:
    """Slots as people read them.

    Example:
        >>> slots_in_words([Span.of("to Rome", "city", 3, 7)])
        'city: Rome'
    """
    return ", ".join(f"{span.slot}: {span.value}" for span in spans)


def _state(item: Item) -> str:
    if item.answer is not None:
        return STATUSES[item.answer.status]
    if item.gold is not None:
        return "labelled"
    if item.others:
        return "not settled"
    return STATUSES["draft" if item.drafts else "untouched"]


def _table(items: list[Item]) -> Item | None:
    """The page of utterances; gives the one whose row is chosen."""
    event: Any = st.dataframe(
        {
            "number": [item.id for item in items],
            "utterance": [plain.showable(item.text) for item in items],
            "intent": [plain.showable(reading_of(item)[0] or "") for item in items],
            "slots": [plain.showable(slots_in_words(reading_of(item)[1])) for item in items],
            "state": [_state(item) for item in items],
            "part": [item.split for item in items],
        },
        hide_index=True,
        height=420 if len(items) > 11 else "content",
        on_select="rerun",
        selection_mode="single-row",
        key="browse_rows",
        column_config={
            "number": st.column_config.NumberColumn("no.", width=50, format="%d"),
            "utterance": st.column_config.TextColumn(width=330),
            "intent": st.column_config.TextColumn(width=120),
            "slots": st.column_config.TextColumn(width=150),
            "state": st.column_config.TextColumn(width=110),
            "part": st.column_config.TextColumn(width=50),
        },
    )
    rows = event.selection.rows
    return items[rows[0]] if rows and rows[0] < len(items) else None


def _show_chosen(item: Item, schema: Schema) -> None:
    with st.container(border=True):
        st.caption(f"Utterance {item.id}")
        if item.answer is None and item.gold is None:
            st.code(plain.showable(item.text), language=None, wrap_lines=True)
        else:
            show_frame(item.text, *reading_of(item), schema, key=f"browse-{item.id}")
        fix_link(item.id, "Open it in Annotate")


def fix_link(utterance_id: int, label: str = "Fix it in Annotate") -> None:
    """A link that opens an utterance on the page Annotate.

    Args:
        utterance_id: The utterance's number.
        label: Our own words; never a user's.
    """
    st.page_link(
        desk.PAGES["annotate"],
        label=label,
        icon=":material/edit_note:",
        help="Your answer goes beside those of others. Where they differ, settle it on the page Review.",
        query_params={"utterance": str(utterance_id)},
    )
