"""A page for the tests of the span editor: ?case=... chooses the utterance; what Python got is shown as JSON.

It is not called span_editor.py: Streamlit puts a page's folder first on the path, and it would hide the package.
"""

from __future__ import annotations

import json

import streamlit as st
from span_editor import SlotChoice, span_editor

from jointbert import Span

SLOTS = [
    SlotChoice("city", "#1f77b4", 1, "Where to"),
    SlotChoice("date", "#f2c14e", 2, "When"),
    ("airline", "#2e8b57", "3", ""),
    SlotChoice("flight", digit=4),
]
TEXTS = {
    "english": "book two flights from New York to Boston on May 3",
    "chinese": "帮我订12月3号CA1234的票 😀",
    "emoji": "fly 👩‍🚀 to 🇫🇷 or 𝒳 with cafe\u0301 now 😀😀 ok",
    "rtl": "احجز رحلة إلى القاهرة غدا",
    "hostile": "<img src=x onerror=alert(1)> **x** :red[y] $z$ \u202eabc",
    "lines": "first line\nsecond\tline\x00end",
    "long": " ".join(f"word{n}" for n in range(120)),
    "empty": "",
}
CASE = st.query_params.get("case", "english")
MANY = [SlotChoice(f"group{n % 4}.slot_name_{n}", digit=str((n + 1) % 10) if n < 10 else None) for n in range(40)]


def initial(text: str) -> tuple[Span, ...]:
    if "suggested" in st.query_params:
        return (
            Span.of(text, "city", 22, 30, confidence=0.87, canonical="New York City"),
            Span.of(text, "flight", 34, 40, confidence=0.4),
        )
    return ()


st.set_page_config(layout="wide")
state = st.session_state
state.setdefault("version", 1)
state.setdefault("actions", [])
if st.button("Next version"):
    state.version += 1
elsewhere = st.text_input("Elsewhere")
text = TEXTS[CASE]
edit = span_editor(
    text,
    initial(text),
    MANY if "many" in st.query_params else SLOTS,
    key="editor",
    version=state.version,
    suggested="suggested" in st.query_params,
    disabled="disabled" in st.query_params,
)
if edit.action:
    state.actions.append([edit.action, len(edit.spans)])
if edit.action == "accept":
    state.version += 1
    st.rerun()
spans = [[span.start, span.end, span.slot, span.value] for span in edit.spans]
kept = [span.canonical for span in edit.spans]
report = {"spans": spans, "actions": state.actions, "elsewhere": elsewhere, "version": state.version, "canonical": kept}
with st.container(key="report"):
    st.code(json.dumps(report, ensure_ascii=True), language=None, wrap_lines=True)
if "second" in st.query_params:
    other = span_editor("another text", (), SLOTS, key="other", hotkeys="hot" in st.query_params)
    with st.container(key="other_report"):
        st.text(json.dumps([[span.value, span.slot] for span in other.spans] + [other.action]))
