"""doccano's JSON Lines: an object a line with the text, its categories and its entities."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from jointbert.data.formats.format import Format, warn_left_out
from jointbert.data.formats.json_value import decode
from jointbert.data.formats.jsonl import dumps, first_object
from jointbert.data.formats.lines import numbered_lines
from jointbert.data.formats.utf16 import from_units, to_units
from jointbert.data.problem import Problem, Report
from jointbert.errors import DataError
from jointbert.utterance import Span, Utterance

_KEYS = frozenset({"text", "id", "cats", "label", "labels", "entities"})
_LOOKS = 'The shape is {"text": "hi Ann", "cats": ["greet"], "entities": [[3, 6, "name"]]}.'


def read(path: Path, report: Report) -> Iterator[Utterance]:
    """The utterances of an export; blank lines are skipped.

    Entities are looked for under ``entities``, ``label`` and ``labels``, as triples or as objects; plain strings there
    are categories, and so is what stands under ``cats``. Offsets count UTF-16 units, as doccano's own page does.
    """
    for number, line in numbered_lines(path):
        where = f"{path}:{number}"
        if isinstance(line, Problem):
            report(line)
        elif line.strip():
            try:
                utterance = _utterance(_parse(line, where), where, report)
            except DataError as error:
                report(Problem.from_error(error, "doccano", where))
            else:
                yield utterance


def _parse(line: str, where: str) -> dict[str, Any]:
    try:
        value = decode(line, where)
    except (ValueError, RecursionError) as error:
        raise _wrong(where, f"is not JSON ({error})", "one JSON object a line") from None
    if not isinstance(value, dict) or not isinstance(value.get("text"), str):
        raise _wrong(where, f"{json.dumps(value)[:60]} has no text", "an object with a text")
    if value.get("annotations"):
        hint = "Export again as JSONL with text labels."
        raise DataError(where, "annotations names its labels by number", "names", hint)
    return value


def _utterance(value: dict[str, Any], where: str, report: Report) -> Utterance:
    text: str = value["text"]
    categories, spans = [], []
    for key in ("cats", "label", "labels", "entities"):
        found = value.get(key)
        if not isinstance(found, list | None):
            raise _wrong(where, f"{key} is {json.dumps(found)[:60]}", "a list")
        for item in found or ():
            if isinstance(item, str) and key != "entities":
                categories.append(item)
            elif key != "cats":
                spans.append(_span(text, item, where, report))
            else:
                raise _wrong(where, f"the category {json.dumps(item)[:60]} is wrong", "a string")
    _report_rest(value, categories, spans, where, report)
    name = value.get("id")
    known = isinstance(name, str | int) and not isinstance(name, bool)
    intent = categories[0] if categories else None
    return Utterance(text, intent, tuple(sorted(set(spans))), str(name) if known else None, None, where)


def _report_rest(value: dict[str, Any], categories: list[str], spans: list[Span], where: str, report: Report) -> None:
    """Say what has no place in an utterance."""
    if len(categories) > 1:
        rest = ", ".join(map(repr, categories[1:]))
        message = f"has the intents {categories[0]!r} and {rest}; only the first is kept"
        report(Problem(where, "several-intents", "warning", message, "Choose one."))
    for span in sorted({span for span in spans if spans.count(span) > 1}):
        message = f"the slot {span.slot!r} {span.value!r} is there more than once"
        report(Problem(where, "double-slot", "warning", message, "Two annotators may have marked it."))
    if value.get("relations"):
        message = "its relations have no place in an utterance and are left out"
        report(Problem(where, "relations", "warning", message, ""))
    for key in sorted(value.keys() - _KEYS - {"relations", "annotations"}):
        if value[key] not in (None, [], ""):
            report(Problem(where, "other-key", "info", f"the key {key!r} was skipped", ""))


def _span(text: str, item: object, where: str, report: Report) -> Span:
    """The span of a ``[start, end, slot]`` triple, or of an object with a label and two offsets."""
    if isinstance(item, dict):
        item = [item.get("start_offset"), item.get("end_offset"), item.get("label")]
    if not isinstance(item, list) or len(item) != 3 or not isinstance(item[2], str):
        raise _wrong(where, f"the entity {json.dumps(item)[:60]} is wrong", "[start, end, slot]")
    start, end, slot = item
    if type(start) is not int or type(end) is not int:
        raise _wrong(where, f"the entity {slot!r} has the offsets {start!r}, {end!r}"[:80], "two numbers")
    return Span.of(text, slot, *_place(text, start, end, slot, where, report), where=where)


def _place(text: str, start: int, end: int, slot: str, where: str, report: Report) -> tuple[int, int]:
    """The character offsets of an entity. Nothing in the file tells what was counted, so a doubt is reported."""
    first, last = from_units(text, start), from_units(text, end)
    if (first, last) == (start, end):
        return start, end
    if first is None or last is None:
        if 0 <= start < end <= len(text):
            message = f"the offsets of {slot!r} [{start}:{end}] fit no UTF-16 units; they are read as characters"
            report(Problem(where, "offsets", "warning", f"{message}: {text[start:end]!r}", "Look at the span."))
        return start, end
    message = f"the offsets of {slot!r} [{start}:{end}] are read as UTF-16 units: {text[first:last]!r}"
    suggestion = f"If characters were meant, it is {text[start:end]!r}: write the data as jsonl."
    report(Problem(where, "utf-16-offsets", "warning", message, suggestion))
    return first, last


def _wrong(where: str, what: str, expected: str) -> DataError:
    return DataError(where, what, expected, _LOOKS)


def write(path: Path, utterances: Iterable[Utterance]) -> None:
    """Write one object a line, as a project for intents and slots imports it.

    Raises:
        DataError: A string holds two surrogates that JSON would read as one character.
    """
    kept = list(utterances)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for utterance in kept:
            file.write(dumps(utterance, to_object(utterance), "doccano") + "\n")
    warn_left_out("doccano", kept, ids=True, canonical=False, tokens=False)


def to_object(utterance: Utterance) -> dict[str, Any]:
    """The JSON-ready object of an utterance.

    Example:
        >>> to_object(Utterance("hi Ann", "greet", (Span.of("hi Ann", "name", 3, 6),)))
        {'text': 'hi Ann', 'cats': ['greet'], 'entities': [[3, 6, 'name']]}
    """
    text = utterance.text
    entities = [[to_units(text, span.start), to_units(text, span.end), span.slot] for span in utterance.spans]
    name = {} if utterance.id is None else {"id": utterance.id}
    return name | {
        "text": text,
        "cats": [utterance.intent] if utterance.intent is not None else [],
        "entities": entities,
    }


def sniff(path: Path) -> bool:
    """Whether the first line that is not blank is an object with a text and a list of labels of any spelling."""
    value = first_object(path) or {}
    keys = ("cats", "label", "labels", "entities", "annotations")
    return "text" in value and any(isinstance(value.get(key), list) for key in keys)


FORMAT = Format("doccano", "doccano's JSON Lines of intents and slots", read, write, sniff, False, ".doccano.jsonl")
