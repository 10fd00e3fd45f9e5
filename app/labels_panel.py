"""The side of the page Annotate: the guidelines, and what each slot and intent means."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

import plain
from jointbert.annotation import Label, Schema

COLUMNS = '.st-key-annotate_page > [data-testid="stLayoutWrapper"] > [data-testid="stHorizontalBlock"]'
STYLE = f"""
<style>
.st-key-annotate_side [data-testid="stText"] {{ font-size: 0.9rem; }}
@media (max-width: 1100px) {{
  {COLUMNS} {{ flex-direction: column; }}
  {COLUMNS} > [data-testid="stColumn"] {{ width: 100%; flex: 1 1 100%; }}
}}
</style>
"""


def style() -> None:
    """The two columns of the page stand below each other where the window is narrow."""
    st.html(STYLE)


def show(guidelines: str, schema: Schema) -> None:
    """The guidelines, the slots and the intents.

    Args:
        guidelines: As somebody wrote them on the page Data.
        schema: The project's labels.
    """
    st.subheader("Guidelines")
    if guidelines.strip():
        plain.text(guidelines)
    else:
        st.caption("Nobody has written guidelines yet. They can be written on the page Data.")
    st.subheader("Slots")
    _table(schema.slots, "slot", "No slots yet. Add them on the page Data.")
    st.subheader("Intents")
    _table(schema.intents, "intent", "No intents yet. Add them on the page Data.")


def _table(labels: Sequence[Label], kind: str, empty: str) -> None:
    if not labels:
        st.caption(empty)
        return
    columns = {kind: [plain.showable(label.name) for label in labels]}
    for title, values in (
        ("what for", [label.description for label in labels]),
        ("for example", [", ".join(label.examples) for label in labels]),
    ):
        if any(values):
            columns[title] = [plain.showable(value) for value in values]
    st.dataframe(columns, hide_index=True, key=f"labels_{kind}", height="content" if len(labels) < 9 else 320)
