"""Counts that take a while on a large project, kept until something changes; on a very large one, for a minute."""

from __future__ import annotations

from collections import Counter

import streamlit as st

import desk
from jointbert.annotation import Project

LARGE = 5_000
KEPT = 60.0
Counts = dict[str, Counter[str]]


def label_counts(project: Project) -> Counts:
    """How often each intent and each slot counts as right: ``"intent"`` and ``"slot"`` -> name -> count."""
    return _label_counts(*_state(project), project)


def lengths(project: Project) -> list[int]:
    """The number of characters of each text."""
    return _lengths(*_state(project), project)


def labelled_count(project: Project) -> int:
    """How many utterances something counts as right for."""
    return _labelled_count(*_state(project), project)


def newest_event(project: Project) -> int:
    """The number of the newest event: what was made at an earlier one may lack something. 0 where nothing was done."""
    latest = project.events(limit=1)
    return latest[0].id if latest else 0


def forget() -> None:
    """Count anew: call it after a change that the counts must show at once."""
    for kept in (_label_counts, _lengths, _labelled_count):
        kept.clear()


def _state(project: Project) -> tuple[str, int, int]:
    """What the counts belong to; the events of a large project do not matter, or it would be counted all the time."""
    small = project.count() < LARGE
    return desk.store().where, project.id, newest_event(project) if small else 0


@st.cache_data(max_entries=16, ttl=KEPT, show_spinner="Counting …")
def _label_counts(where: str, number: int, event: int, _project: Project) -> Counts:
    return _project.label_counts()


@st.cache_data(max_entries=16, ttl=KEPT, show_spinner="Counting …")
def _lengths(where: str, number: int, event: int, _project: Project) -> list[int]:
    return _project.lengths()


@st.cache_data(max_entries=16, ttl=KEPT, show_spinner="Counting …")
def _labelled_count(where: str, number: int, event: int, _project: Project) -> int:
    return _project.labelled_count()
