"""How the labels and the lengths are spread."""

from __future__ import annotations

from collections import Counter

import streamlit as st

import facts
import plain
from charts import CONFIG, bars, histogram
from jointbert.annotation import Label, Project
from side_by_side import side_by_side

MOST = 30
FEW = 5


def show_charts(project: Project) -> None:
    """A chart for intents, one for slots, one for lengths."""
    counts = facts.label_counts(project)
    schema = project.schema()
    lengths = facts.lengths(project)
    if not lengths:
        st.info("There is nothing to draw yet. Choose Import above to add utterances.", icon=":material/upload:")
        return
    left, right = side_by_side(2, "charts")
    with left:
        _labels("Intents", "utterances", counts["intent"], schema.intents, "chart-intents")
    with right:
        _labels("Slots", "places in texts", counts["slot"], schema.slots, "chart-slots")
    st.subheader("Lengths")
    st.plotly_chart(histogram(lengths, "", "characters"), config=CONFIG, key="chart-lengths", alt=_told(lengths))


def _told(lengths: list[int]) -> str:
    ordered = sorted(lengths)
    return f"Lengths from {ordered[0]} to {ordered[-1]} characters, half of them up to {ordered[len(ordered) // 2]}."


def _labels(title: str, unit: str, counts: Counter[str], labels: tuple[Label, ...], key: str) -> None:
    """Bars of the commonest, and in words which are rare or not used at all."""
    st.subheader(title)
    used = [(name, number) for name, number in counts.most_common() if number]
    unused = [label.name for label in labels if not counts[label.name]]
    if not used:
        st.caption("None is used yet.")
    else:
        figure = bars(used[:MOST], unit, {label.name: label.colour for label in labels})
        st.plotly_chart(figure, config=CONFIG, key=key, alt=f"{title}: how often each is used")
    if len(used) > MOST:
        st.caption(f"The {MOST} commonest of {len(used)}.")
    rare = [name for name, number in used if number < FEW]
    _list(f"Fewer than {FEW} times, too rare to learn well", rare)
    _list("Not used yet", unused)


def _list(title: str, names: list[str]) -> None:
    if names:
        st.caption(title)
        plain.text(", ".join(names[:MOST]) + (f" and {len(names) - MOST} more" if len(names) > MOST else ""))
