"""doccano: each spelling of its exports is read, what has no place is reported, and offsets count as it counts them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from jointbert.data import Problem, detect, read, write
from jointbert.errors import DataError
from jointbert.utterance import Span, Utterance

TEXT = "fly to Rome"
EMOJI = "\U0001f600 fly to Rome"
CITY = Span.of(TEXT, "city", 7, 11)
OBJECT = {"id": 4, "label": "city", "start_offset": 7, "end_offset": 11}


def found(path: Path, *lines: dict[str, Any]) -> tuple[list[Utterance], list[Problem]]:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    assert detect(path).name == "doccano"
    problems: list[Problem] = []
    return read(path, report=problems.append), problems


@pytest.mark.parametrize(
    ("line", "intent", "slots"),
    [
        ({"cats": ["fly"], "entities": [[7, 11, "city"]], "Comments": []}, "fly", (CITY,)),
        ({"cats": ["fly"], "label": [[7, 11, "city"]]}, "fly", (CITY,)),
        ({"cats": ["fly"], "labels": [[7, 11, "city"]]}, "fly", (CITY,)),
        ({"cats": ["fly"], "entities": [OBJECT], "relations": []}, "fly", (CITY,)),
        ({"label": ["fly"]}, "fly", ()),
        ({"entities": [OBJECT], "cats": None}, None, (CITY,)),
        ({"cats": [], "entities": []}, None, ()),
        ({"label": [[7, 11, "city"], [0, 3, "verb"]]}, None, (Span.of(TEXT, "verb", 0, 3), CITY)),
    ],
)
def test_every_spelling_is_read(
    line: dict[str, Any], intent: str | None, slots: tuple[Span, ...], tmp_path: Path
) -> None:
    utterances, problems = found(tmp_path / "all.jsonl", {"id": 9, "text": TEXT} | line)
    assert (utterances, problems) == ([Utterance(TEXT, intent, slots, "9")], [])


@pytest.mark.parametrize(
    ("line", "rule", "severity", "says"),
    [
        ({"cats": ["a", "b"]}, "several-intents", "warning", "'a' and 'b'; only the first is kept"),
        ({"entities": [OBJECT], "relations": [{"type": "x"}]}, "relations", "warning", "relations have no place"),
        ({"entities": [OBJECT, OBJECT]}, "double-slot", "warning", "'city' 'Rome' is there more than once"),
        ({"cats": [], "Comments": ["hm"]}, "other-key", "info", "the key 'Comments' was skipped"),
        ({"cats": [], "source": "web"}, "other-key", "info", "the key 'source' was skipped"),
    ],
)
def test_what_has_no_place_is_reported(
    line: dict[str, Any], rule: str, severity: str, says: str, tmp_path: Path
) -> None:
    path = tmp_path / "all.jsonl"
    utterances, [problem] = found(path, {"text": TEXT} | line)
    assert len(utterances) == 1
    assert (problem.where, problem.rule, problem.severity) == (f"{path}:1", rule, severity)
    assert says in problem.message


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "is not JSON"),
        ('{"cats": ["a"]}', "has no text; expected an object with a text"),
        ('{"text": "a", "annotations": [{"label": 2, "start_offset": 0, "end_offset": 1}]}', "labels by number"),
        ('{"text": "a", "entities": {}}', "entities is {}; expected a list"),
        ('{"text": "a", "cats": [1]}', "the category 1 is wrong; expected a string"),
        ('{"text": "a", "label": [[0, 1]]}', "the entity [0, 1] is wrong; expected [start, end, slot]"),
        ('{"text": "a", "label": [{"label": "x"}]}', "the entity 'x' has the offsets None, None; expected two numbers"),
        ('{"text": "a", "label": [[0, 9, "x"]]}', "[0:9] lies outside the 1 characters"),
        ('{"text": "abc", "label": [[0, 2, "x"], [1, 3, "y"]]}', "overlap"),
        ('{"text": "abc", "label": [[0, 2, "x"], [0, 2, "y"]]}', "overlap"),
    ],
)
def test_an_error_names_the_line(line: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "all.jsonl"
    path.write_text(f'{{"text": "fine", "cats": []}}\n\n{line}\n', encoding="utf-8")
    problems: list[Problem] = []
    assert [item.text for item in read(path, report=problems.append)] == ["fine"]
    assert [problem.where for problem in problems] == [f"{path}:3"]
    assert says in problems[0].message
    with pytest.raises(DataError, match=re.escape(f"{path}:3: ")):
        read(path)


def test_offsets_count_utf16_units_and_a_doubt_is_shown(tmp_path: Path) -> None:
    lines = [{"text": EMOJI, "entities": [place]} for place in ([10, 14, "city"], [1, 4, "odd"])]
    utterances, problems = found(tmp_path / "all.jsonl", *lines)
    assert [[span.value for span in item.spans] for item in utterances] == [["Rome"], [" fl"]]
    assert problems[0].message == "the offsets of 'city' [10:14] are read as UTF-16 units: 'Rome'"
    assert problems[0].suggestion == "If characters were meant, it is 'ome': write the data as jsonl."
    assert problems[1].message == "the offsets of 'odd' [1:4] fit no UTF-16 units; they are read as characters: ' fl'"
    assert {problem.severity for problem in problems} == {"warning"}


def test_written_lines_count_as_doccano_counts(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "out.doccano.jsonl"
    span = Span.of(EMOJI, "city", 9, 13, canonical="Roma")
    items = [Utterance(EMOJI, "fly", (span,), "u1", ((0, 1),)), Utterance("hi")]
    write(path, items)
    first, second = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    assert first == {"id": "u1", "text": EMOJI, "cats": ["fly"], "entities": [[10, 14, "city"]]}
    assert second == {"text": "hi", "cats": [], "entities": []}
    assert "doccano has no place for them, so they were left out: 1 canonical values, 1 token offsets" in caplog.text


def test_a_string_as_a_label_is_no_doccano(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "a", "label": "x"}\n', encoding="utf-8")
    assert detect(path).name == "jsonl"
    with pytest.raises(DataError, match="unknown key 'label'"):
        read(path)


def test_a_key_said_twice_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.doccano.jsonl"
    path.write_text('{"text": "hi", "cats": ["a"], "cats": ["b"]}\n', encoding="utf-8")
    with pytest.raises(DataError, match=re.escape(f'{path}:1: the key "cats" stands twice in one object')):
        read(path, "doccano")
