"""What the tests of the app share: a fresh workspace, the app as a person opens it, and what it reads as Markdown."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

APP = Path(__file__).resolve().parents[2] / "app"


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty workspace that the app finds, and the app's folder where its pages find their neighbours."""
    monkeypatch.setenv("JOINTBERT_WORKSPACE", str(tmp_path / "workspace"))
    monkeypatch.delenv("JOINTBERT_DATABASE", raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(APP))
    st.cache_resource.clear()
    st.cache_data.clear()
    yield tmp_path / "workspace"
    desk = sys.modules.get("desk")
    if desk is not None:
        desk.store().close()
    st.cache_resource.clear()


@pytest.fixture
def app(workspace: Path) -> AppTest:
    """The app, not yet run; go to a page with ``app.run().switch_page("views/test.py").run()``."""
    return AppTest.from_file(str(APP / "Home.py"), default_timeout=60)


@pytest.fixture
def as_markdown() -> Callable[[AppTest], str]:
    """Everything on the page that Streamlit reads as Markdown, labels of widgets included."""

    def collect(app: AppTest) -> str:
        kinds = ("markdown", "caption", "error", "info", "warning", "success", "title", "header", "subheader", "toast")
        values = [str(element.value) for kind in kinds for element in app.get(kind)]
        widgets = ("button", "text_input", "text_area", "selectbox", "radio", "checkbox", "toggle", "expander", "tab")
        labels = [str(getattr(element, "label", "")) for kind in widgets for element in app.get(kind)]
        return "\n".join([*values, *labels])

    return collect
