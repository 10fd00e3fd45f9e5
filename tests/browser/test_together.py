"""Several people at once, on SQLite and on PostgreSQL: nobody's answer is lost, and nobody's is overwritten unseen.

What an annotator was shown to be saved (the page had moved on) is what the store must hold, also after the server was
killed with no chance to tidy up.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any

import pytest
from person import APP, Person

from jointbert import Parse, Span, Utterance
from jointbert.annotation import Answer, Label, Project, Schema, Store

pytestmark = pytest.mark.long

ANSWERS = 200
RESTARTS, BETWEEN = 2, 12
SCHEMA = Schema((Label("intent", "book"), Label("intent", "greet")), (Label("slot", "city"), Label("slot", "day")))
Kept = tuple[str, str | None, tuple[tuple[int, int, str], ...]]


@pytest.fixture
def project(where: str) -> Iterator[Project]:
    """A project of which a model has suggested every answer."""
    with Store.open(where) as store:
        made = store.create_project("flights", schema=SCHEMA, who="tester")
        texts = [f"fly to Boston on day {number}" for number in range(1, ANSWERS + 6)]
        made.add([Utterance(text) for text in texts], "tester")
        made.add_suggestions(list(enumerate(map(suggested, texts), 1)), "made up", "1", "model")
        yield made


def suggested(text: str) -> Parse:
    spans = (Span.of(text, "city", 7, 13, confidence=0.9),)
    return Parse(text, "book", 0.9, (("book", 0.9), ("greet", 0.1)), spans)


@pytest.fixture
def serve(where: str, tmp_path: Path, streamlit_server: Callable[..., Any]) -> Callable[..., Any]:
    """``serve(port=None)`` starts the app on the store."""
    env = {"JOINTBERT_WORKSPACE": str(tmp_path / "workspace"), "JOINTBERT_DATABASE": where}
    return lambda port=None: streamlit_server(APP, env=env, cwd=tmp_path, port=port)


def kept(answer: Answer | None) -> Kept | None:
    """What an answer says, without when and in which version."""
    if answer is None:
        return None
    return answer.status, answer.intent, tuple((span.start, span.end, span.slot) for span in answer.spans)


def in_store(project: Project, who: str) -> dict[int, Kept]:
    """Number -> what the store holds of somebody."""
    found = {item.id: kept(item.answer) for item in project.find(annotator=who, limit=ANSWERS + 10)}
    return {number: answer for number, answer in found.items() if answer is not None}


AS_SUGGESTED: Kept = ("accepted", "book", ((7, 13, "city"),))
RELABELLED: Kept = ("accepted", "book", ((7, 13, "day"),))
EMPTY: dict[str, Kept] = {"x": ("rejected", None, ()), "Space": ("skipped", None, ())}


class Annotator(Person):
    """A person who answers one utterance after the other by keys, and notes what was acknowledged."""

    def __init__(self, page: Any, url: str, name: str, *, relabels: int) -> None:
        super().__init__(page, url, name)
        self.relabels = relabels
        self.acknowledged: dict[int, Kept] = {}
        self.pressed = ""
        self.expected = AS_SUGGESTED
        self.lying = 0
        self.pressed_again = 0

    def begin(self) -> None:
        self.arrive()
        self.go("Annotate")
        self.lying = self.number()

    def press_next(self) -> None:
        """Answers the utterance on the desk: most are accepted as suggested, some rejected, skipped or relabelled."""
        key = {3: "x", 6: "Space"}.get(self.lying % 10, "a")
        self.expected = EMPTY.get(key, AS_SUGGESTED)
        if self.lying % 20 == self.relabels:
            self.select(7, 8)
            self.keys.press("2")
            self.marked(Span.of(f"fly to Boston on day {self.lying}", "day", 7, 13))
            self.expected = RELABELLED
        self.pressed = self.document()
        self.keys.press(key)

    def see_it_saved(self) -> None:
        """Waits until the page has moved on: from then on the answer must outlive anything.

        A page that has just found its server again may lay the same utterance out anew; a key from before is dropped
        then, and a person presses it once more.
        """
        self.moved_on(self.pressed)
        following = self.number()
        if following == self.lying:
            self.pressed_again += 1
            self.press_next()
            self.moved_on(self.pressed)
            following = self.number()
        assert following != self.lying
        self.acknowledged[self.lying] = self.expected
        self.lying = following


def test_two_annotators_at_once_lose_nothing(
    project: Project, serve: Callable[..., Any], open_page: Callable[..., AbstractContextManager[Any]]
) -> None:
    server = serve()
    with ExitStack() as stack:
        ann, bo = (
            Annotator(stack.enter_context(open_page()), server.url, name, relabels=relabels)
            for name, relabels in (("Ann", 9), ("Bo", 14))
        )
        ann.begin()
        bo.begin()
        for _ in range(ANSWERS):
            ann.press_next()
            bo.press_next()
            ann.see_it_saved()
            bo.see_it_saved()
        for annotator in (ann, bo):
            assert (len(annotator.acknowledged), annotator.pressed_again) == (ANSWERS, 0)
            assert in_store(project, annotator.name) == annotator.acknowledged
        differing = [
            number
            for number, answer in ann.acknowledged.items()
            if (answer[0], bo.acknowledged[number][0]) == ("accepted", "accepted") and answer != bo.acknowledged[number]
        ]
        assert [conflict.utterance_id for conflict in project.conflicts()] == differing
        assert len(differing) == ANSWERS // 10
        ann.go("Review")
        ann.sees(f"{len(differing)} to decide")
        ann.sees("in utterance 9")
    server.stop()


def test_two_windows_of_one_annotator_never_overwrite_each_other_unseen(
    project: Project, serve: Callable[..., Any], open_page: Callable[..., AbstractContextManager[Any]]
) -> None:
    server = serve()
    with open_page() as page:
        one = Person(page, server.url, "Ann")
        one.arrive()
        one.go("Annotate")
        other = Person(page.context.new_page(), server.url, "Ann")
        other.arrive()
        other.go("Annotate")
        assert one.number() == other.number() == 1
        one.answer("x")
        assert one.number() == 2
        other.keys.press("a")
        other.sees(re.compile("choose the one that shall stay"))
        assert in_store(project, "Ann") == {1: EMPTY["x"]}, "the first answer stands until somebody chooses"
        other.sees("Ann saved another answer meanwhile.")
        other.press("Keep what was saved")
        other.sees("You rejected this")
        assert in_store(project, "Ann") == {1: EMPTY["x"]}

        one.answer("a")
        other.press("Next")
        other.sees("Utterance 3")
        one.page.bring_to_front()
        one.answer("x")
        other.page.bring_to_front()
        other.keys.press("a")
        other.press("Keep what I have here")
        other.sees("Utterance 4")
        assert in_store(project, "Ann") == {1: EMPTY["x"], 2: AS_SUGGESTED, 3: AS_SUGGESTED}
    server.stop()


def test_what_was_acknowledged_outlives_a_killed_server(
    project: Project, serve: Callable[..., Any], open_page: Callable[..., AbstractContextManager[Any]]
) -> None:
    server = serve()
    with open_page(cut=True) as page:
        ann = Annotator(page, server.url, "Ann", relabels=9)
        ann.begin()
        for restart in range(RESTARTS):
            for _ in range(BETWEEN):
                ann.press_next()
                ann.see_it_saved()
            ann.press_next()  # whether this one is saved is open: nobody has been told yet
            server.process.kill()
            server.process.wait()
            lying = cut_off(ann)
            server = serve(port=int(server.url.rpartition(":")[2]))
            found = in_store(project, "Ann")
            open_question = {number: found[number] for number in found if number not in ann.acknowledged}
            assert {number: found.get(number) for number in ann.acknowledged} == ann.acknowledged, f"kill {restart}"
            assert open_question in ({}, {ann.lying: ann.expected}), "saved whole or not at all"
            ann.moved_on(lying)  # the page finds the new server by itself, still with the name and the project
            ann.lying = ann.number()
            ann.acknowledged |= open_question
        assert len(ann.acknowledged) >= RESTARTS * BETWEEN
        assert in_store(project, "Ann") == ann.acknowledged
    server.stop()


def cut_off(person: Person) -> str:
    """Waits until the page knows that the server is gone; what lies on its desk then."""
    person.page.locator('[data-testid="stApp"]:not([data-test-connection-state="CONNECTED"])').wait_for()
    return person.document()
