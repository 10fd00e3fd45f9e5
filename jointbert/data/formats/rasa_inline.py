r"""One Rasa example line: text with entities in it, ``fly to [Boston]{"entity": "city", "role": "to"}``.

A backslash before one of ``[ ] ( ) { } \`` makes that character plain text; any other backslash stands for itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from jointbert.data.formats.json_value import decode_at
from jointbert.data.formats.rasa_role import join_role, split_role
from jointbert.data.problem import Problem, Report
from jointbert.errors import DataError
from jointbert.utterance import Span

_ESCAPED = re.compile(r"\\([\[\](){}\\])")
_NEXT = re.compile(r"\\[\[\](){}\\]|\[(?P<value>(?:\\.|[^\[\]\\])+)\](?=[({])")
_SHORT = re.compile(r"\(([^()]*)\)")


def parse(line: str, where: str, report: Report) -> tuple[str, tuple[Span, ...]]:
    """The raw text of an example line and its spans.

    Raises:
        DataError: The braces hold no JSON object with an entity, or an entity has no usable name.

    Example:
        >>> text, spans = parse("fly to [NYC](city:New York)", "nlu.yml:4", print)
        >>> text, spans[0].value, spans[0].canonical
        ('fly to NYC', 'NYC', 'New York')
    """
    text, spans, at = "", [], 0
    while found := _NEXT.search(line, at):
        text += line[at : found.start()]
        if found["value"] is None:
            text, at = text + found.group()[1], found.end()
            continue
        value = _ESCAPED.sub(r"\1", found["value"])
        slot, canonical, at = _annotation(line, found.end(), where, report)
        spans.append(Span(len(text), len(text) + len(value), slot, value, canonical))
        text += value
    return text + line[at:], tuple(spans)


def _annotation(line: str, at: int, where: str, report: Report) -> tuple[str, str | None, int]:
    """The slot, the canonical value or None, and where the text goes on, of the annotation that begins at ``at``."""
    short = _SHORT.match(line, at)
    if short:
        slot, colon, canonical = short[1].partition(":")
        return slot.strip(), canonical if colon else None, short.end()
    try:
        found, end = decode_at(line, at, where)
    except (ValueError, RecursionError):
        found, end = None, at
    if not isinstance(found, dict) or not isinstance(found.get("entity"), str):
        raise DataError(
            where,
            f"{line[at : at + 40]!r} behind a bracket is no annotation",
            '(entity) or {"entity": "name"}',
            "Where the bracket is plain text, put a backslash before it.",
        )
    slot, canonical = _entity(found, where, report)
    return slot, canonical, end


def _entity(found: dict[str, Any], where: str, report: Report) -> tuple[str, str | None]:
    """The slot name (``entity`` or ``entity.role``) and the canonical value of an annotation's object."""
    for key in found.keys() - {"entity", "role", "value"}:
        message = f"the key {key!r} of an entity has no place in a slot and is dropped"
        report(Problem(where, "entity-key", "warning", message, "Where it tells slots apart, use a role."))
    role, value = found.get("role"), found.get("value")
    if not isinstance(role, str | None) or isinstance(value, dict | list):
        raise DataError(where, f"the entity {found} is wrong", "strings for role and value", "Correct it.")
    canonical = value if isinstance(value, str | None) else json.dumps(value)
    return join_role(found["entity"], role), canonical


def render(text: str, spans: Iterable[Span]) -> str | None:
    """The example line that :func:`parse` reads back exactly, or None when there is none.

    Brackets stay as they are where no reader could take them for an annotation, and get a backslash elsewhere.

    Example:
        >>> render("fly to Boston", [Span.of("fly to Boston", "city", 7, 13)])
        'fly to [Boston](city)'
    """
    spans = tuple(spans)
    wanted = text, [(span.start, span.end, span.slot, span.canonical) for span in spans]
    for escape in (False, True):
        line = _line(text, spans, escape)
        try:
            found, back = parse(line, "", lambda problem: None)
        except DataError:
            continue
        if (found, [(span.start, span.end, span.slot, span.canonical) for span in back]) == wanted:
            return line
    return None


def _line(text: str, spans: Iterable[Span], escape: bool) -> str:
    line, end = "", 0
    for span in spans:
        line += _plain(text[end : span.start], escape) + f"[{_plain(span.value, escape)}]{_mark(span)}"
        end = span.end
    return line + _plain(text[end:], escape)


def _plain(text: str, escape: bool) -> str:
    return re.sub(r"([\[\]\\])", r"\\\1", text) if escape else text


def _mark(span: Span) -> str:
    """The annotation behind the brackets."""
    entity, role = split_role(span.slot)
    if not role and span.canonical is None and not re.search(r"[():]", entity):
        return f"({entity})"
    mark = {"entity": entity} | ({"role": role} if role else {})
    mark |= {} if span.canonical is None else {"value": span.canonical}
    return json.dumps(mark, ensure_ascii=False)
