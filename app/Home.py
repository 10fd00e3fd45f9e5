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
# Columns in a container whose key begins with "stack" stand below each other where the window is narrow; text in one
# whose key begins with "plain_title" is large, in one with "plain_small" small.
COLUMNS = '[class*="st-key-stack"] > [data-testid="stLayoutWrapper"] > [data-testid="stHorizontalBlock"]'
STYLE = f"""
<style>
[data-testid="stMainBlockContainer"] {{ padding: 2.5rem 2.5rem 3rem; max-width: 90rem; }}
[class*="st-key-plain_title"] [data-testid="stText"] {{ font-size: 1.2rem; font-weight: 600; }}
[class*="st-key-plain_small"] [data-testid="stText"] {{ font-size: 0.9rem; }}
@media (max-width: 1100px) {{
  {COLUMNS} {{ flex-direction: column; }}
  {COLUMNS} > [data-testid="stColumn"] {{ width: 100%; flex: 0 0 auto; }}
}}
@media (max-width: 1000px) {{
  [data-testid="stMainBlockContainer"] {{ padding: 2.5rem 1rem 3rem; }}
  [data-testid="stSidebar"][data-collapsed="false"] {{ width: 13rem !important; min-width: 13rem !important; }}
}}
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
