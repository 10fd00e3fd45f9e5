"""How far the work is, how fast it goes, and what the log says of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from jointbert.annotation import Added, Progress, Project, progress
from jointbert.annotation.progress import per_hour
from jointbert.errors import StoreError
from jointbert.utterance import Utterance

NOON = datetime(2025, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def ids(project: Project) -> list[int]:
    """The numbers of five utterances without an answer."""
    project.add([Utterance(f"text {n}") for n in range(5)], "ann")
    return [item.id for item in project.find()]


def test_progress_of_one_and_of_all(project: Project, ids: list[int]) -> None:
    for id, status in zip(ids, ("accepted", "rejected", "skipped", "draft"), strict=False):
        project.answer(id, "ann", status)
    for id, status in zip(ids, ("draft", "accepted", "draft", "skipped"), strict=False):
        project.answer(id, "bob", status)
    assert project.progress("ann") == Progress(5, 1, 1, 1, 1, 1, None)
    assert project.progress("bob") == Progress(5, 1, 0, 1, 2, 1, None)
    assert project.progress("eve") == Progress(5, 0, 0, 0, 0, 5, None)
    assert project.progress() == Progress(5, 2, 0, 2, 0, 1, None), "the best answer to each counts"
    assert project.annotators() == ["ann", "bob"]
    assert project.info().answered == 4 and project.info().utterances == 5


def test_what_was_taken_back_is_no_part_of_the_pace(
    project: Project, ids: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "per_hour", lambda times: float(len(times)))
    for id in ids[:3]:
        project.answer(id, "ann", "accepted")
    assert project.progress("ann").per_hour == project.progress().per_hour == 3
    project.undo("ann")
    assert project.progress("ann").per_hour == project.progress().per_hour == 2
    project.answer(ids[2], "ann", "rejected")
    assert project.progress("ann").per_hour == 3, "given anew, it counts once"


def test_an_empty_project_has_no_progress(project: Project) -> None:
    assert project.progress() == Progress(0, 0, 0, 0, 0, 0, None)
    assert project.annotators() == []


@pytest.mark.parametrize(
    ("minutes", "pace"),
    [
        ([], None),
        ([0], None),
        ([0, 0, 0], None),
        ([0, 1], 60.0),
        ([0, 1, 2, 3], 60.0),
        ([0, 10, 20], 6.0),
        ([0, 5, 16, 17], 12.0),
        ([0, 11, 12], None),
    ],
)
def test_the_pace_is_that_of_the_latest_stretch(minutes: list[int], pace: float | None) -> None:
    assert per_hour([NOON - timedelta(minutes=ago) for ago in minutes]) == pace


def test_the_log_tells_everything_the_newest_first(project: Project, ids: list[int]) -> None:
    project.answer(ids[0], "ann", "accepted", "book")
    project.answer(ids[1], "bob", "skipped")
    told = [(event.who, event.action, event.about) for event in project.events()]
    assert told == [
        ("bob", "answer", "skipped “text 1”"),
        ("ann", "answer", "accepted “text 0” as book"),
        ("ann", "add", "added 5 utterances to train"),
        ("ann", "create_project", "made the project “flights”"),
    ]
    assert [event.who for event in project.events(who="bob")] == ["bob"]
    assert [event.who for event in project.events(utterance_id=ids[0])] == ["ann"]
    assert len(project.events(limit=2)) == 2
    assert all(
        event.at.tzinfo is not None and abs(event.at - datetime.now(UTC)) < timedelta(hours=1)
        for event in project.events()
    )


def test_a_long_text_is_shortened_in_the_log(project: Project) -> None:
    project.add([Utterance("x" * 500)], "ann")
    project.answer(project.find()[0].id, "ann", "rejected")
    assert project.events(1)[0].about == f"rejected “{'x' * 59}…”"


# --- adding -----------------------------------------------------------------------------------------------------------


def test_known_texts_are_counted_not_doubled(project: Project) -> None:
    first = project.add([Utterance("a", "book"), Utterance("b"), Utterance("a", "cancel")], "ann")
    assert first == Added(new=2, known=1, answers=1, left_out=1)
    assert [(gold.text, gold.intent) for gold in project.labelled()] == [("a", "book")]
    assert project.add([Utterance("b", "cancel"), Utterance("c")], "ann") == Added(new=1, known=1, answers=1)
    assert [(gold.text, gold.intent) for gold in project.labelled()] == [("a", "book"), ("b", "cancel")]
    assert project.events(1)[0].about == "added 1 utterances to train; 1 were known already; 1 answers came along"


def test_an_answer_that_is_there_stays(project: Project) -> None:
    project.add([Utterance("a", "book")], "ann")
    assert project.add([Utterance("a", "cancel")], "ann") == Added(new=0, known=1, answers=0, left_out=1)
    assert project.add([Utterance("a", "cancel")], "bob") == Added(new=0, known=1, answers=1)
    assert project.item(project.find()[0].id, "ann").answer.intent == "book"  # type: ignore[union-attr]
    assert project.labelled() == [], "two annotators disagree"


def test_nothing_to_add(project: Project) -> None:
    assert project.add([], "ann") == Added(0, 0, 0)


def test_more_than_a_chunk_is_added_in_order(project: Project) -> None:
    texts = [f"text {n}" for n in range(1201)]
    assert project.add([Utterance(text, "book") for text in texts], "ann") == Added(1201, 0, 1201)
    assert project.add([Utterance(text, "book") for text in texts], "ann") == Added(0, 1201, 0)
    assert [gold.text for gold in project.labelled()] == texts


@pytest.mark.parametrize(("who", "split"), [("", "train"), ("ann", ""), ("ann", "a b")])
def test_who_adds_and_where_to_need_names(project: Project, who: str, split: str) -> None:
    with pytest.raises(StoreError, match="the name is"):
        project.add([Utterance("a")], who, split)
    assert project.count() == 0
