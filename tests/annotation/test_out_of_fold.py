"""A file of out-of-fold parses taken into a project: found by text, all or nothing, and the newest look counts."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from jointbert.annotation import Label, Project, Run, Store, TakenIn, intake
from jointbert.annotation.run import read_run
from jointbert.annotation.run_folder import RESULT, RUN, SCORES, RunFolder
from jointbert.data.out_of_fold import OutOfFold, to_line
from jointbert.errors import DataError, JointBertError, StoreError
from jointbert.utterance import Parse, Span, Utterance

NAME = "out_of_fold.jsonl"


def said(text: str, intent: str = "book", sure: float = 0.95, *spans: Span) -> str:
    """A line: the parse of a text, whatever its label was."""
    other = "cancel" if intent == "book" else "book"
    ranking = ((intent, sure), (other, 1 - sure))
    parse = Parse(text, intent, sure, ranking, spans, frame_confidence=sure)
    return to_line(OutOfFold(Utterance(text, other, id="another id"), parse, 1))


@pytest.fixture
def labelled(project: Project) -> Project:
    """Eleven bookings, the first of which is labelled as something else."""
    project.add([Utterance(f"book {n}", "cancel" if n == 1 else "book") for n in range(1, 12)], "ann")
    return project


def file_of(*lines: str) -> bytes:
    return "".join(lines).encode()


WHOLE = [said(f"book {n}") for n in range(1, 12)]


def test_what_a_file_says_becomes_the_queue_of_doubtful_labels(labelled: Project) -> None:
    assert labelled.suggested_at("out_of_fold") is None
    assert labelled.take_in_out_of_fold(NAME, file_of(*WHOLE), "eve") == TakenIn(11, 0, 0)
    found = labelled.label_errors()
    assert [error.utterance_id for error in found] == [1]
    assert (found[0].suggestion.kind, found[0].suggestion.model) == ("out_of_fold", "cross-validation")
    assert found[0].suggestion.intent_confidence == found[0].suggestion.confidence == 0.95
    assert labelled.item(1, "ann").suggestion is None, "annotators are not shown it as a suggestion"
    at = labelled.suggested_at("out_of_fold")
    assert at is not None and abs(datetime.now(UTC) - at) < timedelta(minutes=10)
    assert labelled.suggested_at() is None
    event = labelled.events(limit=1)[0]
    assert (event.who, event.action) == ("eve", "take_in")
    assert event.about == "took in out-of-fold parses of 11 utterances: “out_of_fold.jsonl”"


def test_lines_of_other_texts_are_counted_and_the_last_of_several_counts(labelled: Project) -> None:
    lines = [said("elsewhere"), *WHOLE, said("Book 2"), said("book 1", "cancel")]
    assert labelled.take_in_out_of_fold(NAME, file_of(*lines), "eve") == TakenIn(11, 2, 1)
    assert labelled.label_errors() == [], "the last line of the first utterance agrees with its label"


@pytest.mark.parametrize("ending", [b"", b"\n"])
def test_a_mark_at_the_beginning_and_ends_of_lines_as_windows_has_them_do_no_harm(
    labelled: Project, ending: bytes
) -> None:
    content = b"\xef\xbb\xbf" + file_of(*WHOLE).replace(b"\n", b"\r\n").removesuffix(b"\r\n") + ending
    assert labelled.take_in_out_of_fold(NAME, content, "eve").utterances == 11


def test_texts_of_any_characters_are_found(project: Project) -> None:
    texts = ["飞到 Rome 😀\u2028", "a\ud800b", "nul \x00 and \\u0041", " blanks "]
    project.add([Utterance(text, "cancel") for text in texts], "ann")
    assert project.take_in_out_of_fold(NAME, file_of(*map(said, texts)), "eve") == TakenIn(4, 0, 0)
    assert len(project.label_errors()) == 4


def test_a_later_look_replaces_an_earlier_one_from_wherever(labelled: Project) -> None:
    labelled.take_in_out_of_fold(NAME, file_of(*WHOLE), "eve")
    agrees = Parse("book 1", "cancel", 0.9, (("cancel", 0.9), ("book", 0.1)))
    labelled.add_suggestions([(1, agrees)], "cross-validation", "run-1", kind="out_of_fold")
    assert labelled.label_errors() == []
    labelled.take_in_out_of_fold(NAME, file_of(*WHOLE), "eve")
    assert [error.utterance_id for error in labelled.label_errors()] == [1]


WRONG: dict[str, tuple[bytes, type[JointBertError], str]] = {
    "nothing": (b"", DataError, f"{NAME}: is empty; expected the out_of_fold.jsonl that jointbert cv writes"),
    "other bytes": (b"\xff\xfe", DataError, f"{NAME}: byte 0 is not UTF-8"),
    "a broken line": (file_of(WHOLE[0], "{\n"), DataError, f"{NAME}:2: is no out-of-fold parse (Expecting"),
    "a line that was cut off": (file_of(*WHOLE)[:-9], DataError, f"{NAME}:11: is no out-of-fold parse (Expecting"),
    "a blank line": (file_of(WHOLE[0], "\n", WHOLE[1]), DataError, f"{NAME}:2: is no out-of-fold parse (Expecting"),
    "other texts only": (
        file_of(said("elsewhere"), said("nowhere")),
        StoreError,
        f"{NAME}: none of its 2 texts is in this project; expected texts of this project. Open the project",
    ),
    "an intent of others": (
        file_of(WHOLE[1], said("book 1", "book flight")),
        StoreError,
        f"{NAME}:2: the parse says the intent “book flight”, which this project does not have; "
        "expected one of its 2 intents. Export the labels as they are now",
    ),
    "a slot of others": (
        file_of(said("book 1", "book", 0.9, Span.of("book 1", "number", 5, 6, confidence=0.5))),
        StoreError,
        f"{NAME}:1: the parse says the slot “number”, which this project does not have; expected one of its 2 slots",
    ),
}


@pytest.mark.parametrize("how", WRONG)
def test_where_anything_is_wrong_nothing_is_taken_in(labelled: Project, how: str) -> None:
    content, kind, message = WRONG[how]
    before = labelled.events()
    with pytest.raises(kind, match=re.escape(message)):
        labelled.take_in_out_of_fold(NAME, content, "eve")
    assert labelled.suggested_at("out_of_fold") is None
    assert labelled.label_errors() == [] and labelled.events() == before


def test_a_file_that_is_too_large_is_refused_unread(labelled: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jointbert.annotation.out_of_fold.MOST_BYTES", 1 << 20)
    with pytest.raises(DataError, match=re.escape(f"{NAME}: has 2 MB; expected at most 1 MB. Cut it between")):
        labelled.take_in_out_of_fold(NAME, b"x" * ((1 << 20) + 1), "eve")
    assert intake.MOST_BYTES == 200 << 20


def test_who_takes_it_in_has_a_name(labelled: Project) -> None:
    with pytest.raises(StoreError, match="who: the name is ''"):
        labelled.take_in_out_of_fold(NAME, file_of(*WHOLE), "")
    assert labelled.suggested_at("out_of_fold") is None


# --- what a run of the app's own says, after labels were changed ------------------------------------------------------

Finish = Callable[..., Run]
TEXT = "fly Rome Oslo"


@pytest.fixture
def finish(project: Project, tmp_path: Path) -> Finish:
    """``finish(parses)``: a cross-validation that began just now and has come to its end with these parses."""

    def lay(parses: Sequence[Parse], kind: str = "cv", number: int = 1, who: str = "eve") -> Run:
        folder = RunFolder(tmp_path / f"20260101-000000-{number:04}")
        folder.path.mkdir()
        about = {"id": folder.path.name, "project": project.id, "recipe": "smallest", "kind": kind, "who": who}
        about |= {"folds": 2, "started": datetime.now(UTC).isoformat(), "sizes": {}, "notes": []}
        folder.write(RUN, about)
        folder.write(RESULT, {"state": "done", "message": "", "seconds": 1.0})
        folder.write(SCORES, {})
        numbers = {item.text: str(item.id) for item in project.find(limit=1000)}
        folder.write_parses([(Utterance(parse.text, id=numbers[parse.text]), parse) for parse in parses])
        run = read_run(folder)
        assert run is not None
        return run

    return lay


def sure(text: str, intent: str, other: str, *spans: Span) -> Parse:
    """A parse of a model that is sure of one of two intents."""
    return Parse(text, intent, 0.95, ((intent, 0.95), (other, 0.05)), spans, frame_confidence=0.95)


@pytest.fixture
def agreed(project: Project) -> list[Parse]:
    """What models say that agree with every label: five bookings, five cancellations, one with two slots."""
    spans = (Span.of(TEXT, "city", 4, 8), Span.of(TEXT, "date", 9, 13))
    project.add([Utterance(f"book {n}", "book") for n in range(5)], "ann")
    project.add([*(Utterance(f"cancel {n}", "cancel") for n in range(5)), Utterance(TEXT, "book", spans)], "ann")
    bookings = [sure(f"book {n}", "book", "cancel") for n in range(5)]
    marked = [Span.of(TEXT, span.slot, span.start, span.end, confidence=0.9) for span in spans]
    return [
        *bookings,
        *(sure(f"cancel {n}", "cancel", "book") for n in range(5)),
        sure(TEXT, "book", "cancel", *marked),
    ]


def test_what_a_run_found_becomes_the_queue_too(project: Project, agreed: list[Parse], finish: Finish) -> None:
    run = finish([sure("book 0", "cancel", "book"), *agreed[1:]])
    assert project.take_in_run(run) == TakenIn(11, 0, 0)
    found = project.label_errors()
    assert [(error.utterance_id, error.suggestion.model, error.suggestion.version) for error in found] == [
        (1, "cross-validation", run.id)
    ]
    event = project.events(1)[0]
    assert (event.who, event.action) == ("eve", "take_in")
    assert event.about == f"took in out-of-fold parses of 11 utterances: the cross-validation {run.id}"


def rename(project: Project) -> None:
    project.rename_label("intent", "book", "buy", "bob")
    project.rename_label("intent", "buy", "book a flight", "ann")
    project.rename_label("slot", "city", "place", "ann")


def swap(project: Project) -> None:
    for old, new in (("book", "x"), ("cancel", "book"), ("x", "cancel")):
        project.rename_label("intent", old, new, "bob")


def merge(project: Project) -> None:
    project.merge_labels("intent", "cancel", "book", "bob")
    project.merge_labels("slot", "date", "city", "bob")
    project.rename_label("intent", "book", "buy", "ann")


def take_back(project: Project) -> None:
    project.rename_label("intent", "book", "buy", "bob")
    project.undo("bob")
    project.merge_labels("slot", "city", "date", "bob")
    project.undo("bob")


@pytest.mark.parametrize("change", [rename, swap, merge, take_back])
def test_labels_changed_since_a_run_began_raise_no_doubts(
    project: Project, agreed: list[Parse], finish: Finish, change: Callable[[Project], None]
) -> None:
    run = finish(agreed)
    change(project)
    assert project.take_in_run(run) == TakenIn(11, 0, 0)
    assert project.label_errors() == []


def test_a_doubt_names_labels_as_they_are_now(project: Project, agreed: list[Parse], finish: Finish) -> None:
    run = finish([sure("book 0", "cancel", "book"), *agreed[1:]])
    rename(project)
    project.rename_label("intent", "cancel", "drop", "ann")
    project.take_in_run(run)
    [found] = project.label_errors()
    assert (found.gold.intent, found.suggestion.intent) == ("book a flight", "drop")
    assert found.suggestion.runners_up == (("book a flight", 0.05),)
    project.decide(1, "ann", found.suggestion.intent, found.suggestion.spans)


def test_a_rename_from_before_a_run_taken_back_after_it(project: Project, agreed: list[Parse], finish: Finish) -> None:
    project.rename_label("intent", "book", "buy", "bob")
    run = finish([sure(parse.text, "buy", "cancel", *parse.spans) for parse in agreed if parse.intent == "book"])
    project.undo("bob")
    assert project.take_in_run(run) == TakenIn(6, 0, 0)
    assert project.label_errors() == []


def test_what_says_a_label_that_is_gone_is_left_out_and_counted(
    project: Project, agreed: list[Parse], finish: Finish
) -> None:
    project.save_label(Label("intent", "old"), "ann")
    run = finish([sure("book 0", "old", "book"), sure("book 1", "old", "book"), *agreed[2:]])
    project.remove_label("intent", "old", "ann")
    assert project.take_in_run(run) == TakenIn(9, 0, 0, outdated=2)
    assert project.label_errors() == []
    about = f"took in out-of-fold parses of 9 utterances: the cross-validation {run.id}"
    assert project.events(1)[0].about == f"{about}; 2 were left out, because they say labels that are gone"


def test_what_says_a_label_that_was_split_is_left_out(project: Project, agreed: list[Parse], finish: Finish) -> None:
    project.merge_labels("intent", "cancel", "book", "bob")
    run = finish([Parse(parse.text, "book", 0.95, (("book", 0.95),), parse.spans) for parse in agreed])
    project.undo("bob")
    assert project.take_in_run(run) == TakenIn(0, 0, 0, outdated=11)
    assert project.label_errors() == []


def test_labels_of_the_log_are_told_apart_by_kind(project: Project, agreed: list[Parse], finish: Finish) -> None:
    project.rename_label("slot", "date", "book", "bob")
    run = finish([*agreed[:-1], sure(TEXT, "book", "cancel", *(Span.of(TEXT, "book", 9, 13, confidence=0.9),))])
    project.rename_label("slot", "book", "day", "bob")
    assert project.take_in_run(run).outdated == 0
    assert {error.utterance_id for error in project.label_errors()} <= {11}


def test_another_run_is_refused(store: Store, project: Project, agreed: list[Parse], finish: Finish) -> None:
    training, other = finish(agreed, kind="train"), store.create_project("another")
    with pytest.raises(StoreError, match=rf"run {training.id}: is no cross-validation of project {project.id}\. Take"):
        project.take_in_run(training)
    with pytest.raises(StoreError, match=f"is no cross-validation of project {other.id}"):
        other.take_in_run(finish(agreed, number=2))
    assert project.suggested_at("out_of_fold") is None


def test_a_run_that_nobody_started_by_name_is_taken_in(project: Project, agreed: list[Parse], finish: Finish) -> None:
    project.take_in_run(finish(agreed, who=""))
    assert project.events(1)[0].who == "cross-validation"
