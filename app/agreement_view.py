"""How well annotators agree, pair by pair, with words for the numbers."""

from __future__ import annotations

import streamlit as st

import plain
from jointbert.annotation import Agreement, Project

SCALE = ((0.8, "almost perfect"), (0.6, "substantial"), (0.4, "moderate"), (0.2, "fair"), (0.0, "slight"))
"""Least kappa -> what it is called. Source: Landis & Koch 1977, table in section 2."""
FEW = 30


def in_words(kappa: float | None) -> str:
    """What a kappa is called.

    Example:
        >>> in_words(0.85), in_words(-0.1), in_words(None)
        ('almost perfect', 'worse than by chance', 'cannot be told')
    """
    if kappa is None:
        return "cannot be told"
    return next((words for least, words in SCALE if kappa >= least), "worse than by chance")


def show_agreement(project: Project) -> None:
    """The table of pairs and how to read it."""
    pairs = project.agreement()
    if not pairs:
        st.info(
            "No two people have answered the same utterance yet. Let a second person annotate some of the utterances: "
            "each types their own name in the sidebar.",
            icon=":material/group:",
        )
        return
    st.dataframe(
        _rows(pairs),
        hide_index=True,
        column_config={
            "intents (kappa)": st.column_config.NumberColumn(format="%.2f"),
            "slots (F1)": st.column_config.NumberColumn(format="percent"),
        },
    )
    _explain(pairs)


def _rows(pairs: list[Agreement]) -> dict[str, list[object]]:
    return {
        "annotator": [plain.showable(pair.first) for pair in pairs],
        "and": [plain.showable(pair.second) for pair in pairs],
        "shared": [pair.shared for pair in pairs],
        "intents (kappa)": [pair.intent_kappa for pair in pairs],
        "in words": [in_words(pair.intent_kappa) for pair in pairs],
        "slots (F1)": [pair.span_f1 for pair in pairs],
    }


def _explain(pairs: list[Agreement]) -> None:
    st.markdown("**How to read it**")
    st.markdown(
        "- **Intents (kappa)**: 1 means that both always choose the same intent, 0 that they agree no more often than "
        "by chance. From 0.8 on the labels can be trusted; below 0.6 the guidelines leave something open.\n"
        "- **Slots (F1)**: how many of the slots that one marks are marked by the other as well, with the same name "
        "and exactly the same first and last character.\n"
        "- **Shared**: how many utterances both have accepted an answer for.\n"
        "- An empty cell: there is nothing to compare, for example only one intent was ever used."
    )
    if min(pair.shared for pair in pairs) < FEW:
        st.caption(f"With fewer than {FEW} shared utterances a figure can change a lot with every new answer.")
