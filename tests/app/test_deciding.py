"""Decisions on the page Review while others work on: what is saved is what was looked at, or nothing."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from visit import clean, texts, visit

from jointbert import Span, Utterance
from jointbert.annotation import Answer, Label, Project, Schema

TEXT = "from Rome to Oslo"
ROME, OSLO = Span.of(TEXT, "city", 5, 9), Span.of(TEXT, "city", 13, 17)
ROMA = Span.of(TEXT, "city", 5, 9, canonical="ROM")
SCHEMA = Schema(tuple(Label("intent", name) for name in ("book", "greet", "cancel")), (Label("slot", "city"),))
REFUSED = "The decision was not saved."


@pytest.fixture
def project(workspace: Path) -> Project:
    """Two utterances; of the first Ann says book, Bob greet."""
    made: Project = importlib.import_module("desk").store().create_project("flights", schema=SCHEMA, who="Ada")
    made.add([Utterance(TEXT), Utterance("hello")], "Ada")
    made.answer(1, "Ann", "accepted", "book")
    made.answer(1, "Bob", "accepted", "greet")
    return made


def review(app: AppTest, decided: bool = False) -> AppTest:
    return visit(app, "review", review_tab="Disagreements", review_decided=decided)


def press(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click().run()
    assert not app.exception
    return app


def told(app: AppTest) -> str:
    """Why the decision was refused."""
    assert [error.value for error in app.error] == [REFUSED]
    return str(app.code[0].value)


def standing(project: Project) -> Answer:
    found = project.decision(1)
    assert found is not None
    return found


def test_the_answer_pressed_is_the_one_that_was_shown(app: AppTest, project: Project) -> None:
    project.answer(1, "Cy", "accepted", "cancel")
    review(app)
    project.answer(1, "Ann", "rejected", version=1)
    press(app, "use-1-1")
    assert "the answers are others by now (withdrawn: 'Ann')" in told(app) and project.decision(1) is None
    assert "Ann" not in texts(app), "the page shows them as they are now"
    press(app, "use-1-0")
    assert clean(app) and standing(project).intent == "greet"


def test_an_answer_changed_while_the_page_was_open_is_not_decided_unseen(app: AppTest, project: Project) -> None:
    review(app)
    project.answer(1, "Bob", "accepted", "cancel", version=1)
    press(app, "use-1-1")
    assert "changed: 'Bob'" in told(app) and project.decision(1) is None
    assert "• Intent: Ann says book; Bob says cancel" in texts(app)


def test_answers_that_agree_by_now_are_told(app: AppTest, project: Project) -> None:
    review(app)
    project.answer(1, "Bob", "accepted", "book", version=1)
    press(app, "use-1-1")
    assert "changed: 'Bob'" in told(app) and TEXT in texts(app)
    assert any(caption.value == "Utterance 1 is not in this list any more." for caption in app.caption)
    assert app.success[0].value == "No disagreement is left to decide."


def test_a_decision_changed_meanwhile_is_not_overwritten(app: AppTest, project: Project) -> None:
    kept = project.decide(1, "Eve", "book")
    review(app, decided=True)
    project.decide(1, "Eve", "greet", version=kept.version)
    press(app, "use-1-0")
    assert "was made by 'Eve' in between (version 2)" in told(app)
    assert (standing(project).annotator, standing(project).intent) == ("Eve", "greet")
    press(app, "use-1-0")
    assert clean(app) and (standing(project).annotator, standing(project).intent) == ("Ada", "book")


def test_a_decision_that_another_made_first_is_told_and_shown(app: AppTest, project: Project) -> None:
    for who, intent in (("Ann", "book"), ("Bob", "greet")):
        project.answer(2, who, "accepted", intent)
    review(app)
    project.decide(1, "Eve", "book")
    press(app, "use-1-1")
    assert "was made by 'Eve' in between (version 1)" in told(app)
    assert {TEXT, "by Eve"} <= set(texts(app)) and standing(project).annotator == "Eve"
    assert any("in utterance 2" in part.value for part in app.markdown), "the next one stands below"
    assert clean(app.run()) and "by Eve" not in texts(app)


def test_an_answer_of_ones_own_is_refused_likewise(app: AppTest, project: Project) -> None:
    review(app)
    app.selectbox(key="merge-intent-1").select("cancel").run()
    project.decide(1, "Eve", "book")
    press(app, "merge-save-1")
    assert "was made by 'Eve' in between" in told(app) and standing(project).annotator == "Eve"


def test_users_words_in_a_refusal_are_no_markdown(
    app: AppTest, project: Project, as_markdown: Callable[[AppTest], str]
) -> None:
    review(app)
    project.answer(1, "<b>:red[Eve]", "accepted", "book")
    press(app, "use-1-0")
    assert ":red[Eve]" in told(app) and "<b>" not in as_markdown(app)


def test_a_correction_after_a_decision_can_be_taken_or_left(app: AppTest, project: Project) -> None:
    kept = project.decide(1, "Eve", "book")
    project.answer(1, "Ann", "accepted", "cancel", version=1)
    review(app)
    assert "by Eve" in texts(app) and "• Intent: the decision says book; Ann says cancel; Bob says greet" in texts(app)
    captions = [caption.value for caption in app.caption]
    assert "Somebody has accepted something else since. The decision counts until you decide anew." in captions
    assert captions.count("Accepted after the decision") == 1
    press(app, "keep-decision-1")
    assert clean(app).success and (standing(project).annotator, standing(project).intent) == ("Ada", "book")
    project.answer(1, "Ann", "accepted", "greet", version=2)
    app.run()
    press(app, "use-1-0")
    assert clean(app).success and standing(project).intent == "greet" and standing(project).version == kept.version + 2


def test_one_answer_that_a_decision_overrules_is_in_the_decided_list(app: AppTest, project: Project) -> None:
    project.answer(2, "Ann", "accepted", "book")
    project.decide(2, "Eve", "greet")
    review(app, decided=True)
    assert "• Intent: the decision says greet; Ann says book" in texts(app)
    assert not [button for button in app.button if button.key == "keep-decision-2"], "it stands already"


def test_an_own_answer_starts_from_the_answers_as_they_are_now(app: AppTest, project: Project) -> None:
    for who, intent in (("Ann", "book"), ("Bob", "greet")):
        project.answer(1, who, "accepted", intent, [ROME], version=1)
    review(app)
    for who, intent in (("Ann", "book"), ("Bob", "greet")):
        project.answer(1, who, "accepted", intent, [OSLO], version=2)
    app.run()
    app.selectbox(key="merge-intent-1").select("book").run()
    press(app, "merge-save-1")
    assert clean(app) and standing(project).spans == (OSLO,)


def test_an_own_answer_about_a_decided_one_starts_from_the_decision(app: AppTest, project: Project) -> None:
    review(app)
    project.decide(1, "Eve", "cancel", [ROMA])
    review(app, decided=True)
    assert app.selectbox(key="merge-intent-1").value == "cancel"
    app.selectbox(key="merge-intent-1").select("greet").run()
    press(app, "merge-save-1")
    assert clean(app) and (standing(project).intent, standing(project).spans) == ("greet", (ROMA,))


@pytest.mark.parametrize("has_it", ["both", "the second"])
def test_what_stands_for_a_value_outlives_an_own_answer(app: AppTest, project: Project, has_it: str) -> None:
    project.answer(1, "Ann", "accepted", "book", [ROMA if has_it == "both" else ROME], version=1)
    project.answer(1, "Bob", "accepted", "greet", [ROMA, OSLO], version=1)
    review(app)
    app.selectbox(key="merge-intent-1").select("book").run()
    press(app, "merge-save-1")
    assert clean(app) and standing(project).spans == (ROMA, OSLO)


def test_what_is_marked_at_the_click_is_what_is_saved(app: AppTest, project: Project) -> None:
    """The browser sends both at once; a button's callback runs before the page is drawn again."""
    editor = importlib.import_module("span_editor")
    review(app)
    app.selectbox(key="merge-intent-1").select("book").run()
    document = editor._document(TEXT, app.session_state["merge-base-1"])
    app.session_state["merge-1"] = {"edit": {"document": document, "spans": [[13, 17, "city"]]}}
    press(app, "merge-save-1")
    assert clean(app) and standing(project).spans == (OSLO,)


@pytest.mark.parametrize(
    ("intents", "chosen"), [((None, None), ""), ((None, None, "book"), ""), ((None, "book"), None)]
)
def test_no_intent_is_what_they_agree_on_where_most_give_none(
    app: AppTest, project: Project, intents: tuple[str | None, ...], chosen: str | None
) -> None:
    for who, intent, spans in zip(("Ann", "Bob", "Cy"), intents, ([ROME], [], []), strict=False):
        project.answer(2, who, "accepted", intent, [Span.of("hello", "city", 0, 5)] if spans else [])
    project.decide(1, "Eve", "book")
    review(app)
    assert app.selectbox(key="merge-intent-2").value == chosen
    assert app.button(key="merge-save-2").disabled == (chosen is None)
    if chosen is not None:
        press(app, "merge-save-2")
        found = project.decision(2)
        assert clean(app) and found is not None and found.intent is None and len(found.spans) == 1
