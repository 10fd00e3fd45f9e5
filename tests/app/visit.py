"""What somebody does who opens a page of the app in a test, and what they read on it."""

from __future__ import annotations

from typing import Any

from streamlit.testing.v1 import AppTest


def visit(app: AppTest, page: str, **state: Any) -> AppTest:
    """The app at a page, with Ada at the desk.

    Args:
        app: The app, not yet run.
        page: For example ``"data"``.
        state: What the session holds.
    """
    app.query_params["annotator"] = "Ada"
    for key, value in state.items():
        app.session_state[key] = value
    app.run().switch_page(f"views/{page}.py").run()
    return clean(app)


def clean(app: AppTest) -> AppTest:
    """The same app, which shows no error."""
    assert not app.exception
    assert [error.value for error in app.error] == []
    return app


def texts(app: AppTest) -> list[str]:
    """What stands on the page as plain text."""
    return [element.value for element in app.text]
