"""The whole loop as a newcomer goes it, in English and in Chinese: from an empty workspace to a model that helps.

Nothing is prepared and nothing is skipped: the demo project is loaded, annotated, disagreed upon, exported, trained on,
and the model that comes out makes the suggestions.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from person import APP, Person

from jointbert import Utterance
from jointbert.annotation import Runs, Store, demo_corpus
from jointbert.data import read

pytestmark = pytest.mark.long

HOSTILE = "<img src=x onerror=alert(1)> **x**"
TRAINING_MILLISECONDS = 600_000


class Loop(NamedTuple):
    """What differs between the languages."""

    language: str
    demo: str
    first: str
    second: str


LOOPS = (
    Loop("en", "Load the demo project in English", "Ann", "Bo"),
    Loop("zh", "Load the demo project in Chinese (中文)", "安娜", "小明"),
)
REJECTED, SKIPPED, UNDONE, BY_BUTTON = 5, 7, 4, 6


@pytest.mark.parametrize("loop", LOOPS, ids=[loop.language for loop in LOOPS])
def test_the_whole_loop(
    loop: Loop,
    tmp_path: Path,
    streamlit_server: Callable[..., Any],
    open_page: Callable[..., AbstractContextManager[Any]],
) -> None:
    server = streamlit_server(APP, env={"JOINTBERT_WORKSPACE": str(tmp_path), "JOINTBERT_DATABASE": ""}, cwd=tmp_path)
    waiting = read(demo_corpus(loop.language) / "test.jsonl")
    with open_page() as page:
        first = Person(page, server.url, loop.first)
        first.arrive()
        load_the_demo(first, loop)
        annotate_ten(first, waiting[:10])
        with open_page() as other:
            disagree(Person(other, server.url, loop.second), waiting)
        settle_the_disagreement(first)
        check_the_answers(tmp_path, loop, waiting)
        check_the_file(export(first, tmp_path), waiting)
        train(first, tmp_path)
        use_the_model(first, tmp_path)
        try_the_model(first, tmp_path, waiting[0].text)
        correct_a_hostile_one(first, tmp_path, waiting[0].intent)
    server.stop()


def load_the_demo(person: Person, loop: Loop) -> None:
    person.press(loop.demo)
    person.sees("Chosen")
    person.sees(re.compile(r"2,\d00|3,\d00"))


def annotate_ten(person: Person, given: list[Utterance]) -> None:
    """Ten utterances by mouse and keys: eight are accepted, one is rejected, one skipped, and one answer undone."""
    person.go("Annotate")
    for number, gold in enumerate(given, 1):
        assert person.number() == number
        if number == REJECTED:
            person.answer("x")
            continue
        if number == SKIPPED:
            person.answer("Space")
            continue
        label(person, gold)
        if number == BY_BUTTON:
            person.answer_by_button("Accept (A)")
        else:
            person.answer("a")
        if number == UNDONE:
            undo(person, number, gold)
    person.sees(re.compile("^10 of "))


def label(person: Person, gold: Utterance) -> None:
    for span in gold.spans:
        person.mark(span)
    if gold.intent is not None:
        person.choose_intent(gold.intent)
    person.sees("Draft: kept, not accepted yet")


def undo(person: Person, number: int, gold: Utterance) -> None:
    """Takes the answer back, finds the utterance as it was before, and answers again."""
    person.answer("z")
    person.sees(re.compile("^took back: accepted"))
    assert person.number() == number
    person.sees("Draft: kept, not accepted yet")
    for span in gold.spans:
        person.marked(span)
    person.answer("a")


def disagree(person: Person, given: list[Utterance]) -> None:
    """A second annotator sees another intent in the first utterance, and no slots."""
    person.arrive()
    person.go("Annotate")
    assert person.number() == 1
    person.sees("1 other answer")
    person.choose_intent(next(other.intent for other in given if other.intent not in (None, given[0].intent)) or "")
    person.answer("a")
    person.sees(re.compile("^1 of "))


def settle_the_disagreement(person: Person) -> None:
    person.go("Review")
    person.sees("1 to decide")
    mine = person.main.get_by_test_id("stColumn").filter(has_text=person.name)
    mine.get_by_role("button", name="Use this answer").click()
    person.sees("No disagreement is left to decide.")


def check_the_answers(workspace: Path, loop: Loop, waiting: list[Utterance]) -> None:
    """The store holds what was annotated, under the right names, and the decision."""
    with Store.open(workspace / "jointbert.db") as store:
        (info,) = store.projects()
        project = store.project(info.id)
        statuses = [getattr(project.item(number, loop.first).answer, "status", None) for number in range(1, 12)]
        assert project.item(1, loop.second).answer is not None
        assert project.conflicts() == []
        (decided,) = project.conflicts(decided=True)
    expected = ["accepted"] * 10 + [None]
    expected[REJECTED - 1], expected[SKIPPED - 1] = "rejected", "skipped"
    assert statuses == expected
    assert decided.decision is not None
    assert (decided.decision.intent, decided.decision.spans) == (waiting[0].intent, waiting[0].spans)


def export(person: Person, folder: Path) -> Path:
    """Takes all labelled utterances along as JSON Lines."""
    person.go("Data")
    person.main.get_by_role("radio", name="Export").click()
    person.press("Prepare the file")
    with person.page.expect_download() as download:
        person.press("Download")
    path = folder / "taken-along.jsonl"
    download.value.save_as(path)
    return path


def check_the_file(path: Path, waiting: list[Utterance]) -> None:
    """The accepted ones are in it as annotated, and none of the others that waited."""
    written = {utterance.text: utterance for utterance in read(path)}
    for number, gold in enumerate(waiting, 1):
        if number > 10 or number in (REJECTED, SKIPPED):
            assert gold.text not in written
        else:
            found = written[gold.text]
            assert (found.intent, found.spans) == (gold.intent, gold.spans)
    assert len(written) > 2000


def train(person: Person, workspace: Path) -> None:
    """Trains the quickest recipe, watches it, and reads what it is worth."""
    person.go("Train", "Train & measure")
    person.main.get_by_role("radio", name="Quick look").check(force=True)
    person.press("Start the training")
    person.sees("running")
    person.main.get_by_role("button", name="Stop it").wait_for()
    person.main.get_by_role("tab", name="Scores").wait_for(timeout=TRAINING_MILLISECONDS)
    (run,) = Runs(workspace / "runs").list(1)
    assert run.state == "done"
    assert run.scores is not None
    person.sees("intent right")
    person.sees(f"{100 * run.scores['intent_accuracy']:.1f} %")
    person.sees(f"{100 * run.scores['slots']['f1']:.1f} %")
    person.main.get_by_role("tabpanel", name="What is mixed up").locator(
        ".js-plotly-plot .heatmaplayer"
    ).first.wait_for()
    errors = run.errors()
    assert errors, "a quick look gets something wrong"
    person.main.get_by_role("tab", name=f"Errors ({len(errors):,})").click()
    person.sees(f"{len(errors):,} utterances with an error")
    person.sees("What the label says")
    person.sees("What the model says")


def use_the_model(person: Person, workspace: Path) -> None:
    """Lets the model suggest, and finds its suggestion on the next utterance to annotate."""
    person.main.get_by_role("tab", name="Use it").click()
    person.press("Use this model for suggestions")
    person.main.get_by_text("This model makes the suggestions").wait_for(timeout=TRAINING_MILLISECONDS)
    with Store.open(workspace / "jointbert.db") as store:
        suggestion = store.project(1).item(11, person.name).suggestion
    assert suggestion is not None
    person.go("Annotate")
    person.sees(f"Suggested by a model, {suggestion.confidence:.0%} sure")
    for span in suggestion.spans:
        name = f"{span.slot}, suggested: “{span.value}”"
        person.editor.get_by_role("group", name=name, exact=True).wait_for()


def try_the_model(person: Person, workspace: Path, text: str) -> None:
    """Parses an utterance on the page Test and sees what the model makes of it."""
    with Store.open(workspace / "jointbert.db") as store:
        suggestion = store.project(1).item(1, person.name).suggestion
    assert suggestion is not None
    assert suggestion.intent is not None
    parse(person, text)
    model = person.main.get_by_role("combobox", name="Model").input_value()
    assert model.startswith("The project's model: Quick look, trained ")
    person.main.get_by_test_id("stText").get_by_text(suggestion.intent, exact=True).wait_for()
    for span in suggestion.spans:
        person.shows(span, person.main)


def parse(person: Person, text: str) -> None:
    person.go("Test a model")
    person.main.get_by_role("textbox", name="Utterances").fill(text)
    person.press("Parse")
    person.reads(text)
    person.main.get_by_role("button", name="Wrong? Correct it in the project").wait_for()
    person.idle()


def correct_a_hostile_one(person: Person, workspace: Path, intent: str | None) -> None:
    """Hostile text is shown as typed wherever it goes, and is kept as typed."""
    parse(person, HOSTILE)
    shown_as_typed(person)
    person.press("Wrong? Correct it in the project")
    person.page.get_by_role("heading", name="Annotate", level=1, exact=True).wait_for()
    shown_as_typed(person)
    number = person.number()
    while person.editor.locator(".cross").count():
        person.editor.locator(".cross").first.click()
    person.choose_intent(intent or "")
    person.answer("a")
    with Store.open(workspace / "jointbert.db") as store:
        item = store.project(1).item(number, person.name)
    assert item.text == HOSTILE
    assert item.answer is not None
    assert (item.answer.status, item.answer.intent, item.answer.spans) == ("accepted", intent, ())


def shown_as_typed(person: Person) -> None:
    """The text stands in the editor character by character; an image or bold type came of it nowhere."""
    person.reads(HOSTILE)
    assert person.page.locator("img[src='x'], img[onerror]").count() == 0
    assert person.main.locator("strong", has_text=re.compile("^x$")).count() == 0
