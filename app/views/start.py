"""Start: the projects there are, a new one, and the demo."""

from __future__ import annotations

import streamlit as st

from welcome import invite

st.title("jointbert")
invite()
