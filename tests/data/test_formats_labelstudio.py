"""Label Studio: what an export may hold is read or reported, with the file, the line and the task's number."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from jointbert.data import Problem, detect, read, write
from jointbert.data.formats.utf16 import from_units, to_units
from jointbert.errors import DataError
from jointbert.utterance import Span, Utterance

TEXT = "fly to Rome"
EMOJI = "\U0001f600 fly to Rome"
PLACE = {"start": 7, "end": 11, "text": "Rome", "labels": ["city"]}


def result(kind: str, value: object, name: str | None = None) -> dict[str, Any]:
    return {
        "type": kind,
        "from_name": name or {"labels": "label"}.get(kind, "intent"),
        "to_name": "text",
        "value": value,
    }


def task(*results: object, text: str = TEXT, **more: Any) -> dict[str, Any]:
    return {"data": {"text": text}, "annotations": [{"result": list(results)}]} | more


def found(path: Path, *tasks: object) -> tuple[list[Utterance], list[Problem]]:
    """What is read of the tasks, one a line, the first on line 2."""
    path.write_text("[\n" + ",\n".join(json.dumps(item) for item in tasks) + "\n]", encoding="utf-8")
    assert detect(path).name == "labelstudio"
    problems: list[Problem] = []
    return read(path, report=problems.append), problems


FULL = {
    "id": 12,
    "annotations": [
        {
            "id": 3,
            "completed_by": 1,
            "result": [
                {"value": PLACE, "id": "Dx_aB", "from_name": "label", "to_name": "text", "type": "labels"},
                {
                    "value": {"choices": ["fly"]},
                    "id": "Dx_aC",
                    "from_name": "intent",
                    "to_name": "text",
                    "type": "choices",
                },
            ],
            "was_cancelled": False,
            "ground_truth": False,
            "created_at": "2021-03-09T22:16:08.728353Z",
            "lead_time": 4.288,
            "task": 12,
        }
    ],
    "drafts": [],
    "predictions": [],
    "data": {"text": TEXT},
    "meta": {},
    "project": 83,
}
MIN = {
    "text": TEXT,
    "id": 12,
    "label": [PLACE],
    "intent": "fly",
    "annotator": 1,
    "annotation_id": 3,
    "created_at": "2021-03-09T22:16:08.728353Z",
    "updated_at": "2021-03-09T22:16:08.728378Z",
    "lead_time": 4.288,
}
SAID = Utterance(TEXT, "fly", (Span.of(TEXT, "city", 7, 11),), "12")


@pytest.mark.parametrize("export", [FULL, MIN], ids=["json", "json-min"])
def test_an_export_is_read_whole_and_without_a_problem(export: dict[str, Any], tmp_path: Path) -> None:
    utterances, problems = found(tmp_path / "export.json", export)
    assert (utterances, problems) == ([SAID], [])
    assert utterances[0].where == f"{tmp_path / 'export.json'}:2"


def test_a_single_task_an_unlabelled_one_and_other_names(tmp_path: Path) -> None:
    single = tmp_path / "12"
    single.write_text(json.dumps(FULL), encoding="utf-8")
    assert read(single) == [SAID]
    old = {"completions": [{"result": []}], "data": {"utterance": "hi", "utterance_id": "a7"}, "id": 5}
    utterances, problems = found(tmp_path / "a.json", old, {"data": {"text": "ho"}})
    assert (utterances, problems) == ([Utterance("hi", id="a7"), Utterance("ho")], [])


def test_choices_in_json_min(tmp_path: Path) -> None:
    named = MIN | {"id": 1, "intent": {"choices": ["fly", "go"]}}
    lone = {key: value for key, value in MIN.items() if key != "intent"} | {"id": 2, "sentiment": "fly"}
    again = MIN | {"id": 1, "annotation_id": 9, "intent": "other"}
    utterances, problems = found(tmp_path / "a.json", named, lone, again)
    assert [(item.id, item.intent) for item in utterances] == [("1", "fly"), ("2", "fly")]
    assert [problem.rule for problem in problems] == ["several-intents", "intent-key", "several-annotations"]


def test_the_annotation_that_is_used(tmp_path: Path) -> None:
    def annotation(name: str, **more: Any) -> dict[str, Any]:
        return {"result": [result("choices", {"choices": [name]})]} | more

    cancelled, a, b = annotation("x", was_cancelled=True), annotation("a"), annotation("b", ground_truth=True)
    tasks = [{"data": {"text": TEXT}, "annotations": found} for found in ([cancelled, a], [a, b], [a, a], [cancelled])]
    utterances, problems = found(tmp_path / "a.json", *tasks)
    assert [item.intent for item in utterances] == ["a", "b", "a"]
    assert [(problem.rule, problem.severity) for problem in problems] == [
        ("cancelled", "warning"),
        ("several-annotations", "warning"),
        ("several-annotations", "warning"),
        ("cancelled", "warning"),
    ]
    assert problems[1].message == "task 2: has 2 annotations; the ground truth is used"
    assert problems[2].message == "task 3: has 2 annotations; the first is used"
    assert problems[3].message == "task 4: 1 of 1 annotations cancelled; no other is there, so the task is left out"


@pytest.mark.parametrize(
    ("item", "rule", "severity", "says"),
    [
        (task(predictions=[{"result": []}]), "predictions", "info", "its predictions are ignored"),
        (task(result("labels", PLACE | {"labels": ["city", "to"]})), "several-labels", "warning", "'city' and 'to'"),
        (task(result("labels", PLACE | {"labels": []})), "no-label", "warning", "has no label and is left out"),
        (task(result("rating", {"rating": 4})), "other-result", "warning", "'rating' has no place"),
        (task({"type": "relation", "from_id": "a", "to_id": "b"}), "other-result", "warning", "'relation'"),
        (task(result("choices", {"choices": ["x"], "start": 0})), "other-result", "warning", "choices of a region"),
        (task(result("choices", {"choices": ["a", "b"]})), "several-intents", "warning", "'a' and 'b'; only the first"),
        (
            task(result("choices", {"choices": ["a"]}), result("choices", {"choices": ["b"]}, "mood")),
            "other-choice",
            "warning",
            "'mood' beside 'intent'",
        ),
        ({"data": {"text": "a", "source": "web"}, "annotations": []}, "other-key", "info", "'source' has no place"),
    ],
)
def test_what_has_no_place_is_reported(item: object, rule: str, severity: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    utterances, [problem] = found(path, {"data": {"text": "first"}}, item)
    assert len(utterances) == 2
    assert (problem.where, problem.rule, problem.severity) == (f"{path}:3", rule, severity)
    assert problem.message.startswith("task 2: ")
    assert says in problem.message


@pytest.mark.parametrize(
    ("item", "says"),
    [
        (3, "3 is no task"),
        ({"data": {}}, "the data has the keys"),
        ({"data": {"a": "x", "b": "y"}}, "keys 'a', 'b'; expected a string under text"),
        ({"data": {"text": "a"}, "annotations": {}}, "annotations is no list"),
        ({"data": {"text": "a"}, "annotations": [{"result": 1}]}, "the result of an annotation is no list"),
        (task(result("labels", {"start": "/p[1]", "end": 3, "labels": ["a"]})), "has the offsets '/p[1]', 3"),
        (task(result("labels", PLACE | {"labels": "city"})), "labels is 'city'"),
        (task(result("labels", PLACE | {"text": 1})), "the text of a region is 1"),
        (task(result("labels", PLACE | {"text": "Oslo"})), "says 'Oslo' but the text there is 'Rome'"),
        (task(result("labels", PLACE | {"start": -3})), "[-3:11] says 'Rome' but the text there is ''"),
        (task(result("labels", PLACE | {"start": -4})), "[-4:11] lies outside"),
        (task(result("labels", {"start": 7, "end": 99, "labels": ["a"]})), "[7:99] lies outside"),
        (task(result("labels", PLACE), result("labels", PLACE | {"labels": ["to"]})), "overlap"),
        (
            task(result("choices", {"choices": ["a"]}, "x"), result("choices", {"choices": ["b"]}, "y")),
            "there are choices of 'x', 'y'",
        ),
    ],
)
def test_an_error_names_file_line_and_task(item: object, says: str, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    utterances, [problem] = found(path, {"data": {"text": "first"}}, item)
    assert [utterance.text for utterance in utterances] == ["first"]
    assert (problem.where, problem.severity) == (f"{path}:3", "error")
    assert problem.message.startswith("task 2: ")
    assert says in problem.message
    with pytest.raises(DataError, match=re.escape(f"{path}:3: task 2: ")):
        read(path)


def test_offsets_in_characters_in_utf16_and_without_a_text(tmp_path: Path) -> None:
    characters, units = PLACE | {"start": 9, "end": 13}, PLACE | {"start": 10, "end": 14}
    bare = {key: value for key, value in characters.items() if key != "text"}
    tasks = [task(result("labels", value), text=EMOJI) for value in (characters, units, bare)]
    utterances, problems = found(tmp_path / "a.json", *tasks)
    assert [item.spans for item in utterances] == [(Span.of(EMOJI, "city", 9, 13),)] * 3
    assert [(problem.rule, problem.message) for problem in problems] == [
        ("utf-16-offsets", "task 2: 'Rome' [10:14] counts UTF-16 units; it is read as the characters [9:13]"),
        (
            "unchecked-offsets",
            "task 3: [9:13] is read as characters; the region has no text that could tell them from UTF-16",
        ),
    ]


def test_a_line_break_that_is_written_as_two_characters(tmp_path: Path) -> None:
    region = result("labels", {"start": 0, "end": 4, "text": "a\\nb", "labels": ["x"]})
    utterances, problems = found(tmp_path / "a.json", task(region, text="a\r\nb"), task(region, text="a\n b"))
    assert [item.spans[0].value for item in utterances] == ["a\r\nb"]
    assert [problem.severity for problem in problems] == ["error"]


def test_units_and_characters_are_each_others_inverse() -> None:
    for offset in range(len(EMOJI) + 1):
        assert from_units(EMOJI, to_units(EMOJI, offset)) == offset
        assert to_units(EMOJI, offset) == len(EMOJI[:offset].encode("utf-16-le")) // 2
    assert from_units(EMOJI, -1) is None
    assert from_units(EMOJI, 1) is None


def test_broken_files(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b'[{"data": {"text": "a"}},\n{"data": {"text": "\xff"}}]')
    with pytest.raises(DataError, match=re.escape(f"{path}:2: byte 0xff is not UTF-8")):
        read(path, "labelstudio")
    path.write_text('[{"data": {"text": "a"}}\n{}]')
    with pytest.raises(DataError, match=re.escape(f"{path}:2: found '{{}}]'; expected ']'")):
        read(path, "labelstudio")


def test_written_tasks_hold_what_label_studio_asks_for(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "out.labelstudio.json"
    span = Span.of(EMOJI, "city", 9, 13, canonical="Roma")
    write(path, [Utterance(EMOJI, "fly", (span,), "u1", ((0, 1),)), Utterance("hi")])
    first, second = json.loads(path.read_text(encoding="utf-8"))
    assert first["data"] == {"text": EMOJI, "utterance_id": "u1"}
    intent, label = first["annotations"][0]["result"]
    assert intent == result("choices", {"choices": ["fly"]})
    assert label.pop("id")
    assert label == result("labels", {"start": 9, "end": 13, "text": "Rome", "labels": ["city"]})
    assert second == {"data": {"text": "hi"}, "annotations": []}
    assert (
        "labelstudio has no place for them, so they were left out: 1 canonical values, 1 token offsets" in caplog.text
    )
