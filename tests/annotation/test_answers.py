"""Answers: saved, refused, and never over somebody else's."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from jointbert.annotation import Project, Store
from jointbert.errors import EditConflictError, StoreError
from jointbert.utterance import Span, Utterance

TEXT = "fly from Paris to Rome"
PARIS, ROME = Span.of(TEXT, "city", 9, 14), Span.of(TEXT, "city", 18, 22)


@pytest.fixture
def fly(project: Project) -> int:
    """The number of an utterance without an answer."""
    project.add([Utterance(TEXT)], "ann")
    return project.find()[0].id


def test_an_answer_comes_back(project: Project, fly: int) -> None:
    saved = project.answer(fly, "ann", "accepted", "book", [ROME, PARIS], 0, "sure")
    assert (saved.status, saved.intent, saved.spans, saved.note, saved.version) == (
        "accepted",
        "book",
        (PARIS, ROME),
        "sure",
        1,
    )
    item = project.item(fly, "ann")
    assert item.answer == saved
    assert (item.text, item.split, item.suggestion, item.others) == (TEXT, "train", None, 0)
    assert item.gold == Utterance(TEXT, "book", (PARIS, ROME), str(fly))
    seen_by_bob = project.item(fly, "bob")
    assert (seen_by_bob.answer, seen_by_bob.others, seen_by_bob.gold) == (None, 1, item.gold)


def test_a_change_raises_the_version(project: Project, fly: int) -> None:
    versions = [project.answer(fly, "ann", "draft", "book", version=version).version for version in range(3)]
    assert versions == [1, 2, 3]
    assert project.annotators() == ["ann"]


@pytest.mark.parametrize("version", [0, 2, -1])
def test_an_answer_of_another_version_is_not_overwritten(project: Project, fly: int, version: int) -> None:
    present = project.answer(fly, "ann", "accepted", "book")
    message = rf"utterance {fly}, answer of 'ann': was saved in between \(it is accepted now, version 1\)\. Look at"
    with pytest.raises(EditConflictError, match=message) as caught:
        project.answer(fly, "ann", "rejected", None, (), version)
    assert caught.value.theirs == present == project.item(fly, "ann").answer
    assert len(project.events(utterance_id=fly)) == 1


def test_an_answer_that_was_taken_back_is_a_conflict_too(project: Project, fly: int) -> None:
    shown = project.answer(fly, "ann", "accepted", "book")
    project.undo("ann")
    with pytest.raises(EditConflictError, match="was taken back in between") as caught:
        project.answer(fly, "ann", "accepted", "cancel", (), shown.version)
    assert caught.value.theirs is None


def test_no_version_is_used_twice_even_after_undo(project: Project, fly: int) -> None:
    first = project.answer(fly, "ann", "accepted", "book")
    project.undo("ann")
    second = project.answer(fly, "ann", "accepted", "cancel")
    assert second.version > first.version
    with pytest.raises(EditConflictError):
        project.answer(fly, "ann", "rejected", None, (), first.version)
    project.undo("ann")
    assert project.answer(fly, "ann", "accepted", "book").version > second.version


@pytest.mark.parametrize(
    ("intent", "spans", "message"),
    [
        (
            "boook",
            (),
            r"the intent 'boook' is not in the schema; expected one of its 2 intents\. Did you mean 'book'\?",
        ),
        ("zzz", (), r"the intent 'zzz' is not in the schema; expected one of its 2 intents\. Add it to the schema"),
        ("book", (Span.of(TEXT, "town", 9, 14),), r"the slot 'town' is not in the schema; expected one of its 2 slots"),
        ("book", (PARIS, Span.of(TEXT, "date", 10, 12)), r"slots 'city' 'Paris' and 'date' 'ar' overlap"),
        (
            "book",
            (Span(9, 14, "city", "Milan"),),
            r"slot 'city' at \[9:14\] says 'Milan' but the text there is 'Paris'",
        ),
        ("book", (Span(20, 24, "city", "meXX"),), r"slot 'city' at \[20:24\] says 'meXX' but the text there is 'me'"),
        (" ", (), r"the intent of .* is blank"),
    ],
)
def test_labels_and_spans_that_do_not_fit_are_refused(
    project: Project, fly: int, intent: str, spans: tuple[Span, ...], message: str
) -> None:
    with pytest.raises(StoreError, match=rf"^utterance {fly}: {message}"):
        project.answer(fly, "ann", "accepted", intent, spans)
    assert project.item(fly, "ann").answer is None and project.events(utterance_id=fly) == []


def test_an_unknown_status_is_refused(project: Project, fly: int) -> None:
    with pytest.raises(StoreError, match="the status is 'done'; expected one of draft, accepted, rejected, skipped"):
        project.answer(fly, "ann", "done")


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 201])
def test_an_annotator_needs_a_name(project: Project, fly: int, name: str) -> None:
    with pytest.raises(StoreError, match=r"^annotator: the name is"):
        project.answer(fly, name, "accepted", "book")


def test_an_utterance_of_another_project_is_refused(store: Store, project: Project, fly: int) -> None:
    other = store.create_project("other")
    for call in (lambda: other.item(fly, "ann"), lambda: other.answer(fly, "ann", "skipped")):
        with pytest.raises(StoreError, match=rf"^utterance {fly}: is not in project {other.id}\. Load"):
            call()
    with pytest.raises(StoreError, match=r"^utterance 999: is not in project"):
        project.item(999, "ann")


def test_confidences_of_an_accepted_suggestion_are_dropped_and_canonical_values_kept(
    project: Project, fly: int
) -> None:
    span = Span.of(TEXT, "city", 9, 14, canonical="PAR", confidence=0.7)
    saved = project.answer(fly, "ann", "accepted", "book", [span])
    assert saved.spans == (Span.of(TEXT, "city", 9, 14, canonical="PAR"),) == project.labelled()[0].spans


# --- many at once -----------------------------------------------------------------------------------------------------


def test_of_many_first_answers_at_once_one_wins_and_the_others_see_it(project: Project, fly: int) -> None:
    def save(n: int) -> str | int | None:
        try:
            return project.answer(fly, "ann", "accepted", "book", (), 0, f"by {n}").note
        except EditConflictError as error:
            return error.theirs.note  # type: ignore[attr-defined]

    with ThreadPoolExecutor(8) as pool:
        notes = list(pool.map(save, range(8)))
    assert len(set(notes)) == 1, "everybody was shown the one answer that won"
    answer = project.item(fly, "ann").answer
    assert answer is not None and (answer.note, answer.version) == (notes[0], 1)
    assert len(project.events(utterance_id=fly)) == 1


def test_of_eight_threads_that_count_in_one_answer_none_loses_a_step(project: Project, fly: int) -> None:
    project.answer(fly, "ann", "draft", note="0")

    def step(_: int) -> None:
        while True:
            shown = project.item(fly, "ann").answer
            assert shown is not None
            try:
                project.answer(fly, "ann", "draft", None, (), shown.version, str(int(shown.note) + 1))
                return
            except EditConflictError as error:
                assert error.theirs is None or error.theirs.version != shown.version  # type: ignore[attr-defined]

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(step, range(32)))
    answer = project.item(fly, "ann").answer
    assert answer is not None and (answer.note, answer.version) == ("32", 33)
