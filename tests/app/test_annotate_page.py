"""The page Annotate on a real store: what is shown, what buttons do, and that nothing typed is lost or read as markup.

The editor's own part runs in a browser and is tested there.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from jointbert import Parse, Span, Utterance
from jointbert.annotation import ORDERS, Label, Project, Schema

HOSTILE = "**bold** <script>alert(1)</script> :red[x] $x^2$ [a](b)"
TEXTS = ("fly to Boston", "hello", HOSTILE)
SCHEMA = Schema(
    (Label("intent", "book", "A trip.", ("fly to Oslo",)), Label("intent", "greet"), Label("intent", HOSTILE, HOSTILE)),
    (Label("slot", "city", "Where to.", ("Oslo",)), Label("slot", "<b>x</b>", HOSTILE, (HOSTILE,))),
)


@pytest.fixture
def project(workspace: Path) -> Project:
    made: Project = importlib.import_module("desk").store().create_project(HOSTILE, "en", HOSTILE, SCHEMA, "Ada")
    made.add([Utterance(text) for text in TEXTS], "Ada")
    return made


@pytest.fixture
def desk(app: AppTest, project: Project) -> AppTest:
    """Ada at the page Annotate."""
    return at_annotate(app)


def at_annotate(app: AppTest, who: str = "Ada", **parameters: str) -> AppTest:
    for name, value in {"annotator": who, **parameters}.items():
        app.query_params[name] = value
    app.run().switch_page("views/annotate.py")
    for name, value in {"annotator": who, **parameters}.items():
        app.query_params[name] = value
    return well(app.run())


def well(app: AppTest) -> AppTest:
    assert not app.exception
    assert [error.value for error in app.error] == []
    return app


def press(app: AppTest, action: str) -> AppTest:
    key = importlib.import_module("workbench").button(action, app.session_state["sheet"])
    return well(app.button(key=key).click().run())


def field(app: AppTest, name: str) -> Any:
    """The field for the intent or the note of the utterance on the page."""
    kind = {"intent": app.selectbox, "note": app.text_input}[name]
    return kind(key=importlib.import_module("workbench").field(name, app.session_state["sheet"]))


def shown(app: AppTest) -> str:
    """Which utterance is on the page."""
    return next(element.value for element in app.caption if str(element.value).startswith("Utterance "))


def answer(project: Project, number: int, who: str = "Ada") -> tuple[str, str | None, str] | None:
    found = project.item(number, who).answer
    return None if found is None else (found.status, found.intent, found.note)


def test_without_a_name_it_asks_for_one(app: AppTest, project: Project) -> None:
    app.run().switch_page("views/annotate.py").run()
    assert app.info[0].value.startswith("Type your name in the sidebar first")


def test_an_empty_project_points_to_the_page_data(app: AppTest, workspace: Path) -> None:
    importlib.import_module("desk").store().create_project("empty", who="Ada")
    at_annotate(app)
    assert "no utterances yet" in app.info[0].value


def test_the_first_utterance_with_guidelines_labels_and_progress(desk: AppTest) -> None:
    assert shown(desk) == "Utterance 1"
    texts = [element.value for element in desk.text]
    assert HOSTILE in texts
    assert any("city: Where to.\nFor example: Oslo" in text for text in texts)
    assert any("book: A trip.\nFor example: fly to Oslo" in text for text in texts)
    assert desk.selectbox(key="order").options == [name.capitalize() for name in ORDERS]
    assert next(iter(ORDERS.values())) in [element.value for element in desk.caption]


def test_accept_saves_and_shows_the_next(desk: AppTest, project: Project) -> None:
    field(desk, "intent").set_value("book").run()
    field(desk, "note").set_value("a remark").run()
    press(desk, "accept")
    assert shown(desk) == "Utterance 2"
    assert answer(project, 1) == ("accepted", "book", "a remark")
    assert field(desk, "intent").value is None
    assert field(desk, "note").value == ""


def test_the_meaning_of_the_chosen_intent_is_shown(desk: AppTest) -> None:
    field(desk, "intent").set_value("book").run()
    assert "A trip." in [element.value for element in desk.text]


def test_accept_without_an_intent_says_what_is_missing(desk: AppTest, project: Project) -> None:
    press(desk, "accept")
    assert desk.warning[0].value.startswith("Choose an intent first")
    assert answer(project, 1) is None


@pytest.mark.parametrize(("action", "status"), [("reject", "rejected"), ("skip", "skipped"), ("draft", "draft")])
def test_the_other_buttons(desk: AppTest, project: Project, action: str, status: str) -> None:
    press(desk, action)
    assert shown(desk) == "Utterance 2"
    assert answer(project, 1) == (status, None, "")


def test_undo_brings_the_answer_back(desk: AppTest, project: Project) -> None:
    press(desk, "skip")
    press(desk, "undo")
    assert shown(desk) == "Utterance 1"
    assert answer(project, 1) is None
    assert any("fly to Boston" in element.value for element in desk.text)


def test_undo_leaves_alone_what_was_done_elsewhere(desk: AppTest, project: Project) -> None:
    project.save_label(Label("intent", "cancel"), "Ada")
    press(desk, "undo")
    assert desk.warning[0].value.startswith("The last thing you did was no answer.")
    assert "cancel" in project.schema().intent_names


def test_next_and_previous_lose_nothing(desk: AppTest, project: Project) -> None:
    field(desk, "note").set_value("typed").run()
    press(desk, "next")
    assert shown(desk) == "Utterance 2"
    press(desk, "previous")
    assert shown(desk) == "Utterance 1"
    assert field(desk, "note").value == "typed"


def test_what_is_typed_when_the_page_is_left_is_kept(desk: AppTest, project: Project) -> None:
    field(desk, "note").set_value("typed")
    well(desk.switch_page("views/start.py").run())
    assert answer(project, 1) == ("draft", None, "typed")
    well(desk.switch_page("views/annotate.py").run())
    assert field(desk, "note").value == "typed"


def test_a_suggestion_is_filled_in_and_marked(app: AppTest, project: Project) -> None:
    text = TEXTS[0]
    parse = Parse(text, "book", 0.9, (("book", 0.9), ("greet", 0.1)), (Span.of(text, "city", 7, 13, confidence=0.5),))
    project.add_suggestions([(1, parse)], "m", "1", "model")
    at_annotate(app)
    assert any("Suggested by a model, 45% sure" in str(element.value) for element in app.markdown)
    assert field(app, "intent").value == "book"
    assert field(app, "intent").options[:2] == ["book  ·  90%", "greet  ·  10%"]
    press(app, "accept")
    found = project.item(1, "Ada").answer
    assert found is not None
    assert [(span.slot, span.value) for span in found.spans] == [("city", "Boston")]


def test_labels_that_the_project_lacks_are_named_not_filled_in(
    app: AppTest, project: Project, as_markdown: Callable[[AppTest], str]
) -> None:
    project.add_suggestions([(1, Parse(TEXTS[0], "<script>", 0.9, (("<script>", 0.9),)))], "m", "1", "model")
    at_annotate(app)
    assert "<script>" in [element.value for element in app.text]
    assert field(app, "intent").value is None
    assert "script" not in as_markdown(app)


def test_an_utterance_by_its_number_from_another_page(app: AppTest, project: Project) -> None:
    at_annotate(app, utterance="3")
    assert shown(app) == "Utterance 3"
    press(app, "skip")
    assert "utterance" not in app.query_params
    assert shown(app) == "Utterance 1"


@pytest.mark.parametrize("asked", ["x", "-1", "１", "9" * 40])
def test_a_number_that_is_none_is_ignored(app: AppTest, project: Project, asked: str) -> None:
    assert shown(at_annotate(app, utterance=asked)) == "Utterance 1"


def test_an_utterance_that_is_not_there_is_said(app: AppTest, project: Project) -> None:
    app.query_params["annotator"] = "Ada"
    app.run().switch_page("views/annotate.py")
    app.query_params["utterance"] = "999"
    app.run()
    assert [error.value for error in app.error] == ["This utterance cannot be shown."]
    assert shown(app) == "Utterance 1"


def test_two_answers_are_shown_side_by_side_and_one_is_chosen(
    desk: AppTest, project: Project, as_markdown: Callable[[AppTest], str]
) -> None:
    project.answer(1, "Ada", "accepted", HOSTILE, (), note=HOSTILE)
    field(desk, "intent").set_value("book").run()
    texts = [element.value for element in desk.text]
    assert "Ada saved another answer meanwhile." in texts
    assert HOSTILE in texts and "book" in texts
    assert "script" not in as_markdown(desk)
    well(desk.button(key="keep_mine").click().run())
    assert answer(project, 1) == ("draft", "book", "")


def test_the_answer_that_was_saved_meanwhile_can_stay(desk: AppTest, project: Project) -> None:
    project.answer(1, "Ada", "accepted", "greet", ())
    field(desk, "intent").set_value("book").run()
    well(desk.button(key="keep_theirs").click().run())
    assert answer(project, 1) == ("accepted", "greet", "")
    assert field(desk, "intent").value == "greet"


def test_another_order_goes_on_with_its_first(desk: AppTest) -> None:
    press(desk, "next")
    well(desk.selectbox(key="order").set_value("uncertainty").run())
    assert shown(desk) == "Utterance 1"


def test_the_end_is_said_and_undo_still_works(desk: AppTest, project: Project) -> None:
    for _ in TEXTS:
        press(desk, "skip")
    assert desk.success[0].value.startswith("All done")
    well(desk.button(key="undo_end").click().run())
    assert shown(desk) == "Utterance 3"


def test_two_annotators_do_not_see_each_others_work(desk: AppTest, project: Project) -> None:
    press(desk, "skip")
    well(desk.text_input(key="annotator").set_value("Bo").run())
    assert shown(desk) == "Utterance 1"
    assert "1 other answer" in [element.value for element in desk.caption]


def test_what_one_has_marked_is_not_there_for_the_next_one(
    desk: AppTest, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = importlib.import_module("workbench")
    versions: list[str] = []
    editor = bench.span_editor

    def watched(*given: Any, **named: Any) -> Any:
        versions.append(str(named["version"]))
        return editor(*given, **named)

    monkeypatch.setattr(bench, "span_editor", watched)
    well(desk.run())
    first = versions[-1]
    well(desk.text_input(key="annotator").set_value("Bo").run())
    assert shown(desk) == "Utterance 1"
    assert versions[-1] != first, "the editor would go on with what Ada has marked"


def overtake(desk: AppTest, project: Project) -> None:
    """Ada's answer cannot be saved: another one was, in between."""
    project.answer(1, "Ada", "rejected")
    field(desk, "intent").set_value("book")
    field(desk, "note").set_value("precious words")
    desk.run()


