"""Find utterances: by their words, their label, how far they are; a page at a time."""

from __future__ import annotations

import math
from typing import Any

import streamlit as st

import desk
import plain
from frame_view import show_frame
from jointbert.annotation import Item, Project, Schema

A_PAGE = 50
STATUSES = {
    "untouched": "not answered yet",
    "draft": "begun",
    "accepted": "accepted",
    "rejected": "rejected",
    "skipped": "skipped",
}
SPLITS = {"train": "train (to learn from)", "dev": "dev (to choose the best)", "test": "test (to measure with)"}


def show_browser(project: Project, who: str) -> None:
    """The filters, the table, and the utterance that was chosen in it."""
    schema = project.schema()
    asked = _filters(schema, who)
    total = project.count(**asked)
    if total == 0:
        _nothing(project)
        return
    pages = math.ceil(total / A_PAGE)
    if int(st.session_state.get("browse_page", 1)) > pages:
        st.session_state["browse_page"] = 1
    page = int(st.session_state.get("browse_page", 1)) if pages > 1 else 1
    items = project.find(**asked, limit=A_PAGE, offset=(page - 1) * A_PAGE)
    st.caption(f"{total:,} utterances. Choose a row to see it in full.")
    chosen = _table(items)
    if pages > 1:
        st.pagination(pages, key="browse_page")
    if chosen is not None:
        _show_chosen(chosen, schema)


def _filters(schema: Schema, who: str) -> dict[str, Any]:
    """What is asked for, ready for Project.find."""
    words, status, label, split = st.columns([3, 2, 2, 2])
    text = words.text_input("Words in the text", key="browse_text", placeholder="any", icon=":material/search:")
    wanted = status.selectbox(
        "My answer", list(STATUSES), index=None, format_func=STATUSES.get, key="browse_status", placeholder="any"
    )
    names = list(dict.fromkeys((*schema.intent_names, *schema.slot_names)))
    named = label.selectbox(
        "Intent or slot", names, index=None, format_func=plain.showable, key="browse_label", placeholder="any"
    )
    part = split.selectbox(
        "Part of the data", list(SPLITS), index=None, format_func=SPLITS.get, key="browse_split", placeholder="any"
    )
    return {"text": text.strip(), "status": wanted, "label": named, "split": part, "annotator": who}


def _nothing(project: Project) -> None:
    if project.info().utterances == 0:
        st.info("There is nothing here yet. Choose Import above to add utterances.", icon=":material/upload:")
    else:
        st.info("No utterance fits these filters. Take one of them away.", icon=":material/search_off:")


def slots_in_words(item: Item) -> str:
    """The slots of what an item shows: this annotator's answer, or else what counts as right."""
    spans = item.answer.spans if item.answer is not None else item.gold.spans if item.gold is not None else ()
    return ", ".join(f"{span.slot}: {span.value}" for span in spans)


def _intent(item: Item) -> str:
    intent = item.answer.intent if item.answer is not None else item.gold.intent if item.gold is not None else None
    return intent or ""


def _table(items: list[Item]) -> Item | None:
    """The page of utterances; gives the one whose row is chosen."""
    event: Any = st.dataframe(
        {
            "number": [item.id for item in items],
            "utterance": [plain.showable(item.text) for item in items],
            "intent": [plain.showable(_intent(item)) for item in items],
            "slots": [plain.showable(slots_in_words(item)) for item in items],
            "my answer": [STATUSES[item.answer.status if item.answer is not None else "untouched"] for item in items],
            "part": [item.split for item in items],
        },
        hide_index=True,
        height=420,
        on_select="rerun",
        selection_mode="single-row",
        key="browse_rows",
        column_config={
            "number": st.column_config.NumberColumn(width="small", format="%d"),
            "utterance": st.column_config.TextColumn(width="large"),
        },
    )
    rows = event.selection.rows
    return items[rows[0]] if rows and rows[0] < len(items) else None


def _show_chosen(item: Item, schema: Schema) -> None:
    with st.container(border=True):
        st.caption(f"Utterance {item.id}")
        if item.answer is not None:
            show_frame(item.text, item.answer.intent, item.answer.spans, schema, key=f"browse-{item.id}")
        elif item.gold is not None:
            show_frame(item.text, item.gold.intent, item.gold.spans, schema, key=f"browse-{item.id}")
        else:
            st.code(plain.showable(item.text), language=None, wrap_lines=True)
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
        query_params={"utterance": str(utterance_id)},
    )
