"""The page Annotate in a real browser: marking, keys, typing kept when the page is left, and user text as text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jointbert import Parse, Utterance
from jointbert.annotation import Answer, Label, Project, Schema, Store

HOME = Path(__file__).resolve().parents[2] / "app" / "Home.py"
PATIENCE = 60_000
HOSTILE = "<img src=x onerror=document.title='harmed'> **bold**"
TEXTS = ("fly to Boston", "hello", HOSTILE, "fly to Rome")
SCHEMA = Schema((Label("intent", "book"), Label("intent", "greet")), (Label("slot", "city"), Label("slot", "day")))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    where = tmp_path_factory.mktemp("workspace")
    made = Store.open(where / "jointbert.db").create_project(HOSTILE, "en", HOSTILE, SCHEMA, "Ada")
    made.add([Utterance(text) for text in TEXTS], "Ada")
    made.folder = where  # type: ignore[attr-defined]
    return made


@pytest.fixture(scope="module")
def url(project: Project, streamlit_server: Callable[..., Any]) -> str:
    folder = project.folder  # type: ignore[attr-defined]
    return str(streamlit_server(HOME, env={"JOINTBERT_WORKSPACE": str(folder)}, cwd=folder).url)


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page with patience. Streamlit looks for its server below a page's own address first, and logs that as errors;
    so what the browser's console says is not judged here, exceptions of scripts are."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


def at_annotate(page: Any, url: str, project: Project, who: str) -> None:
    page.goto(f"{url}/annotate?annotator={who}&project={project.id}")
    page.get_by_text("Utterance 1", exact=True).wait_for()
    page.locator(".editor .atom[data-start='12']").wait_for()


def mark(page: Any, first: int, last: int, digit: str) -> None:
    """Drag from one character to another, and press the digit of a slot."""
    places = [page.locator(f".editor .atom[data-start='{offset}']").bounding_box() for offset in (first, last)]
    (x, y), (to_x, to_y) = ((box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) for box in places)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(to_x, to_y, steps=3)
    page.mouse.up()
    page.keyboard.press(digit)
    page.get_by_text("Draft: kept, not accepted yet").wait_for()


def choose_intent(page: Any, name: str) -> None:
    page.get_by_role("combobox", name="Intent").click()
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    page.locator(f'input[aria-label="Intent"][value="{name}"]').wait_for()


def answer(project: Project, who: str, number: int = 1) -> Answer:
    found = project.item(number, who).answer
    assert found is not None
    return found


def test_mark_choose_accept_and_go_on_by_keys(page: Any, url: str, project: Project) -> None:
    at_annotate(page, url, project, "Ada")
    mark(page, 7, 12, "1")
    choose_intent(page, "book")
    page.get_by_role("heading", name="Annotate").click()
    page.keyboard.press("a")
    page.get_by_text("Utterance 2", exact=True).wait_for()
    first = answer(project, "Ada")
    assert (first.status, first.intent) == ("accepted", "book")
    assert [(span.slot, span.value) for span in first.spans] == [("city", "Boston")]
    page.keyboard.press("s")
    page.get_by_text("Utterance 3", exact=True).wait_for()
    page.keyboard.press("z")
    page.get_by_text("Utterance 2", exact=True).wait_for()
    assert project.item(2, "Ada").answer is None
    assert answer(project, "Ada").status == "accepted"


def test_what_was_typed_survives_leaving_and_reloading(page: Any, url: str, project: Project) -> None:
    at_annotate(page, url, project, "Bo")
    page.get_by_role("textbox", name="Note").press_sequentially(HOSTILE, delay=5)
    page.get_by_role("link", name="Start").click(delay=150)
    page.get_by_text("Teach a model").wait_for()
    at_annotate(page, url, project, "Bo")
    page.get_by_text("Draft: kept, not accepted yet").wait_for()
    assert page.get_by_role("textbox", name="Note").input_value() == HOSTILE
    assert answer(project, "Bo").note == HOSTILE


def test_name_and_project_stay_over_pages_and_a_reload(page: Any, url: str, project: Project) -> None:
    at_annotate(page, url, project, "Cy")
    page.get_by_role("link", name="Test a model").click()
    page.get_by_role("heading", name="Test a model").wait_for()
    page.reload()
    page.get_by_role("heading", name="Test a model").wait_for()
    page.locator('input[aria-label="Your name"][value="Cy"]').wait_for()
    assert f"project={project.id}" in page.url


def test_user_text_stays_text(page: Any, url: str, project: Project) -> None:
    page.goto(f"{url}/annotate?annotator=Di&project={project.id}&utterance=3")
    page.get_by_text("Utterance 3", exact=True).wait_for()
    page.get_by_text("Guidelines").wait_for()
    assert page.locator("img[src='x']").count() == 0
    assert page.title() != "harmed"


def suggest(project: Project) -> None:
    project.add_suggestions(
        [(1, Parse(TEXTS[0], "book", 0.9, (("book", 0.9),))), (2, Parse(TEXTS[1], "greet", 0.8, (("greet", 0.8),)))],
        "a model",
        "1",
    )


def only_the_first_is_accepted(page: Any, project: Project, who: str) -> None:
    page.get_by_text("Utterance 2", exact=True).wait_for()
    page.get_by_text("Suggested by a model").wait_for()
    page.wait_for_timeout(2_000)
    assert (answer(project, who).status, answer(project, who).intent) == ("accepted", "book")
    assert project.item(2, who).answer is None, "the first one's intent is not kept for the second"
    assert "greet" in page.get_by_role("combobox", name="Intent").input_value()


def test_a_key_pressed_twice_touches_one_utterance_only(page: Any, url: str, project: Project) -> None:
    suggest(project)
    at_annotate(page, url, project, "Ed")
    page.keyboard.press("a")
    page.keyboard.press("a")
    only_the_first_is_accepted(page, project, "Ed")


def test_a_double_click_touches_one_utterance_only(page: Any, url: str, project: Project) -> None:
    suggest(project)
    at_annotate(page, url, project, "Flo")
    page.get_by_text("Suggested by a model").wait_for()
    page.get_by_role("button", name="Accept (A)").dblclick()
    only_the_first_is_accepted(page, project, "Flo")


CHOOSE_AND_PRESS_AT_ONCE = """([label, option]) => {
  const field = document.querySelector(`input[role="combobox"][aria-label="${label}"]`);
  [...document.querySelectorAll('[role="option"]')].find((each) => each.innerText.includes(option)).click();
  const key = new KeyboardEvent("keydown", { key: "a", code: "KeyA", bubbles: true, composed: true, cancelable: true });
  field.dispatchEvent(key);
  return [field.getAttribute("aria-expanded"), key.defaultPrevented];
}"""


def test_a_key_pressed_before_the_list_has_closed_answers(page: Any, url: str, project: Project) -> None:
    """A busy page closes its list late: the key is not searched for, and answers with what was chosen."""
    at_annotate(page, url, project, "Gil")
    page.get_by_role("combobox", name="Intent").click()
    page.keyboard.type("book")
    page.get_by_role("option", name="book").wait_for()
    assert page.evaluate(CHOOSE_AND_PRESS_AT_ONCE, ["Intent", "book"]) == ["true", True]
    page.get_by_text("Utterance 2", exact=True).wait_for()
    assert (answer(project, "Gil").status, answer(project, "Gil").intent) == ("accepted", "book")


def test_a_search_without_a_match_goes_on(page: Any, url: str, project: Project) -> None:
    """Enter on an empty list chooses nothing, so what is typed next is still searched for."""
    at_annotate(page, url, project, "Ike")
    field = page.get_by_role("combobox", name="Intent")
    field.click()
    page.keyboard.type("zzz")
    page.keyboard.press("Enter")
    page.keyboard.type("as")
    assert field.input_value() == "zzzas"
    assert project.item(1, "Ike").answer is None
