"""The side of the page Annotate: the guidelines, and what each slot and intent means."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

import plain
from jointbert.annotation import Label, Schema

HEIGHT, FEW = 300, 4


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
    _list(schema.slots, "No slots yet. Add them on the page Data.")
    st.subheader("Intents")
    _list(schema.intents, "No intents yet. Add them on the page Data.")


def _list(labels: Sequence[Label], empty: str) -> None:
    if not labels:
        st.caption(empty)
        return
    with st.container(height=HEIGHT if len(labels) > FEW else "content", border=len(labels) > FEW):
        plain.text("\n\n".join(map(described, labels)))


def described(label: Label) -> str:
    """A label with what it is for and examples, as one short paragraph.

    Example:
        >>> print(described(Label("slot", "city", "Where to go.", ("Rome", "Oslo"))))
        city: Where to go.
        For example: Rome · Oslo
    """
    about = f"{label.name}: {label.description}" if label.description else label.name
    return f"{about}\nFor example: {' · '.join(label.examples)}" if label.examples else about
