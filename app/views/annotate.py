"""Annotate: one utterance at a time, with a model's suggestion where there is one, and the guidelines at the side."""

from __future__ import annotations

import streamlit as st

import desk
import labels_panel
import plain
import welcome
import workbench
from jointbert.annotation import Project
from sheet import Sheet


def main() -> None:
    """The page, from top to bottom; what changes from one utterance to the next is drawn by itself."""
    st.title("Annotate")
    project = welcome.require_project()
    who = desk.require_annotator()
    sheet = on_the_desk(project, who)
    info = project.info()
    if not info.utterances:
        st.info("This project holds no utterances yet. Add some on the page Data.", icon=":material/database:")
        st.page_link(desk.PAGES["data"], label="Add utterances", icon=":material/upload:")
        return
    with st.container(key="stack_annotate"):
        work, side = st.columns([7, 3], gap="large")
        with work:
            workbench.draw(sheet)
        with side, st.container(key="plain_small_side"):
            labels_panel.show(info.guidelines, sheet.schema)


def on_the_desk(project: Project, who: str) -> Sheet:
    """This session's sheet for the project and the annotator, with what the address asks for laid out.

    Those for other names and projects are kept: two answers that wait to be settled there must not be lost.
    """
    sheets: dict[tuple[int, str], Sheet] = st.session_state.setdefault("sheets", {})
    sheet = sheets.setdefault((project.id, who), Sheet(project, who))
    known = st.session_state.get("sheet") is sheet
    st.session_state["sheet"] = sheet
    asked = st.query_params.pop("utterance", "")
    if asked.isascii() and asked.isdigit() and len(asked) < 10:
        with plain.friendly("This utterance cannot be shown."):
            sheet.go(int(asked))
    if desk.arrived() or not known:
        sheet.refresh()
    return sheet


main()
