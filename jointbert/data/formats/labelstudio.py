"""Label Studio's JSON: a list of tasks with their annotations, and the flat JSON-MIN export."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jointbert.data.formats.cursor import Cursor
from jointbert.data.formats.format import Format
from jointbert.data.formats.labelstudio_result import Note, frame
from jointbert.data.formats.labelstudio_writer import ID, write
from jointbert.data.formats.lines import head
from jointbert.data.problem import Problem, Report
from jointbert.errors import DataError
from jointbert.utterance import Utterance

_LOOKS = 'The shape is [{"data": {"text": "..."}, "annotations": [{"result": []}]}].'
_LISTS = ("annotations", "completions", "predictions")
_MIN_KEYS = frozenset(
    {"id", "text", "annotator", "annotation_id", "created_at", "updated_at", "lead_time", "agreement"}
)
_DECODER = json.JSONDecoder()


def read(path: Path, report: Report) -> Iterator[Utterance]:
    """The utterances of an export: a list of tasks, or a single one.

    A task that nobody annotated is an utterance without labels. Of several annotations the one marked as ground truth,
    or else the first, is used; cancelled ones are skipped, and a task that has no others is left out.
    """
    seen: set[str] = set()
    try:
        for number, (where, value) in enumerate(_tasks(_decode(path), path), start=1):
            note = Note(where, number, report)
            try:
                yield from _utterance(value, note, seen)
            except DataError as error:
                note.error(error)
    except DataError as error:
        report(Problem.from_error(error, "labelstudio", error.where))


def _decode(path: Path) -> str:
    raw = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        where = f"{path}:{raw.count(10, 0, error.start) + 1}"
        what = f"byte 0x{raw[error.start]:02x} is not UTF-8"
        raise DataError(where, what, "UTF-8", "Export the file again, or convert it with iconv.") from None


def _tasks(source: str, path: Path) -> Iterator[tuple[str, object]]:
    """The (file:line, decoded JSON) of each task."""
    cursor = Cursor(source, path, _LOOKS)
    if source.lstrip(" \t\r\n").startswith("{"):
        yield cursor.where(), cursor.value()
    else:
        cursor.expect("[")
        while not cursor.skip("]"):
            yield cursor.where(), cursor.value()
            if not cursor.skip(","):
                cursor.expect("]")
                break
    cursor.end()


def _utterance(value: object, note: Note, seen: set[str]) -> Iterator[Utterance]:
    """The utterance of one task, or nothing when it is to be left out."""
    if not isinstance(value, dict):
        raise note.wrong(f"{json.dumps(value)[:60]} is no task", "an object with data and annotations")
    data, flat = (value["data"], False) if isinstance(value.get("data"), dict) else (value, True)
    text, name = _text(data, note), data.get(ID, value.get("id"))
    if flat and not _is_first(value, seen):
        note.warning("several-annotations", "is annotated again; only its first annotation is used", _AGREE)
        return
    results = _flat(value) if flat else _results(value, note)
    if results is None:
        return
    if not flat and (others := data.keys() - {ID, _text_key(data)}):
        note.info("other-key", f"the data {', '.join(map(repr, sorted(others)))} has no place in an utterance")
    intent, spans = frame(text, results, note)
    known = isinstance(name, str | int) and not isinstance(name, bool)
    yield Utterance(text, intent, spans, str(name) if known else None, None, note.where)


_AGREE = "Where annotators disagree, mark one annotation as ground truth before the export."


def _text_key(data: dict[str, Any]) -> str:
    """The key of the text: ``text``, or the only one that holds a string."""
    strings = [key for key, found in data.items() if isinstance(found, str) and key != ID]
    return strings[0] if len(strings) == 1 else "text"


def _text(data: dict[str, Any], note: Note) -> str:
    found = data.get("text", data.get(_text_key(data)))
    if not isinstance(found, str):
        raise note.wrong(f"the data has the keys {', '.join(map(repr, data))}", "a string under text", _LOOKS)
    return found


def _is_first(value: dict[str, Any], seen: set[str]) -> bool:
    """Whether a flat record is the first of its task: the export repeats a task for each of its annotations."""
    if "id" not in value or "annotation_id" not in value:
        return True
    name = json.dumps(value["id"])
    first = name not in seen
    seen.add(name)
    return first


def _flat(value: dict[str, Any]) -> list[object]:
    """The results of a flat record, in the shape that they have in a whole export."""
    results: list[object] = []
    for name, found in value.items():
        if name in _MIN_KEYS or name == ID:
            continue
        for part in found if isinstance(found, list) else [found]:
            kind = next((kind for kind in ("labels", "choices") if isinstance(part, dict) and kind in part), "")
            if isinstance(part, str):
                results.append({"type": "choices", "from_name": name, "value": {"choices": [part]}, "flat": True})
            else:
                results.append({"type": kind or f"the key {name}", "from_name": name, "value": part})
    return results


def _results(value: dict[str, Any], note: Note) -> list[object] | None:
    """The results of the annotation that is used; None when every one was cancelled."""
    found: object = next((value[key] for key in ("annotations", "completions") if key in value), [])
    if not isinstance(found, list) or not all(isinstance(annotation, dict) for annotation in found):
        raise note.wrong("annotations is no list of objects", '[{"result": []}]', _LOOKS)
    for key in ("predictions", "drafts"):
        if value.get(key):
            note.info(key, f"its {key} are ignored; only annotations are read")
    kept = [annotation for annotation in found if not (annotation.get("was_cancelled") or annotation.get("skipped"))]
    if found and len(kept) < len(found):
        left = "" if kept else "; no other is there, so the task is left out"
        note.warning("cancelled", f"{len(found) - len(kept)} of {len(found)} annotations cancelled{left}", "")
    if not kept:
        return None if found else []
    chosen = next((annotation for annotation in kept if annotation.get("ground_truth")), kept[0])
    if len(kept) > 1:
        which = "the ground truth" if chosen.get("ground_truth") else "the first"
        note.warning("several-annotations", f"has {len(kept)} annotations; {which} is used", _AGREE)
    results = chosen.get("result", [])
    if not isinstance(results, list):
        raise note.wrong("the result of an annotation is no list", '[{"type": "labels", "value": {}}]', _LOOKS)
    return results


def sniff(path: Path) -> bool:
    """Whether the file is a task, or a list that begins with one, of either export."""
    if not path.is_file():
        return False
    source = head(path, 1 << 20).lstrip(" \t\r\n")
    start = source[1:].lstrip(" \t\r\n") if source.startswith("[") else source
    try:
        task, _ = _DECODER.raw_decode(start)
    except (ValueError, RecursionError):
        return False
    if not isinstance(task, dict):
        return False
    if isinstance(task.get("data"), dict):
        return start is not source or any(isinstance(task.get(key), list) for key in _LISTS)
    return "annotation_id" in task and _text_key(task) in task


FORMAT = Format(
    "labelstudio", "Label Studio's JSON and JSON-MIN exports", read, write, sniff, False, ".labelstudio.json"
)
