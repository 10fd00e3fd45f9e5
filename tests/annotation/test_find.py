"""Looking utterances up: by text, status, label, part, annotator; counted; in pages."""

from __future__ import annotations

import pytest

from jointbert.annotation import Label, Project
from jointbert.errors import StoreError
from jointbert.utterance import Span, Utterance

ROME = "fly to Rome"


@pytest.fixture
def filled(project: Project) -> Project:
    """Four utterances: two with answers of ann, one of them with one of bob, one of dev."""
    project.save_label(Label("slot", "City"), "ann")
    project.save_label(Label("intent", "city"), "ann")
    project.add([Utterance(ROME, "book", (Span.of(ROME, "city", 7, 11),)), Utterance("stop", "cancel")], "ann")
    project.add([Utterance("hello"), Utterance("bye")], "ann", split="dev")
    stop = project.find("stop")[0].id
    project.answer(stop, "bob", "rejected")
    project.answer(project.find("hello")[0].id, "bob", "draft", "city")
    return project


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, [ROME, "stop", "hello", "bye"]),
        ({"text": "O"}, [ROME, "stop", "hello"]),
        ({"split": "dev"}, ["hello", "bye"]),
        ({"status": "accepted"}, [ROME, "stop"]),
        ({"status": "rejected"}, ["stop"]),
        ({"status": "accepted", "annotator": "bob"}, []),
        ({"status": "draft", "annotator": "bob"}, ["hello"]),
        ({"status": "untouched"}, ["bye"]),
        ({"status": "untouched", "annotator": "ann"}, ["hello", "bye"]),
        ({"label": "book"}, [ROME]),
        ({"label": "city"}, [ROME, "hello"]),
        ({"label": ("slot", "city")}, [ROME]),
        ({"label": ("slot", "City")}, []),
        ({"label": ("intent", "city")}, ["hello"]),
        ({"label": "city", "annotator": "bob"}, ["hello"]),
        ({"label": "cit"}, []),
        ({"text": "o", "status": "accepted", "label": "cancel", "split": "train", "annotator": "ann"}, ["stop"]),
    ],
)
def test_what_is_asked_is_found_and_counted(filled: Project, asked: dict[str, object], found: list[str]) -> None:
    assert [item.text for item in filled.find(**asked)] == found  # type: ignore[arg-type]
    assert filled.count(**asked) == len(found)  # type: ignore[arg-type]


def test_pages_follow_each_other(filled: Project) -> None:
    pages = [filled.find(limit=3), filled.find(limit=3, offset=3)]
    assert [[item.text for item in page] for page in pages] == [[ROME, "stop", "hello"], ["bye"]]


def test_items_show_the_annotator_who_asks(filled: Project) -> None:
    [item] = filled.find("stop", annotator="bob")
    assert item.answer is not None and (item.answer.status, item.others) == ("rejected", 1)
    [item] = filled.find("stop")
    assert (item.answer, item.others) == (None, 2)


def test_a_draft_does_not_count_as_somebody_elses_answer(filled: Project) -> None:
    assert filled.find("hello", annotator="ann")[0].others == 0


def test_an_unknown_status_or_kind_is_refused(filled: Project) -> None:
    with pytest.raises(StoreError, match=r"status: is 'done'; expected one of draft, .*, untouched"):
        filled.find(status="done")
    with pytest.raises(StoreError, match="label: the kind is 'tag'; expected intent or slot"):
        filled.count(label=("tag", "x"))
