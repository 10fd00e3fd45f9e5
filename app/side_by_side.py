"""Columns that stand below each other where the window is narrow, as on a tablet; the shell's style sees to that."""

from __future__ import annotations

from typing import Any

import streamlit as st


def side_by_side(count: int, key: str, *, border: bool = False) -> list[Any]:
    """So many columns, to be used with ``with``.

    Args:
        count: How many.
        key: A key that no other element on the page has.
        border: Whether each has a frame.
    """
    with st.container(key=f"stack-{key}"):
        return list(st.columns(count, border=border))
