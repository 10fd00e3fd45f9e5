"""Columns that stand below each other where the window is narrow, as on a tablet."""

from __future__ import annotations

from typing import Any

import streamlit as st

PREFIX = "abreast"
NARROW = 1000
STYLE = f"""
<style>
@media (max-width: {NARROW}px) {{
  [class*="st-key-{PREFIX}-"] > div > [data-testid="stHorizontalBlock"],
  [class*="st-key-{PREFIX}-"] > [data-testid="stHorizontalBlock"],
  [class*="st-key-{PREFIX}-"] > [data-testid="stLayoutWrapper"] > [data-testid="stHorizontalBlock"] {{
    flex-direction: column;
  }}
  [class*="st-key-{PREFIX}-"] [data-testid="stColumn"] {{
    width: 100%;
    flex: 1 1 auto;
  }}
}}
</style>
"""


def side_by_side(count: int, key: str, *, border: bool = False) -> list[Any]:
    """So many columns, to be used with ``with``.

    Args:
        count: How many.
        key: A key that no other element on the page has.
        border: Whether each has a frame.
    """
    with st.container(key=f"{PREFIX}-{key}"):
        st.html(STYLE)
        return list(st.columns(count, border=border))