def test_two_answers_wait_while_somebody_else_works(desk: AppTest, project: Project) -> None:
    overtake(desk, project)
    well(desk.text_input(key="annotator").set_value("Bo").run())
    assert "precious words" not in [element.value for element in desk.text]
    press(desk, "skip")
    well(desk.text_input(key="annotator").set_value("Ada").run())
    assert "precious words" in [element.value for element in desk.text]
    well(desk.button(key="keep_mine").click().run())
    assert answer(project, 1) == ("draft", "book", "precious words")


def test_nothing_that_people_wrote_is_markdown(
    app: AppTest, project: Project, as_markdown: Callable[[AppTest], str]
) -> None:
    at_annotate(app, utterance="3")
    field(app, "intent").set_value(HOSTILE).run()
    field(app, "note").set_value(HOSTILE).run()
    well(app)
    for part in ("script", ":red", "[a]", "**bold"):
        assert part not in as_markdown(app)


def test_two_answers_wait_when_the_order_is_changed(desk: AppTest, project: Project) -> None:
    overtake(desk, project)
    well(desk.selectbox(key="order").set_value("uncertainty").run())
    assert "precious words" in [element.value for element in desk.text]
    well(desk.button(key="keep_mine").click().run())
    assert answer(project, 1) == ("draft", "book", "precious words")


