"""What the span editor believes of the browser's messages: nothing that does not fit the text and the slots."""

from __future__ import annotations

import logging
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from jointbert.errors import DataError
from jointbert.utterance import Span

APP = Path(__file__).resolve().parents[2] / "app"
TEXT = "fly to 𝒳 Boston"
INITIAL = (Span.of(TEXT, "city", 9, 15, canonical="Boston, MA", confidence=0.5),)
NAMES = {"city", "date"}


@pytest.fixture
def editor(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(APP)
    import span_editor

    return span_editor


def received(editor: ModuleType, spans: Any, document: str = "here") -> tuple[Span, ...]:
    state = {"edit": {"document": document, "spans": spans}}
    return tuple(editor._present(state, TEXT, INITIAL, NAMES, "here"))


def test_spans_are_rebuilt_from_the_text_and_sorted(editor: ModuleType) -> None:
    assert received(editor, [[7, 8, "date"], [0, 3, "city"]]) == (
        Span(0, 3, "city", "fly"),
        Span(7, 8, "date", "𝒳"),
    )
    assert received(editor, []) == ()


def test_an_untouched_span_keeps_what_came_with_it(editor: ModuleType) -> None:
    assert received(editor, [[9, 15, "city"], [0, 3, "date"]])[1] is INITIAL[0]
    assert received(editor, [[9, 15, "date"]]) == (Span(9, 15, "date", "Boston"),)


@pytest.mark.parametrize(
    "spans",
    [
        [[9, 16, "city"]],
        [[-3, 3, "city"]],
        [[3, 3, "city"]],
        [[0, 3, "airline"]],
        [[0, 3, "city"], [2, 6, "date"]],
        [[False, True, "city"]],
        [[0.0, 3.0, "city"]],
        [[0, 3, ["city"]]],
        [[0, 3]],
        [None],
        None,
        {"start": 0},
        "<img>",
    ],
)
def test_a_message_that_does_not_fit_is_logged_and_ignored(
    editor: ModuleType, spans: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert received(editor, spans) == INITIAL
    assert "message was ignored: span editor" in caplog.text


@pytest.mark.parametrize("state", [None, [], "x", {}, {"edit": 3}, {"edit": {"document": "there", "spans": []}}])
def test_no_message_about_this_document_leaves_the_initial_spans(editor: ModuleType, state: Any) -> None:
    assert editor._present(state, TEXT, INITIAL, NAMES, "here") == INITIAL


def test_a_document_is_a_text_in_a_version(editor: ModuleType) -> None:
    names = [editor._document(*pair) for pair in (("a", 1), ("a", 2), ("b", 1), ("a", "1"), ("\ud800", None))]
    assert names[0] == names[3]
    assert len(set(names)) == 4


def test_an_action_of_another_document_is_dropped_but_undo_is_not(editor: ModuleType) -> None:
    def action(name: Any, document: str) -> Any:
        return editor._action({"name": name, "document": document}, "here")

    assert action("accept", "here") == "accept"
    assert action("accept", "there") is None
    assert action("undo", "there") == "undo"
    assert action("rm -rf", "here") is None
    assert editor._action("accept", "here") is None


@pytest.mark.parametrize(
    ("slots", "complaint"),
    [
        ([("city", None, 1, ""), ("city", None, 2, "")], "'city' comes twice"),
        ([("city", None, 1, ""), ("date", None, "1", "")], "'date' has the key '1'"),
        ([("city", None, "x", "")], "'city' has the key 'x'"),
        ([("city", "url(//evil)", 1, "")], "'city' has the colour 'url(//evil)'"),
    ],
)
def test_slots_that_cannot_be_offered_are_refused(editor: ModuleType, slots: Any, complaint: str) -> None:
    with pytest.raises(DataError) as caught:
        editor._check_slots(slots)
    assert complaint in str(caught.value)


def test_slots_without_a_colour_get_one_each(editor: ModuleType) -> None:
    choices = editor._check_slots([(f"slot{n}", None, None, "") for n in range(11)])
    assert len({choice.colour for choice in choices}) == 10
    assert choices[10].colour == choices[0].colour


def test_a_page_runs_where_there_is_no_browser(editor: ModuleType) -> None:
    def page() -> None:
        import streamlit as st

        from jointbert import Span
        from span_editor import span_editor

        text = "fly to Boston"
        edit = span_editor(text, [Span.of(text, "city", 7, 13)], [("city", None, 1, "")], key="editor", version=1)
        st.text(f"{[span.value for span in edit.spans]} {edit.action}")

    shown = AppTest.from_function(page, default_timeout=30).run()
    assert not shown.exception
    assert shown.text[0].value == "['Boston'] None"
