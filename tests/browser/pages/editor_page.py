"""A page for the tests of the span editor; what Python got is shown as JSON.

"Setup" takes an utterance, a number that makes a new version, and flags: "english 3 suggested". The page is not called
span_editor.py: Streamlit puts a page's folder first on the path, where it would hide the package.
"""

from __future__ import annotations

import json
import time

import streamlit as st

from jointbert import Span
from span_editor import SlotChoice, span_editor

SLOTS = [
    SlotChoice("city", "#1f77b4", 1, "Where to"),
    SlotChoice("date", "#f2c14e", 2, "When"),
    ("airline", "#2e8b57", "3", ""),
    SlotChoice("flight", digit=4),
]
MANY = [SlotChoice(f"group{n % 4}.slot_{n}", digit=str((n + 1) % 10) if n < 10 else None) for n in range(40)]
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


def suggestions() -> tuple[Span, ...]:
    text = TEXTS["english"]
    return (
        Span.of(text, "city", 22, 30, confidence=0.87, canonical="New York City"),
        Span.of(text, "date", 34, 40, confidence=0.4),
    )


def forget() -> None:
    state.actions = []


st.set_page_config(layout="wide")
state = st.session_state
state.setdefault("version", 1)
state.setdefault("actions", [])
setup = st.text_input("Setup", "english 0", on_change=forget)
elsewhere = st.text_input("Elsewhere")
case, _, *flags = setup.split()
report = {"setup": setup, "elsewhere": elsewhere, "version": state.version}
if "hidden" not in flags:
    edit = span_editor(
        TEXTS[case],
        suggestions() if "suggested" in flags else (),
        MANY if "many" in flags else SLOTS,
        key="editor",
        version=f"{setup} {state.version}",
        suggested=True,
        disabled="disabled" in flags,
    )
    if edit.action:
        state.actions.append([edit.action, len(edit.spans)])
    if edit.action == "accept":
        state.version += 1
        time.sleep(1.0 if "slow" in flags else 0.0)
        st.rerun()
    report["spans"] = [[span.start, span.end, span.slot] for span in edit.spans]
    report["values"] = [span.value for span in edit.spans]
    report["canonical"] = [span.canonical for span in edit.spans]
if "second" in flags:
    other = span_editor("another text", (), SLOTS, key="other")
    report["other"] = [[span.start, span.end, span.slot] for span in other.spans]
    if other.action:
        state.actions.append([f"other {other.action}", len(other.spans)])
with st.container(key="report"):
    st.code(json.dumps(report | {"actions": state.actions}), language=None, wrap_lines=True)
if "fields" in flags:
    st.selectbox("List", ["alpha", "sierra"], index=None)
    st.button("Count", on_click=lambda: state.actions.append(["button", 0]))
    st.link_button("Link", "#link")
if "tall" in flags:
    st.container(height=2000)
