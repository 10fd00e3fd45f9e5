"""The span editor in a real browser: pointer, keyboard, hostile text, and what reaches Python.

One page serves all tests: a page takes seconds to load, a new utterance on it does not.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
APP = HERE.parents[1] / "app"
NUMBERS = count(1)
PATIENCE = 15.0
HELP = "Drag over words"


class Desk:
    """The page, with what a person does on it."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.editor = page.locator(".editor").first
        self.text = self.editor.locator(".text")
        self.keys = page.keyboard

    def lay(self, setup: str) -> None:
        """Put an utterance on the desk: "english", "english suggested"; nothing of the one before it is left."""
        name, *flags = setup.split()
        setup = " ".join([name, str(next(NUMBERS)), *flags])
        self.page.get_by_label("Setup").fill(setup)
        self.page.get_by_label("Setup").press("Enter")
        self.until(lambda: self.report()["setup"] == setup)
        if "hidden" not in flags:
            self.until(lambda: self.editor.get_attribute("data-document") != self.document)
            self.document = self.editor.get_attribute("data-document")
        self.page.mouse.move(0, 0)

    document: str | None = None

    def report(self) -> dict[str, Any]:
        """What Python got, as the page shows it."""
        return dict(json.loads(self.page.locator(".st-key-report code").inner_text()))

    def until(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, f"still not so; the page reports {self.report()}; hint: {self.hint()!r}"
            self.page.wait_for_timeout(30)

    def gets(self, **expected: Any) -> None:
        """Wait until Python reports these values."""
        self.until(lambda: {name: self.report().get(name) for name in expected} == expected)

    def hint(self) -> str:
        return str(self.editor.locator(".hint").inner_text())

    def centre(self, offset: int) -> tuple[float, float]:
        box = self.text.locator(f'.atom[data-start="{offset}"]').bounding_box()
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def drag(self, start: int, end: int, *, hold: str = "") -> None:
        """Press on the character at one offset, release on the one at another."""
        mouse = self.page.mouse
        if hold:
            self.keys.down(hold)
        mouse.move(*self.centre(start))
        mouse.down()
        mouse.move(*self.centre(end), steps=3)
        mouse.up()
        if hold:
            self.keys.up(hold)

    def click(self, offset: int) -> None:
        self.page.mouse.click(*self.centre(offset))

    def press(self, *keys: str) -> None:
        for key in keys:
            self.keys.press(key)

    def marks(self) -> list[str]:
        return [str(mark) for mark in self.text.locator(".mark").all_inner_texts()]


@pytest.fixture(scope="module")
def shared_desk(open_page: Callable[[], Any], streamlit_server: Callable[..., Any]) -> Iterator[Desk]:
    server = streamlit_server(HERE / "pages" / "editor_page.py", env={"PYTHONPATH": str(APP)})
    with open_page() as page:
        page.goto(server.url)
        page.locator(".st-key-report code").wait_for()
        yield Desk(page)


@pytest.fixture
def desk(shared_desk: Desk) -> Iterator[Desk]:
    shared_desk.page.set_viewport_size({"width": 1280, "height": 800})
    yield shared_desk
    assert shared_desk.page.get_by_test_id("stException").all_inner_texts() == []


def test_a_drag_snaps_to_words_and_a_digit_names_them(desk: Desk) -> None:
    desk.lay("english")
    assert desk.hint().startswith(HELP)
    desk.drag(6, 11)
    assert desk.hint().startswith("“two flights” selected")
    desk.press("3")
    desk.gets(spans=[[5, 16, "airline"]], values=["two flights"])
    desk.drag(38, 35)  # backwards, within one word
    desk.press("1")
    desk.drag(28, 23)  # backwards, over two
    desk.press("1")
    desk.gets(spans=[[5, 16, "airline"], [22, 30, "city"], [34, 40, "city"]])


def test_shift_marks_exact_characters_and_white_space_is_left_out(desk: Desk) -> None:
    desk.lay("english")
    desk.drag(11, 9, hold="Shift")
    desk.press("4")
    desk.drag(21, 30)  # from the space before "New" to the one behind "York"
    desk.press("1")
    desk.gets(spans=[[9, 12, "flight"], [22, 30, "city"]], values=["fli", "New York"])


def test_offsets_are_code_points_over_emoji_and_combining_marks(desk: Desk) -> None:
    desk.lay("emoji")
    for start, end, digit in ((4, 4, "1"), (11, 11, "2"), (17, 17, "3"), (24, 24, "4"), (34, 35, "1")):
        desk.drag(start, end) if start != end else desk.click(start)
        desk.press(digit)
    desk.gets(
        spans=[[4, 7, "city"], [11, 13, "date"], [17, 18, "airline"], [24, 29, "flight"], [34, 36, "city"]],
        values=["👩‍🚀", "🇫🇷", "𝒳", "cafe\u0301", "😀😀"],
    )


def test_chinese_characters_stand_alone_and_latin_runs_stay_whole(desk: Desk) -> None:
    desk.lay("chinese")
    desk.drag(3, 7)  # 12月3号
    desk.press("2")
    desk.drag(12, 10)  # inside CA1234
    desk.press("4")
    desk.click(17)
    desk.press("1")
    desk.gets(
        spans=[[3, 8, "date"], [8, 14, "flight"], [17, 18, "city"]],
        values=["12月3号", "CA1234", "😀"],
    )


def test_an_overlap_is_refused_with_a_hint(desk: Desk) -> None:
    desk.lay("english")
    desk.drag(22, 29)
    desk.press("1")
    desk.gets(spans=[[22, 30, "city"]])
    desk.drag(18, 24)
    assert desk.hint() == "The selection overlaps `city`: remove it first."
    assert not desk.editor.locator(".menu").is_visible()
    desk.press("2")
    assert desk.hint() == "The selection overlaps `city`: remove it first."
    assert len(desk.marks()) == 1
    desk.press("Escape", "3")
    assert desk.hint() == "Mark some words first, then choose a slot."
    desk.gets(spans=[[22, 30, "city"]])


def test_a_span_is_relabelled_and_removed_and_brought_back(desk: Desk) -> None:
    desk.lay("english")
    desk.click(35)
    desk.press("1")
    desk.gets(spans=[[34, 40, "city"]])
    desk.press("Escape")
    desk.click(37)
    assert desk.hint() == "“Boston” is city: a digit relabels it, Backspace removes it."
    desk.press("2")
    desk.gets(spans=[[34, 40, "date"]])
    desk.press("Backspace")
    desk.gets(spans=[])
    desk.press("Control+z")
    desk.gets(spans=[[34, 40, "date"]])
    desk.text.get_by_role("button", name="Remove date “Boston”").click()
    desk.gets(spans=[])
    assert desk.hint() == "date “Boston” removed."


def test_slots_are_chosen_from_the_palette_and_from_the_menu(desk: Desk) -> None:
    desk.lay("english many")
    desk.click(35)
    desk.editor.locator('.palette [data-slot="group3.slot_39"]').click()
    desk.click(23)
    desk.editor.locator('.menu [data-slot="group0.slot_0"]').click()
    desk.gets(spans=[[22, 25, "group0.slot_0"], [34, 40, "group3.slot_39"]])
    desk.click(0)
    desk.press("Enter")
    desk.keys.type("slot_25")
    desk.press("Enter")
    desk.gets(spans=[[0, 4, "group1.slot_25"], [22, 25, "group0.slot_0"], [34, 40, "group3.slot_39"]], actions=[])
    desk.press("Enter", "Shift+Tab", "Escape")
    desk.lay("english")
    desk.click(35)
    desk.press("1")
    desk.click(35)
    desk.editor.get_by_role("menuitem", name="Remove").click()
    desk.gets(spans=[])


def test_the_keyboard_alone_is_enough(desk: Desk) -> None:
    desk.lay("english")
    desk.page.get_by_label("Elsewhere").focus()
    desk.press("Tab")
    desk.press("ArrowRight", "ArrowRight", "Shift+ArrowRight", "3")
    desk.gets(spans=[[5, 16, "airline"]])
    desk.press("End", "Shift+ArrowLeft", "Enter", "ArrowRight", "Enter")
    desk.gets(spans=[[5, 16, "airline"], [44, 49, "date"]])
    desk.press("ArrowLeft", "ArrowLeft", "Alt+ArrowRight", "Alt+Shift+ArrowRight", "1")  # "Boston" from its start
    desk.gets(spans=[[5, 16, "airline"], [34, 36, "city"], [44, 49, "date"]])
    desk.press("ArrowUp", "Delete")
    desk.gets(spans=[[34, 36, "city"], [44, 49, "date"]])
    desk.press("ArrowDown", "4", "Home", "Shift+ArrowRight", "Shift+ArrowRight", "Shift+ArrowLeft", "2")
    desk.gets(spans=[[0, 8, "date"], [34, 36, "flight"], [44, 49, "date"]])
    active = desk.text.get_attribute("aria-activedescendant")
    assert desk.text.locator(f"#{active}").get_attribute("aria-selected") == "true"


def test_arrows_follow_the_eye_in_right_to_left_text(desk: Desk) -> None:
    desk.lay("rtl")
    desk.text.focus()
    desk.press("ArrowLeft", "ArrowLeft", "Shift+ArrowLeft", "1")
    desk.gets(spans=[[5, 13, "city"]], values=["رحلة إلى"])
    desk.drag(16, 23)
    desk.press("2")
    desk.gets(spans=[[5, 13, "city"], [14, 25, "date"]])


def test_hostile_text_is_shown_as_typed(desk: Desk) -> None:
    desk.lay("hostile")
    shown = "<img src=x onerror=alert(1)> **x** :red[y] $z$ ⟨202E⟩abc"
    assert desk.text.inner_text() == shown
    desk.drag(0, 27)
    desk.press("1")
    desk.gets(spans=[[0, 28, "city"]], values=["<img src=x onerror=alert(1)>"])
    assert desk.editor.locator("img").count() == 0
    assert desk.hint() == "“<img src=x onerror=alert(1)>” marked as city."
    desk.lay("lines")
    assert desk.text.inner_text() == "first line↵\nsecond\tline⟨0000⟩end"
    desk.drag(7, 12)
    desk.press("1")
    desk.gets(spans=[[6, 17, "city"]], values=["line\nsecond"])
    desk.lay("empty")
    desk.text.click()
    desk.press("ArrowRight", "1", "End")
    desk.gets(spans=[])


def test_edits_survive_reruns_and_typing_elsewhere_but_not_another_version(desk: Desk) -> None:
    desk.lay("english")
    desk.click(35)
    desk.press("1")
    desk.gets(spans=[[34, 40, "city"]])
    desk.page.get_by_label("Elsewhere").fill("asxz 1")
    desk.page.get_by_label("Elsewhere").press("Enter")
    desk.gets(spans=[[34, 40, "city"]], elsewhere="asxz 1", actions=[])
    assert desk.marks() == ["Bostoncity×"]
    desk.lay("english")
    desk.gets(spans=[])
    assert desk.marks() == []


def test_suggestions_are_marked_until_they_are_changed(desk: Desk) -> None:
    desk.lay("english suggested")
    suggested = desk.text.locator(".mark.suggested")
    assert suggested.locator(".note").all_inner_texts() == ["suggested 87 %", "suggested 40 %"]
    assert suggested.first.evaluate("node => getComputedStyle(node).borderTopStyle") == "dashed"
    desk.gets(spans=[[22, 30, "city"], [34, 40, "date"]], canonical=["New York City", None])
    desk.click(35)
    desk.press("1")
    desk.gets(spans=[[22, 30, "city"], [34, 40, "city"]], canonical=["New York City", None])
    assert suggested.count() == 1


def test_every_name_can_be_read_on_its_colour(desk: Desk) -> None:
    desk.lay("english")
    for offset, digit in ((0, "1"), (5, "2"), (9, "3"), (17, "4")):
        desk.click(offset)
        desk.press(digit)
    ratio = """tag => {
      const light = (colour) => colour.match(/[0-9.]+/g).slice(0, 3).map((part) => part / 255)
        .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
        .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
      const style = getComputedStyle(tag);
      const [low, high] = [light(style.color), light(style.backgroundColor)].sort((a, b) => a - b);
      return (high + 0.05) / (low + 0.05);
    }"""
    ratios = [tag.evaluate(ratio) for tag in desk.text.locator(".tag").all()]
    assert len(ratios) == 4
    assert min(ratios) >= 4.5


def test_a_disabled_editor_shows_and_changes_nothing(desk: Desk) -> None:
    desk.lay("english suggested disabled")
    assert len(desk.marks()) == 2
    assert desk.text.get_by_role("button").count() == 0
    desk.click(23)
    desk.press("2", "Backspace", "Control+z")
    assert desk.editor.locator(".palette button:enabled").count() == 0
    assert len(desk.marks()) == 2
    desk.gets(spans=[[22, 30, "city"], [34, 40, "date"]])


def test_keys_of_the_page_reach_python_and_typing_does_not(desk: Desk) -> None:
    desk.lay("english suggested tall")
    desk.page.set_viewport_size({"width": 1280, "height": 400})
    desk.page.get_by_label("Elsewhere").focus()
    desk.keys.type("axsz ")
    desk.page.mouse.click(5, 5)
    desk.press("Shift+A", "Control+x", "b")
    desk.press("x")
    desk.gets(actions=[["reject", 2]])
    desk.press("Space")
    desk.gets(actions=[["reject", 2], ["skip", 2]])
    assert desk.page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop") == 0
    desk.press("s")
    desk.gets(actions=[["reject", 2], ["skip", 2], ["skip", 2]])
    desk.click(23)
    desk.press("Backspace", "z")  # from inside the editor, with the edit that came just before
    desk.gets(actions=[["reject", 2], ["skip", 2], ["skip", 2], ["undo", 1]])


def test_what_was_used_by_pointer_does_not_keep_the_keys(desk: Desk) -> None:
    desk.lay("english fields")
    page = desk.page
    chosen = page.get_by_role("combobox", name="List")
    for search in ("s", "a"):
        chosen.click()
        desk.keys.type(search)
        page.get_by_role("option", name="sierra" if search == "s" else "alpha").click()
        desk.until(lambda: page.evaluate("document.activeElement === document.body"))
    desk.press("x")
    desk.gets(actions=[["reject", 0]])
    page.get_by_role("button", name="Count").click()
    desk.gets(actions=[["reject", 0], ["button", 0]])
    desk.press("Space")
    desk.gets(actions=[["reject", 0], ["button", 0], ["skip", 0]])
    page.get_by_role("link", name="Link").focus()
    desk.press("Space")
    desk.gets(actions=[["reject", 0], ["button", 0], ["skip", 0], ["skip", 0]])
    desk.press("Shift+Tab", "Space")  # back to the button, this time by keys
    desk.gets(actions=[["reject", 0], ["button", 0], ["skip", 0], ["skip", 0], ["button", 0]])


def test_an_action_is_about_the_utterance_it_was_pressed_on(desk: Desk) -> None:
    desk.lay("english slow")
    version = desk.report()["version"]
    desk.page.mouse.click(5, 5)
    desk.press("a")
    desk.page.wait_for_timeout(400)
    desk.press("a")  # the server has accepted and not answered yet: the old utterance is still on the page
    desk.gets(version=version + 1, actions=[["accept", 0]])
    desk.page.wait_for_timeout(1500)
    desk.gets(version=version + 1, actions=[["accept", 0]])


def test_of_two_editors_the_one_last_used_answers_and_one_that_is_gone_does_not(desk: Desk) -> None:
    desk.lay("english second")
    desk.page.mouse.click(5, 5)
    desk.press("x")
    desk.gets(actions=[["reject", 0]])
    other = desk.page.locator(".editor").nth(1)
    other.locator(".atom").first.click()
    desk.press("1")
    desk.gets(other=[[0, 7, "city"]], spans=[])
    desk.press("x")
    desk.gets(actions=[["reject", 0], ["other reject", 1]])
    desk.lay("english hidden")
    desk.page.mouse.click(5, 5)
    desk.press("x", "Space")
    desk.page.wait_for_timeout(300)
    desk.gets(actions=[])
    desk.lay("english")
    desk.page.mouse.click(5, 5)
    desk.press("x")
    desk.gets(actions=[["reject", 0]])
