"""The JSON of the original SNIPS benchmark: intents, each with utterances cut into pieces of text and entity."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from jointbert.data.formats.cursor import Cursor
from jointbert.data.formats.format import Format, cannot_carry, warn_left_out
from jointbert.data.formats.jsonl import dumps
from jointbert.data.formats.lines import head
from jointbert.data.problem import Problem, Report
from jointbert.errors import DataError
from jointbert.utterance import Span, Utterance

_SHAPE = re.compile(r'\s*\{\s*("(?:[^"\\]|\\.)*"\s*:\s*\[\s*(\{\s*"data"|\])|\}\s*$)')
_LOOKS = 'The shape is {"Intent": [{"data": [{"text": "..."}]}]}.'


def read(path: Path, report: Report) -> Iterator[Utterance]:
    """The utterances of a file, or of every such file in a folder.

    A file that is not UTF-8 is read as Latin-1, and blanks at an entity's edge are left out of its span; both are
    warnings.
    """
    files = sorted(child for child in path.glob("*.json") if sniff(child)) if path.is_dir() else [path]
    for file in files:
        try:
            for where, intent, value in _entries(_decode(file, report), file):
                yield from _utterance(value, intent, where, report)
        except DataError as error:
            report(Problem.from_error(error, "snips", error.where))


def _decode(path: Path, report: Report) -> str:
    raw = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        where = f"{path}:{raw.count(10, 0, error.start) + 1}"
        message = f"byte 0x{raw[error.start]:02x} is not UTF-8; the whole file is read as Latin-1"
        report(Problem(where, "not-utf-8", "warning", message, "Look at the accents, and convert the file to UTF-8."))
        return raw.decode("latin-1")


def _entries(source: str, path: Path) -> Iterator[tuple[str, str, object]]:
    """The (file:line, intent, decoded JSON) of each utterance; the outer two levels are walked to know the lines."""
    cursor = Cursor(source, path, _LOOKS)
    cursor.expect("{")
    while not cursor.skip("}"):
        intent = cursor.value()
        if not isinstance(intent, str):
            cursor.fail("the name of an intent")
        cursor.expect(":")
        cursor.expect("[")
        while not cursor.skip("]"):
            where = cursor.where()
            yield where, intent, cursor.value()
            if not cursor.skip(","):
                cursor.expect("]")
                break
        if not cursor.skip(","):
            cursor.expect("}")
            break
    cursor.end()


def _utterance(value: object, intent: str, where: str, report: Report) -> Iterator[Utterance]:
    """The utterance of one entry, or nothing after a problem was reported."""
    text, spans = "", []
    try:
        for piece, slot in _pieces(value, where):
            if slot is not None:
                start, end = _trim(piece, slot, where, report)
                if start < end:
                    spans.append(Span(len(text) + start, len(text) + end, slot, piece[start:end]))
            text += piece
        utterance = Utterance(text, intent, tuple(spans), None, None, where)
    except DataError as error:
        report(Problem.from_error(error, "snips", where))
    else:
        yield utterance


def _pieces(value: object, where: str) -> Iterator[tuple[str, str | None]]:
    """The (text, entity or None) pieces of an entry."""
    data = value.get("data") if isinstance(value, dict) else None
    if not isinstance(data, list):
        raise DataError(where, "the utterance has no list of pieces", '{"data": [{"text": "..."}]}', "Correct it.")
    for piece in data:
        known = isinstance(piece, dict) and piece.keys() <= {"text", "entity"}
        if not known or not isinstance(piece.get("text"), str) or not isinstance(piece.get("entity", ""), str):
            shown = json.dumps(piece)[:60]
            raise DataError(where, f"the piece {shown} is wrong", 'a "text" and perhaps an "entity"', "Correct it.")
        yield piece["text"], piece.get("entity")


def _trim(piece: str, slot: str, where: str, report: Report) -> tuple[int, int]:
    """Where an entity's text begins and ends without its outer blanks, which are reported."""
    start, end = len(piece) - len(piece.lstrip()), len(piece.rstrip())
    if start >= end:
        message = f"the entity {slot!r} has the blank text {piece!r}; its span is left out"
        report(Problem(where, "blank-entity", "warning", message, "Remove the entity."))
    elif (start, end) != (0, len(piece)):
        message = f"the entity {slot!r} {piece!r} has outer blanks; its span is trimmed"
        report(Problem(where, "outer-blanks", "warning", message, "Move the blanks into the text beside it."))
    return start, end


def write(path: Path, utterances: Iterable[Utterance]) -> None:
    """Write one file; utterances are grouped by intent, in the order in which the intents first appear.

    Raises:
        DataError: An utterance has no intent, or a span has outer blanks.
    """
    kept = list(utterances)
    intents: dict[str, list[str]] = {}
    for utterance in kept:
        if utterance.intent is None:
            raise cannot_carry("snips", utterance, f"{utterance.text!r} has no intent", "Name it, or write jsonl.")
        intents.setdefault(utterance.intent, []).append(_entry(utterance))
    warn_left_out("snips", kept, ids=False, canonical=False, tokens=False)
    groups = [f"  {_name(name)}: [\n    " + ",\n    ".join(entries) + "\n  ]" for name, entries in intents.items()]
    path.write_text("{\n" + ",\n".join(groups) + "\n}\n", encoding="utf-8", newline="\n")


def _name(intent: str) -> str:
    return dumps(Utterance("", intent), intent, "snips")


def _entry(utterance: Utterance) -> str:
    """The JSON of one utterance, on one line."""
    pieces: list[dict[str, str]] = []
    end = 0
    for span in utterance.spans:
        if span.value != span.value.strip():
            raise cannot_carry(
                "snips", utterance, f"the span {span.value!r} ({span.slot}) has outer blanks", "Trim it."
            )
        pieces += [{"text": utterance.text[end : span.start]}, {"text": span.value, "entity": span.slot}]
        end = span.end
    pieces.append({"text": utterance.text[end:]})
    return dumps(utterance, {"data": [piece for piece in pieces if piece["text"]]}, "snips")


def sniff(path: Path) -> bool:
    """Whether the path is a JSON object of intents with lists of ``data``, or a folder that holds such files."""
    if path.is_dir():
        return any(sniff(child) for child in path.glob("*.json"))
    return path.is_file() and _SHAPE.match(head(path)) is not None


FORMAT = Format("snips", "the original SNIPS JSON, or a folder of such files", read, write, sniff, False, ".json")
