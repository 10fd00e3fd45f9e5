"""JSON Lines, the canonical format: an object a line, and everything an Utterance holds survives."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NoReturn

from jointbert.data.formats.format import Format, cannot_carry
from jointbert.data.formats.json_value import decode, short
from jointbert.data.formats.lines import head, numbered_lines
from jointbert.data.formats.tokens import locate
from jointbert.data.problem import Problem, Report
from jointbert.errors import DataError
from jointbert.utterance import Span, Token, Utterance

_KEYS = frozenset({"text", "intent", "slots", "id", "tokens"})
_OTHERS = frozenset({"cats", "label", "labels", "entities", "annotations", "annotation_id"})
_SLOT_KEYS = frozenset({"slot", "start", "end", "value", "canonical", "confidence"})
_NEEDS_ESCAPE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_SURROGATE_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")


def read(path: Path, report: Report) -> Iterator[Utterance]:
    """The utterances of a JSON Lines file; blank lines are skipped."""
    for number, line in numbered_lines(path):
        where = f"{path}:{number}"
        if isinstance(line, Problem):
            report(line)
        elif line.strip():
            try:
                utterance = from_object(_parse(line, where), where)
            except DataError as error:
                report(Problem.from_error(error, "jsonl", where))
            else:
                yield utterance


def _parse(line: str, where: str) -> object:
    try:
        return decode(line, where)
    except (ValueError, RecursionError) as error:
        raise DataError(
            where, f"is not JSON ({error})", "one JSON object a line", 'Write e.g. {"text": "hi", "intent": "greet"}.'
        ) from None


def from_object(value: object, where: str) -> Utterance:
    """The utterance that one decoded JSON object describes.

    Raises:
        DataError: A key is missing or unknown, a value has the wrong type, or a slot does not fit the text.

    Example:
        >>> from_object({"text": "hi", "intent": "greet"}, "a.jsonl:1").intent
        'greet'
    """
    if not isinstance(value, dict):
        _wrong(where, f"{short(value)} is no object", 'an object such as {"text": "hi", "intent": "greet"}')
    _check_keys(value, _KEYS, "text", where)
    text = _string(value, "text", where)
    slots = value.get("slots", [])
    if not isinstance(slots, list):
        _wrong(where, f'"slots" is {short(slots)}', "a list of objects with slot, start and end")
    spans = [_span(text, slot, where) for slot in slots] if slots else []
    return Utterance(
        text,
        _optional_string(value, "intent", where),
        tuple(sorted(spans)),
        _optional_string(value, "id", where),
        _tokens(text, value.get("tokens"), where),
        where,
    )


def _span(text: str, slot: object, where: str) -> Span:
    if not isinstance(slot, dict):
        _wrong(
            where, f"the slot {short(slot)} is no object", 'an object such as {"slot": "city", "start": 7, "end": 13}'
        )
    _check_keys(slot, _SLOT_KEYS, "slot", where)
    name = _string(slot, "slot", where)
    start, end = (_integer(slot, key, where) for key in ("start", "end"))
    confidence = slot.get("confidence")
    if confidence is not None and (isinstance(confidence, bool) or not isinstance(confidence, (int, float))):
        _wrong(where, f'"confidence" is {short(confidence)}', "a number from 0 to 1")
    canonical = _optional_string(slot, "canonical", where)
    span = Span.of(text, name, start, end, canonical=canonical, confidence=confidence, where=where)
    if slot.get("value", span.value) != span.value:
        _wrong(where, f"slot {name!r} says {short(slot['value'])} but the text there is {span.value!r}", "the same")
    return span


def _tokens(text: str, value: object, where: str) -> tuple[Token, ...] | None:
    """Token offsets from a list of [start, end] pairs, or from a list of the tokens themselves."""
    if value is None:
        return None
    if not isinstance(value, list):
        _wrong(where, f'"tokens" is {short(value)}', "a list of [start, end] pairs or of strings")
    if value and all(isinstance(token, str) for token in value):
        return locate(text, value, where)
    for token in value:
        if not (isinstance(token, list) and len(token) == 2 and all(type(offset) is int for offset in token)):
            _wrong(
                where, f"the token {short(token)} is no pair of offsets", "a list of [start, end] pairs or of strings"
            )
    return tuple((start, end) for start, end in value)


def _check_keys(value: dict[str, Any], known: frozenset[str], needed: str, where: str) -> None:
    if needed not in value:
        _wrong(where, f'the key "{needed}" is missing in {short(value)}', f"the keys {', '.join(sorted(known))}")
    if not value.keys() <= known:
        unknown = ", ".join(repr(key) for key in value if key not in known)
        _wrong(where, f"unknown key {unknown}", f"only {', '.join(sorted(known))}")


def _string(value: dict[str, Any], key: str, where: str) -> str:
    found = value[key]
    if not isinstance(found, str):
        _wrong(where, f'"{key}" is {short(found)}', "a string")
    return str(found)


def _optional_string(value: dict[str, Any], key: str, where: str) -> str | None:
    return None if value.get(key) is None else _string(value, key, where)


def _integer(value: dict[str, Any], key: str, where: str) -> int:
    found = value.get(key)
    if type(found) is not int:
        _wrong(where, f'"{key}" is {short(found)}', "a character offset (an integer)")
    return found


def _wrong(where: str, what: str, expected: str) -> NoReturn:
    raise DataError(where, what, expected, "Correct the line; docs/formats.md shows the shape.")


def to_object(utterance: Utterance) -> dict[str, Any]:
    """The JSON-ready object of an utterance; optional keys only where they are set.

    Example:
        >>> to_object(Utterance("hi", "greet"))
        {'text': 'hi', 'intent': 'greet', 'slots': []}
    """
    slots = []
    for span in utterance.spans:
        slot: dict[str, Any] = {"slot": span.slot, "start": span.start, "end": span.end}
        slot |= {} if span.canonical is None else {"canonical": span.canonical}
        slot |= {} if span.confidence is None else {"confidence": span.confidence}
        slots.append(slot)
    value: dict[str, Any] = {"text": utterance.text, "intent": utterance.intent, "slots": slots}
    value |= {} if utterance.id is None else {"id": utterance.id}
    return value | ({} if utterance.tokens is None else {"tokens": [list(token) for token in utterance.tokens]})


def dumps(utterance: Utterance, value: object, name: str = "jsonl") -> str:
    """JSON text of ``value``, readable UTF-8 where that is safe and ASCII escapes where it is not.

    Raises:
        DataError: A string holds a high and a low surrogate side by side, which JSON reads as one character.
    """
    line = json.dumps(value, ensure_ascii=False)
    if not _NEEDS_ESCAPE.search(line):
        return line
    if _SURROGATE_PAIR.search(line):
        raise cannot_carry(name, utterance, "two surrogates side by side", "Decode the text as UTF-16 first.")
    return json.dumps(value, ensure_ascii=True)


def write(path: Path, utterances: Iterable[Utterance]) -> None:
    """Write one JSON object a line.

    Raises:
        DataError: A string holds two surrogates that JSON would read as one character.
    """
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for utterance in utterances:
            file.write(dumps(utterance, to_object(utterance)) + "\n")


def first_object(path: Path) -> dict[str, Any] | None:
    """The JSON object on the first line that is not blank, or None where there is none."""
    if not path.is_file():
        return None
    first = head(path, 65536).lstrip().split("\n", 1)[0]
    try:
        value = json.loads(first)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def sniff(path: Path) -> bool:
    """Whether the first line that is not blank is an object with a text, and without the keys of other formats."""
    value = first_object(path)
    return value is not None and "text" in value and not value.keys() & _OTHERS


FORMAT = Format("jsonl", "JSON Lines, the canonical format; carries everything", read, write, sniff, False, ".jsonl")
