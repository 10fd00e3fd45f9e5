"""What the checks of the data find, each with the utterance to fix."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import streamlit as st

import facts
import plain
from data_browse import fix_link
from jointbert.annotation import Problem, Project

GRADES = {"error": "must be fixed", "warning": "look at it", "info": "worth knowing"}
NUMBER = re.compile(r"utterance (\d+)")
CHECKED = "check_found"


def show_check(project: Project) -> None:
    """A button that runs the checks, and their findings as a table."""
    st.caption(
        "Looks for texts with two intents, slots that start or end inside a word, labels with few utterances, names "
        "that differ by case or blanks only, and more. Only what counts as right is checked, not drafts."
    )
    if st.button("Check the data", icon=":material/fact_check:", type="primary", key="check_run"):
        st.session_state.pop(CHECKED, None)
        with plain.friendly("The data could not be checked."), st.spinner("Checking …"):
            newest = facts.newest_event(project)
            st.session_state[CHECKED] = (project.id, newest, project.check())
    number, newest, found = st.session_state.get(CHECKED, (None, 0, []))
    if number != project.id:
        return
    if newest != facts.newest_event(project):
        st.warning(
            "The project has changed since it was checked. Check the data again to see what holds now.",
            icon=":material/history:",
        )
    if not found:
        st.success("Nothing to complain about.", icon=":material/check_circle:")
        return
    _show(found)


def _show(found: list[Problem]) -> None:
    counts = Counter(finding.severity for finding in found)
    grades = [grade for grade in GRADES if counts[grade]]
    chosen = st.pills(
        "Show",
        grades,
        selection_mode="multi",
        default=grades,
        format_func=lambda grade: f"{GRADES[grade]} ({counts[grade]:,})",
        key="check_grades",
    )
    shown = [finding for finding in found if finding.severity in chosen]
    st.caption("Choose a row to go to its utterance.")
    event: Any = st.dataframe(
        {
            "utterance": [utterance_of(finding) for finding in shown],
            "grade": [GRADES[finding.severity] for finding in shown],
            "what is wrong": [plain.showable(finding.message) for finding in shown],
            "what to do": [plain.showable(finding.suggestion) for finding in shown],
        },
        hide_index=True,
        height=420 if len(shown) > 11 else "content",
        on_select="rerun",
        selection_mode="single-row",
        key="check_rows",
        column_config={
            "utterance": st.column_config.NumberColumn(width="small", format="%d"),
            "what is wrong": st.column_config.TextColumn(width="large"),
        },
    )
    rows = event.selection.rows
    if rows and rows[0] < len(shown):
        _show_chosen(shown[rows[0]])


def utterance_of(finding: Problem) -> int | None:
    """The number of the utterance that a finding is about.

    Example:
        >>> utterance_of(Problem("utterance 12", "leak", "warning", "", ""))
        12
    """
    named = NUMBER.fullmatch(finding.where)
    return int(named[1]) if named else None


def _show_chosen(finding: Problem) -> None:
    with st.container(border=True):
        st.code(plain.showable(finding.message), language=None, wrap_lines=True)
        if finding.suggestion:
            plain.text(finding.suggestion)
        number = utterance_of(finding)
        if number is not None:
            fix_link(number, f"Fix utterance {number} in Annotate")
