"""Whatever a text holds, it comes back exactly, with its spans."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jointbert.annotation import Label, Project, Store
from jointbert.annotation.columns import escape, unescape
from jointbert.utterance import Span, Utterance

ODD = "\x00\ud83d\ude00\\u\"'%_ \n\r\t\u2028é\u0301文👩‍🚀\ufeff\u202e<b>"
CHARACTERS = st.one_of(st.sampled_from(ODD), st.characters(), st.characters(categories=["Cs"]))
TEXTS = st.text(CHARACTERS, max_size=30)
NAMES = TEXTS.map(lambda text: "n" + "".join(text.split()) + "n").filter(lambda name: len(name.splitlines()) == 1)
_numbers = itertools.count()


@st.composite
def utterances(draw: st.DrawFn) -> Utterance:
    """An utterance of odd characters, with spans that share none of them."""
    text = draw(TEXTS.filter(bool))
    edges = sorted(draw(st.sets(st.integers(0, len(text)), max_size=6)))
    spans = []
    for start, end in zip(edges[::2], edges[1::2], strict=False):
        canonical = draw(st.none() | TEXTS)
        spans.append(Span.of(text, draw(NAMES), start, end, canonical=canonical))
    tokens = tuple((n, n + 1) for n in range(len(text))) if draw(st.booleans()) else None
    return Utterance(text, draw(NAMES), tuple(spans), tokens=tokens)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shelf(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store for all examples; each makes a project of its own."""
    if request.param == "sqlite":
        where = str(Path(tmp_path_factory.mktemp("roundtrip")) / "store.db")
    else:
        cluster: str = request.getfixturevalue("cluster")
        where = cluster.format("postgres")
    with Store.open(where) as store:
        yield store


def fresh(shelf: Store) -> Project:
    return shelf.create_project(f"project {next(_numbers)}")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(utterances(), min_size=1, max_size=4, unique_by=lambda utterance: utterance.text), NAMES)
def test_utterances_come_back_exactly(shelf: Store, given: list[Utterance], who: str) -> None:
    project = fresh(shelf)
    assert project.add(given, who).answers == len(given)
    found = project.labelled()
    parts = [(u.text, u.intent, u.spans, u.tokens) for u in found]
    assert parts == [(u.text, u.intent, u.spans, u.tokens) for u in given]
    assert project.annotators() == [who]
    assert project.add(given, who).known == len(given), "each text is known again"
    assert [project.find(text=u.text, annotator=who)[0].answer is not None for u in given]


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(utterances(), TEXTS)
def test_answers_and_their_undo_come_back_exactly(shelf: Store, given: Utterance, note: str) -> None:
    project = fresh(shelf)
    project.add([given], "imported")
    [item] = project.find()
    first = project.answer(item.id, "ann", "accepted", given.intent, given.spans, 0, note)
    assert (first.intent, first.spans, first.note) == (given.intent, given.spans, note)
    project.answer(item.id, "ann", "skipped", version=first.version)
    project.undo("ann")
    again = project.item(item.id, "ann").answer
    assert again is not None
    assert (again.status, again.intent, again.spans, again.note) == ("accepted", given.intent, given.spans, note)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(NAMES, TEXTS, st.lists(TEXTS, max_size=3))
def test_labels_and_guidelines_come_back_exactly(shelf: Store, name: str, text: str, examples: list[str]) -> None:
    project = fresh(shelf)
    labels = [Label(kind, name, text, tuple(examples)) for kind in ("intent", "slot")]
    for label in labels:
        project.save_label(label, "ann")
    project.edit("ann", guidelines=text)
    assert [*project.schema().intents, *project.schema().slots] == labels
    assert project.info().guidelines == text


@given(TEXTS)
def test_an_escaped_text_can_be_stored_anywhere_and_is_undone(text: str) -> None:
    stored = escape(text)
    assert unescape(stored) == text
    assert "\0" not in stored
    stored.encode("utf-8")


def test_two_texts_that_only_look_alike_are_two(shelf: Store) -> None:
    texts = ["é", "e\u0301", "\ud83d\ude00", "😀", "\\ud83d\\ude00", "a", "a ", "A"]
    project = fresh(shelf)
    assert project.add([Utterance(text) for text in texts], "ann").new == len(texts)
    assert [item.text for item in project.find()] == texts


def test_an_empty_and_a_very_long_text_are_kept(shelf: Store) -> None:
    texts = ["", "文" * 200_000]
    project = fresh(shelf)
    project.add([Utterance(text) for text in texts], "ann")
    assert [item.text for item in project.find()] == texts and project.lengths() == [0, 200_000]


def test_what_is_searched_is_the_text_not_its_storage(shelf: Store) -> None:
    project = fresh(shelf)
    project.add([Utterance(text) for text in ("100% sure", "a_b", "c:\\new", "\ud83d alone", "Fly", "x\0y")], "ann")
    wanted = {"%": "100% sure", "_": "a_b", "\\n": "c:\\new", "\ud83d": "\ud83d alone", "fLY": "Fly", "\0": "x\0y"}
    for text, found in wanted.items():
        assert [item.text for item in project.find(text=text)] == [found]
