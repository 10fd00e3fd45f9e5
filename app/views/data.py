"""Data: everything about the utterances and labels of a project, section by section."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

import desk
import welcome
from data_browse import show_browser
from data_charts import show_charts
from data_check import show_check
from data_export import show_export
from data_guidelines import show_guidelines
from data_history import show_history
from data_import import show_import
from data_labels import show_labels
from jointbert.annotation import Project

SECTIONS: dict[str, tuple[str, Callable[[Project, str], None]]] = {
    "Browse": (":material/search:", lambda project, who: show_browser(project)),
    "Import": (":material/upload:", show_import),
    "Export": (":material/download:", lambda project, who: show_export(project)),
    "Check": (":material/fact_check:", lambda project, who: show_check(project)),
    "Charts": (":material/bar_chart:", lambda project, who: show_charts(project)),
    "Labels": (":material/label:", show_labels),
    "Guidelines": (":material/menu_book:", show_guidelines),
    "History": (":material/history:", show_history),
}


def main() -> None:
    """The page, from top to bottom; only the section that is open is worked out."""
    st.title("Data")
    project = welcome.require_project()
    who = desk.require_annotator()
    default = "Import" if project.info().utterances == 0 else "Browse"
    section = st.pills(
        "Section",
        list(SECTIONS),
        default=default if "data_section" not in st.session_state else None,
        required=True,
        format_func=lambda name: f"{SECTIONS[name][0]} {name}",
        key="data_section",
        label_visibility="collapsed",
        wrap=True,
        persist_state="session",
    )
    SECTIONS[section][1](project, who)


main()
