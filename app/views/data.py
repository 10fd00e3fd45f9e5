"""Data: this page is being built."""

from __future__ import annotations

import streamlit as st

import desk

desk.require_project()
st.title("Data")
st.info("This page is being built.")
