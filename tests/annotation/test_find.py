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
        ({"annotator": "bob"}, ["stop", "hello"]),
        ({"text": "o", "split": "train", "annotator": "bob"}, ["stop"]),
        ({"annotator": "eve"}, []),
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


def test_status_and_label_are_those_of_one_answer(filled: Project) -> None:
    filled.answer(1, "bob", "draft", "cancel")
    assert [item.text for item in filled.find(status="accepted", label="cancel")] == ["stop"]
    assert [item.text for item in filled.find(status="draft", label="cancel")] == [ROME]
    assert filled.count(status="draft", label="book") == 0
    assert filled.count(status="accepted", label="cancel", annotator="bob") == 0


def test_a_decision_counts_as_accepted_by_nobody_in_particular(filled: Project) -> None:
    filled.decide(2, "bob", "city")
    filled.decide(4, "eve", "city")
    assert [item.text for item in filled.find(label="city")] == [ROME, "stop", "hello", "bye"]
    assert [item.text for item in filled.find(label="city", status="accepted")] == [ROME, "stop"]
    assert [item.text for item in filled.find(label="city", status="untouched")] == ["bye"]
    assert filled.count(label="city", status="rejected") == 0
    assert [item.text for item in filled.find(label="city", annotator="bob")] == ["hello"]
    assert filled.count(status="accepted") == 2, "a label takes away and never adds"


def test_pages_follow_each_other(filled: Project) -> None:
    pages = [filled.find(limit=3), filled.find(limit=3, offset=3)]
    assert [[item.text for item in page] for page in pages] == [[ROME, "stop", "hello"], ["bye"]]


def test_items_show_the_annotator_who_asks(filled: Project) -> None:
    [item] = filled.find("stop", annotator="bob")
    assert item.answer is not None and (item.answer.status, item.others) == ("rejected", 1)
    [item] = filled.find("stop")
    assert (item.answer, item.others) == (None, 2)


def test_a_draft_does_not_count_as_somebody_elses_answer(filled: Project) -> None:
    number = filled.find("hello")[0].id
    assert (filled.item(number, "ann").others, filled.item(number, "ann").drafts) == (0, 1)
    assert (filled.item(number, "bob").others, filled.item(number, "bob").drafts) == (0, 0)


def test_an_unknown_status_or_kind_is_refused(filled: Project) -> None:
    with pytest.raises(StoreError, match=r"status: is 'done'; expected one of draft, .*, untouched"):
        filled.find(status="done")
    with pytest.raises(StoreError, match="label: the kind is 'tag'; expected intent or slot"):
        filled.count(label=("tag", "x"))


def test_an_utterance_is_found_by_its_text_to_the_letter(filled: Project) -> None:
    filled.add([Utterance("stop it"), Utterance("sto\ud800p")], "ann")
    assert filled.number_of("stop") == filled.find("stop")[0].id
    assert filled.number_of("sto\ud800p") == filled.find("stop it")[0].id + 1
    assert filled.number_of("STOP") is None
    assert filled.number_of("sto") is None
