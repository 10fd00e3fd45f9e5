"""Files in and out, and what is said of what a format cannot carry."""

from __future__ import annotations

from pathlib import Path

import pytest

from jointbert.annotation import Added, Project
from jointbert.annotation.gold import CONFLICT, DRAFTS, NO_ANSWER, REJECTED, SKIPPED
from jointbert.data.registry import FORMATS, read, write
from jointbert.errors import DataError
from jointbert.utterance import Span, Utterance

TEXT = "fly to Rome"
FLY = Utterance(TEXT, "book", (Span.of(TEXT, "city", 7, 11, canonical="ROM"),), tokens=((0, 3), (4, 6), (7, 11)))
STOP = Utterance("stop it", "cancel")


@pytest.fixture
def filled(project: Project) -> Project:
    """Two utterances with gold."""
    project.add([FLY, STOP], "ann")
    return project


def test_jsonl_carries_all_there_and_back(filled: Project, tmp_path: Path) -> None:
    done = filled.export(tmp_path / "gold.jsonl")
    assert (done.written, done.left_out, done.notes) == (2, {}, ())
    assert read(tmp_path / "gold.jsonl") == filled.labelled()


def test_a_file_is_imported(project: Project, tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", [FLY, STOP, Utterance("hm")])
    assert project.import_file(tmp_path / "a.jsonl", "ann", split="dev") == Added(new=3, known=0, answers=2)
    [fly, _] = project.labelled("dev")
    assert (fly.text, fly.intent, fly.spans, fly.tokens) == (TEXT, "book", FLY.spans, FLY.tokens)


def test_of_a_wrong_file_nothing_is_imported(project: Project, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "fine"}\n{"text": 3}\n')
    with pytest.raises(DataError, match=r"a\.jsonl:2"):
        project.import_file(tmp_path / "a.jsonl", "ann")
    assert project.count() == 0


def test_what_is_no_gold_is_left_out_and_counted(filled: Project, tmp_path: Path) -> None:
    filled.add([Utterance(text) for text in ("none", "draft", "rejected", "skipped", "conflict")], "ann")
    for status in ("draft", "rejected", "skipped"):
        filled.answer(filled.find(status)[0].id, "ann", status)
    for who, intent in (("ann", "book"), ("bob", "cancel")):
        filled.answer(filled.find("conflict")[0].id, who, "accepted", intent)
    done = filled.export(tmp_path / "gold.jsonl")
    assert done.written == 2
    assert done.left_out == {NO_ANSWER: 1, DRAFTS: 1, REJECTED: 1, SKIPPED: 1, CONFLICT: 1}


def test_one_part_is_exported(filled: Project, tmp_path: Path) -> None:
    filled.add([Utterance("bye", "cancel")], "ann", split="dev")
    assert filled.export(tmp_path / "dev.jsonl", split="dev").written == 1
    assert [utterance.text for utterance in read(tmp_path / "dev.jsonl")] == ["bye"]


def test_what_a_format_has_no_place_for_is_noted(filled: Project, tmp_path: Path) -> None:
    done = filled.export(tmp_path / "gold.json", "snips")
    assert (done.written, done.left_out) == (2, {})
    [note] = done.notes
    assert note.startswith("snips has no place for them, so they were left out: ")
    assert all(part in note for part in ("2 ids", "1 token offsets", "1 canonical values"))


def test_utterances_that_a_format_cannot_carry_are_left_out_and_counted(filled: Project, tmp_path: Path) -> None:
    done = filled.export(tmp_path / "gold.csv")
    assert (done.written, done.left_out) == (1, {"that the format cannot carry": 1})
    where = f"utterance {filled.find('fly')[0].id}"
    assert done.notes == (f"{where}: {TEXT!r} has slots, which csv cannot carry. Write jsonl, which carries all.",)
    assert [utterance.text for utterance in read(tmp_path / "gold.csv")] == ["stop it"]


def test_when_nothing_can_be_carried_nothing_is_written(project: Project, tmp_path: Path) -> None:
    project.add([FLY], "ann")
    with pytest.raises(DataError, match="has slots, which csv cannot carry"):
        project.export(tmp_path / "gold.csv")
    assert list(tmp_path.iterdir()) == [] or not (tmp_path / "gold.csv").exists()


def test_an_unknown_format_is_refused(filled: Project, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="format 'xml': is unknown"):
        filled.export(tmp_path / "gold.xml", "xml")
    with pytest.raises(DataError, match=r"no format goes by the suffix '\.xml'"):
        filled.export(tmp_path / "gold.xml")


def test_a_path_that_cannot_be_written_is_said(filled: Project, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match=r"cannot be written"):
        filled.export(tmp_path / "file" / "gold.jsonl")


@pytest.mark.parametrize("name", sorted(set(FORMATS) - {"csv"}))
def test_every_format_that_carries_slots_comes_back_into_another_project(
    filled: Project, tmp_path: Path, name: str
) -> None:
    path = tmp_path / f"gold{FORMATS[name].suffix}"
    assert filled.export(path, name).written == 2
    again = {u.text: (u.intent, {(s.slot, s.start, s.end) for s in u.spans}) for u in read(path, name)}
    assert again == {u.text: (u.intent, {(s.slot, s.start, s.end) for s in u.spans}) for u in filled.labelled()}
