"""Test a model: this page is being built."""

from __future__ import annotations

import streamlit as st

st.title("Test a model")
st.info("This page is being built.")