def test_what_stands_for_a_value_outlives_an_accept(app: AppTest, project: Project) -> None:
    text = "to Boston"
    project.add([Utterance(text, "book", (Span.of(text, "city", 3, 9, canonical="BOS"),))], "Ada")
    at_annotate(app, utterance="4")
    press(app, "accept")
    found = project.item(4, "Ada").answer
    assert found is not None
    assert (found.version, [span.canonical for span in found.spans]) == (2, ["BOS"])


def test_a_span_that_was_moved_or_named_anew_stands_for_nothing(project: Project) -> None:
    frame_view, editor = (importlib.import_module(name) for name in ("frame_view", "span_editor"))
    text = TEXTS[0]
    shown = frame_view.rebuilt(text, (Span.of(text, "city", 7, 13, canonical="BOS", confidence=0.5),))
    for sent, canonical in (([7, 13, "city"], "BOS"), ([7, 12, "city"], None), ([7, 13, "day"], None)):
        state = {"edit": {"document": "here", "spans": [sent]}}
        assert [span.canonical for span in editor._present(state, text, shown, {"city", "day"}, "here")] == [canonical]


def test_a_label_renamed_meanwhile_holds_nobody_up(
    app: AppTest, project: Project, as_markdown: Callable[[AppTest], str]
) -> None:
    project.add_suggestions([(1, Parse(TEXTS[0], "book", 0.9, (("book", 0.9), ("greet", 0.1))))], "m", "1", "model")
    at_annotate(app)
    project.rename_label("intent", "book", "[x](y)", "Bo")
    press(app, "accept")
    assert answer(project, 1) == ("accepted", "[x](y)", "")
    assert shown(app) == "Utterance 2"
    assert app.info[0].value.startswith("Somebody has renamed labels meanwhile")
    assert "book is [x](y) now" in [element.value for element in app.text]
    assert "[x](y)" in field(app, "intent").options and "book" not in field(app, "intent").options
    assert "[x]" not in as_markdown(app)


