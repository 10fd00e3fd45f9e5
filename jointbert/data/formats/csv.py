"""CSV or TSV with a header of text and intent (and id); it has no slots."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Literal

from jointbert.data.formats.format import Format, cannot_carry, check_encodable, warn_left_out
from jointbert.data.formats.lines import head, numbered_lines
from jointbert.data.problem import Problem, Report
from jointbert.errors import DataError
from jointbert.utterance import Utterance

_COLUMNS = ("text", "intent", "id")


def read(path: Path, report: Report) -> Iterator[Utterance]:
    """The utterances of a file with a header; blanks around an intent or an id are dropped, and an empty one is none.

    Reading stops at a line that is not UTF-8 or breaks the quoting, for what follows cannot be trusted.
    """
    first = next(iter(numbered_lines(path)), (1, ""))[1]
    if isinstance(first, Problem):
        report(first)
        return
    header, delimiter = _header(first)
    message = _header_problem(header)
    if message:
        expected = "; expected text and, if there are any, intent and id, parted by commas or tabs"
        report(Problem(f"{path}:1", "header", "error", message + expected, "Write the header text,intent."))
        return
    rows = csv.reader(_decoded(path), delimiter=delimiter, strict=True)
    before = 0
    try:
        for row in rows:
            where, is_header = f"{path}:{before + 1}", before == 0
            before = rows.line_num
            if row and not is_header:
                yield from _utterance(header, row, where, report)
    except DataError as error:
        report(Problem.from_error(error, "not-utf-8", error.where))
    except csv.Error as error:
        message = f"the row is broken ({error}); expected fields quoted as in RFC 4180"
        report(Problem(f"{path}:{before + 1}", "csv", "error", message, 'Double each quote inside a field: "".'))


def _header(first: str) -> tuple[list[str], str]:
    """The column names, in lower case, and the delimiter that the first line shows."""
    delimiter = "\t" if "\t" in first else ","
    return [name.strip().strip('"').lower() for name in first.split(delimiter)], delimiter


def _header_problem(header: list[str]) -> str:
    if "text" not in header:
        return f"the header {header} has no column text"
    unknown = [name for name in header if name not in _COLUMNS]
    if unknown:
        return f"the header has the unknown column {unknown[0]!r}"
    return "the header names a column twice" if len(set(header)) < len(header) else ""


def _decoded(path: Path) -> Iterator[str]:
    for _, line in numbered_lines(path, keep_ends=True):
        if isinstance(line, Problem):
            raise line.to_error()
        yield line


def _utterance(header: list[str], row: list[str], where: str, report: Report) -> Iterator[Utterance]:
    """The utterance of one row, or nothing after a problem was reported."""
    if len(row) != len(header):
        message = f"{len(row)} fields for {len(header)} columns; expected one field per column"
        report(Problem(where, "fields", "error", message, "Put a text that holds the delimiter in double quotes."))
        return
    fields = dict(zip(header, row, strict=True))
    try:
        utterance = Utterance(fields["text"], _name(fields, "intent"), (), _name(fields, "id"), None, where)
    except DataError as error:
        report(Problem.from_error(error, "csv", where))
    else:
        yield utterance


def _name(fields: Mapping[str, str], column: str) -> str | None:
    """What a column of names says, without the blanks that many people write after a comma; None where it is blank."""
    return fields.get(column, "").strip() or None


def write(path: Path, utterances: Iterable[Utterance]) -> None:
    """Write a header and a row for each utterance; a path that ends in .tsv gets tabs.

    Raises:
        DataError: An utterance has spans, its id is empty, its intent or id has outer blanks, or a field is longer than
            CSV readers take.
    """
    kept = list(utterances)
    for utterance in kept:
        _check(utterance)
    warn_left_out("csv", kept, ids=True, canonical=True, tokens=False)
    columns = _COLUMNS if any(utterance.id is not None for utterance in kept) else _COLUMNS[:2]
    rows = [[getattr(utterance, column) or "" for column in columns] for utterance in kept]
    # Python's writer leaves a lone carriage return unquoted, which its reader takes for the end of the row.
    quoting: Literal[0, 1] = csv.QUOTE_ALL if any("\r" in field for row in rows for field in row) else csv.QUOTE_MINIMAL
    delimiter = "\t" if path.suffix.lower() == ".tsv" else ","
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator="\n", quoting=quoting)
        writer.writerows([columns, *rows])


def _check(utterance: Utterance) -> None:
    check_encodable("csv", utterance)
    if utterance.spans:
        raise cannot_carry("csv", utterance, f"{utterance.text!r} has slots")
    for what, value in (("intent", utterance.intent), ("id", utterance.id)):
        if value is not None and (not value or value != value.strip()):
            raise cannot_carry("csv", utterance, f"the {what} {value!r} is empty or has outer blanks")
    if len(utterance.text) >= csv.field_size_limit():
        raise cannot_carry("csv", utterance, f"the text has {len(utterance.text)} characters")


def sniff(path: Path) -> bool:
    """Whether the first line is a header that names text and nothing unknown."""
    return path.is_file() and not _header_problem(_header(head(path).split("\n", 1)[0])[0])


FORMAT = Format(
    "csv", "a header and a text and an intent a row (commas, or tabs); no slots", read, write, sniff, False, ".csv"
)
