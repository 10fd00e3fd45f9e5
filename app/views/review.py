"""Review: where annotators disagree, how well they agree, and where a model doubts a label."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

import desk
import welcome
from agreement_view import show_agreement
from conflict_card import show_conflict
from deciding import show_refused, take_refused
from jointbert.annotation import Conflict, Project
from suspects import show_suspects

MOST = 200


def show_conflicts(project: Project, who: str) -> None:
    """The disagreements one at a time."""
    decided = st.toggle("Show the decided ones instead", key="review_decided")
    found = project.conflicts(limit=MOST, decided=decided)
    _tell_refused(project, found)
    if not found:
        _nothing_to_decide(decided)
        return
    if int(st.session_state.get("review_place", 1)) > len(found):
        st.session_state["review_place"] = len(found)
    many = f"{MOST} or more" if len(found) == MOST else str(len(found))
    st.caption(f"{many} {'decided' if decided else 'to decide'}")
    place = st.pagination(len(found), key="review_place") if len(found) > 1 else 1
    show_conflict(project, project.schema(), found[place - 1], who)


def _tell_refused(project: Project, found: Sequence[Conflict]) -> None:
    """Why the last decision was not saved, and the utterance as it is now, wherever it stands in the list."""
    refused = take_refused()
    if refused is None:
        return
    numbers = [conflict.utterance_id for conflict in found]
    listed = refused.conflict.utterance_id in numbers
    show_refused(refused, project.schema(), listed)
    if listed:
        st.session_state["review_place"] = numbers.index(refused.conflict.utterance_id) + 1


def _nothing_to_decide(decided: bool) -> None:
    if decided:
        st.info("No decision says something else than an answer.", icon=":material/gavel:")
        return
    st.success("No disagreement is left to decide.", icon=":material/check_circle:")
    st.caption(
        "A disagreement appears here when two people accept different answers for the same utterance, or when somebody "
        "accepts something else after a decision."
    )


def main() -> None:
    """The page, from top to bottom."""
    st.title("Review")
    project = welcome.require_project()
    who = desk.require_annotator()
    sections = ("Disagreements", "Agreement", "Model against label")
    conflicts, agreement, suspects = st.tabs(sections, key="review_tab", on_change="rerun")
    if conflicts.open:
        with conflicts:
            show_conflicts(project, who)
    if agreement.open:
        with agreement:
            show_agreement(project)
    if suspects.open:
        with suspects:
            show_suspects(project, who)


main()
