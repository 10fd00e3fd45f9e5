"""Somebody at a browser who uses the app: what they see, and what they do by mouse and keys.

Nothing here sleeps: each step waits for what a person would wait for.
"""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

from jointbert import Span

APP = Path(__file__).resolve().parents[2] / "app" / "Home.py"
UTTERANCE = re.compile(r"^Utterance (\d+)$")
PATIENCE = 60.0
"""Seconds."""

IDLE = '[data-testid="stApp"][data-test-script-state="notRunning"][data-test-connection-state="CONNECTED"]'


class Person:
    """Somebody at a page of the app.

    Args:
        page: The browser's page.
        url: Where the app is.
        name: What they call themselves.
    """

    def __init__(self, page: Any, url: str, name: str) -> None:
        self.page = page
        self.url = url
        self.name = name
        self.keys = page.keyboard
        self.main = page.get_by_test_id("stMain")
        self.editor = self.main.locator(".editor[data-document]").first  # before its script runs, no key is heard

    # --- anywhere -----------------------------------------------------------------------------------------------------

    def arrive(self) -> None:
        """Opens the app and types the name."""
        self.page.goto(self.url)
        self.fill("Your name", self.name)
        self.idle()

    def fill(self, label: str, text: str) -> None:
        field = self.page.get_by_role("textbox", name=label)
        field.fill(text)
        field.press("Enter")

    def go(self, entry: str, heading: str | None = None) -> None:
        """Opens a page from the menu."""
        self.page.get_by_test_id("stSidebarNav").get_by_role("link", name=entry).click()
        self.page.get_by_role("heading", name=heading or entry, level=1, exact=True).wait_for()
        self.idle()

    def press(self, label: str) -> None:
        """Presses a button."""
        self.main.get_by_role("button", name=label).click()

    def sees(self, text: str | re.Pattern[str]) -> None:
        """Waits until a text is on the page."""
        self.main.get_by_text(text).filter(visible=True).first.wait_for()

    def idle(self) -> None:
        """Waits until the server has nothing left to say."""
        self.page.locator(IDLE).wait_for(state="attached")

    # --- on the page Annotate -----------------------------------------------------------------------------------------

    def document(self) -> str:
        """The name of what lies on the desk: it changes with each utterance that is laid out."""
        return str(self.editor.get_attribute("data-document"))

    def written(self) -> str:
        """The text in the first editor on the page, character by character."""
        return "".join(self.editor.locator(".text .atom").all_inner_texts()).replace("\N{NO-BREAK SPACE}", " ")

    def reads(self, text: str) -> None:
        """Waits until the first editor on the page shows a text: what was there before may still be for a while."""
        end = time.monotonic() + PATIENCE
        while self.written() != text:
            assert time.monotonic() < end, f"the page shows {self.written()!r}, not {text!r}"
            self.page.wait_for_timeout(100)

    def number(self) -> int:
        """The number of the utterance on the desk."""
        self.idle()
        found = UTTERANCE.match(self.main.get_by_text(UTTERANCE).inner_text())
        assert found is not None
        return int(found[1])

    def moved_on(self, document: str) -> None:
        """Waits until another utterance lies on the desk: what was done to the one before is saved then."""
        self.main.locator(f'.editor[data-document]:not([data-document="{document}"])').first.wait_for()

    def answer(self, key: str) -> None:
        """Presses a key that answers, and waits for the next utterance."""
        document = self.document()
        self.keys.press(key)
        self.moved_on(document)

    def answer_by_button(self, label: str) -> None:
        """Presses a button that answers, and waits for the next utterance."""
        document = self.document()
        self.press(label)
        self.moved_on(document)

    def choose_intent(self, name: str) -> None:
        """Searches for an intent in the list and takes it."""
        self.main.get_by_role("combobox", name="Intent", exact=True).click()
        self.keys.type(name)
        self.page.get_by_role("option", name=re.compile(rf"^{re.escape(name)}($|\s)")).click()

    def centre(self, offset: int) -> tuple[float, float]:
        box = self.editor.locator(f'.text .atom[data-start="{offset}"]').bounding_box()
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def select(self, start: int, end: int) -> None:
        """Drags from one character to another, or clicks where they are the same."""
        mouse = self.page.mouse
        mouse.move(*self.centre(start))
        mouse.down()
        mouse.move(*self.centre(end - 1), steps=3)
        mouse.up()

    def mark(self, span: Span) -> None:
        """Marks a slot: drags over it, then presses its digit or, where it has none, takes it from the menu."""
        self.select(span.start, span.end)
        slot = self.editor.locator(f'.menu [data-slot="{span.slot}"]')
        digit = slot.get_attribute("aria-keyshortcuts")
        if digit:
            self.keys.press(digit)
        else:
            while not slot.is_visible():  # a page that was still busy took the focus away, and the menu with it
                self.page.wait_for_timeout(200)
                self.select(span.start, span.end)
            slot.click()
        self.marked(span)

    def marked(self, span: Span) -> None:
        """Waits until a slot is marked on the desk."""
        self.shows(span, self.editor)

    def shows(self, span: Span, where: Any) -> None:
        """Waits until a slot is marked somewhere on the page."""
        where.get_by_role("group", name=f"{span.slot}: “{span.value}”", exact=True).first.wait_for()
