"""The app for people who annotate, review, train and try models. Run it with: streamlit run app/Home.py

This file is the shell around the pages in views/: the menu, the sidebar, and what happens when a page fails.
"""

from __future__ import annotations

import streamlit as st

import desk
from plain import friendly
from workbench import keep_typed

TITLES = {
    "start": ("Start", ":material/home:"),
    "test": ("Test a model", ":material/chat:"),
    "annotate": ("Annotate", ":material/edit_note:"),
    "review": ("Review", ":material/rule:"),
    "data": ("Data", ":material/database:"),
    "train": ("Train", ":material/model_training:"),
}
ALWAYS = {"start", "test"}
STYLE = """
<style>
[data-testid="stMainBlockContainer"] { padding: 2.5rem 2.5rem 3rem; max-width: 90rem; }
@media (max-width: 1000px) {
  [data-testid="stMainBlockContainer"] { padding: 2.5rem 1rem 3rem; }
  [data-testid="stSidebar"][data-collapsed="false"] { width: 13rem !important; min-width: 13rem !important; }
}
[class*="st-key-plain_title"] [data-testid="stText"] { font-size: 1.2rem; font-weight: 600; }
</style>
"""


def main() -> None:
    """The menu, the sidebar and the chosen page; what needs a project stays out of the menu until one is chosen."""
    st.set_page_config(page_title="jointbert", page_icon="💬", layout="wide")
    with friendly("The project store cannot be opened."):
        st.html(STYLE)
        desk.spare_collector("libraries loaded")
        desk.restore()
        pages = [
            st.Page(
                desk.PAGES[name],
                title=title,
                icon=icon,
                default=name == "start",
                visibility="visible" if name in ALWAYS or desk.has_project() else "hidden",
            )
            for name, (title, icon) in TITLES.items()
        ]
        page = st.navigation(pages)
        desk.sidebar()
        keep_typed()
        desk.note_page(page.url_path)
        with friendly():
            page.run()


main()