def test_what_is_typed_on_beside_a_renamed_label_stays(desk: AppTest, project: Project) -> None:
    field(desk, "intent").set_value("book").run()
    project.rename_label("intent", "book", "book_flight", "Bo")
    well(field(desk, "note").set_value("typed").run())
    assert answer(project, 1) == ("draft", "book_flight", "typed")
    assert (field(desk, "intent").value, field(desk, "note").value) == ("book_flight", "typed")


def test_a_label_removed_meanwhile_is_said(desk: AppTest, project: Project) -> None:
    field(desk, "note").set_value("typed").run()
    project.remove_label("intent", "greet", "Bo")
    field(desk, "intent").set_value("greet").run()
    assert "The project no longer has these labels" in desk.warning[0].value
    assert "greet" in [element.value for element in desk.text]
    assert (field(desk, "intent").value, field(desk, "note").value) == (None, "typed")
    press(desk, "next")
    assert shown(desk) == "Utterance 2"


def test_a_decision_against_ones_own_answer_is_said(
    app: AppTest, project: Project, as_markdown: Callable[[AppTest], str]
) -> None:
    project.answer(1, "Ada", "accepted", "book")
    project.answer(2, "Ada", "accepted", "greet")
    project.decide(1, HOSTILE, "greet", (Span.of(TEXTS[0], "city", 7, 13),))
    project.decide(2, HOSTILE, "greet")
    at_annotate(app, utterance="1")
    assert "was decided in Review" in app.info[0].value
    assert f"{HOSTILE} decided: greet, with city “Boston”" in [element.value for element in app.text]
    assert "script" not in as_markdown(app)
    at_annotate(app, utterance="2")
    assert shown(app) == "Utterance 2" and not app.info
