"""The results of one Label Studio annotation as an intent and spans."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jointbert.data.formats.utf16 import from_units
from jointbert.data.problem import Problem, Report
from jointbert.errors import DataError
from jointbert.utterance import Span

_INTENT = "intent"


class Note:
    """Reports what is wrong with one task, with its file, line and number.

    Args:
        where: ``file:line`` of the task.
        number: Its number in the file, from 1.
        report: Gets the problems.
    """

    def __init__(self, where: str, number: int, report: Report) -> None:
        self.where = where
        self._number = number
        self._report = report

    def warning(self, rule: str, message: str, suggestion: str) -> None:
        """Something was left out or repaired."""
        self._report(Problem(self.where, rule, "warning", f"task {self._number}: {message}", suggestion))

    def info(self, rule: str, message: str) -> None:
        """Something that is worth knowing."""
        self._report(Problem(self.where, rule, "info", f"task {self._number}: {message}", ""))

    def error(self, error: DataError) -> None:
        """The task cannot be used."""
        problem = Problem.from_error(error, "labelstudio", self.where)
        message = f"task {self._number}: {problem.message}"
        self._report(Problem(self.where, problem.rule, "error", message, problem.suggestion))

    def wrong(self, what: str, expected: str, next_step: str = "Correct the task, or export it again.") -> DataError:
        """The error of this task, to be raised."""
        return DataError(self.where, what, expected, next_step)


def frame(text: str, results: Sequence[object], note: Note) -> tuple[str | None, tuple[Span, ...]]:
    """The intent and the spans of an annotation's results.

    Args:
        text: The task's text.
        results: Its ``result`` list.
        note: Gets what an utterance has no place for.

    Raises:
        DataError: A result has a wrong shape, its offsets do not fit the text, or the intent cannot be told.
    """
    choices: dict[str, list[dict[str, Any]]] = {}
    spans = []
    for result in results:
        value = result.get("value") if isinstance(result, dict) else None
        kind = result.get("type") if isinstance(result, dict) else None
        if kind == "labels" and isinstance(value, dict):
            spans += _spans(text, value, note)
        elif kind == "choices" and isinstance(value, dict) and "start" not in value and isinstance(result, dict):
            choices.setdefault(str(result.get("from_name")), []).append(result)
        else:
            of = "choices of a region" if kind == "choices" else str(kind)
            note.warning("other-result", f"a result of the type {of!r} has no place in an utterance", "")
    return _intent(choices, note), tuple(sorted(spans))


def _intent(choices: dict[str, list[dict[str, Any]]], note: Note) -> str | None:
    """The choice of the control that is called intent, or of the only one there is."""
    if not choices:
        return None
    if _INTENT not in choices and len(choices) > 1:
        names = ", ".join(map(repr, choices))
        raise note.wrong(
            f"there are choices of {names}", "one, or one called 'intent'", "Rename the control to intent."
        )
    name = _INTENT if _INTENT in choices else next(iter(choices))
    for other in sorted(choices.keys() - {name}):
        note.warning("other-choice", f"the choice {other!r} beside {name!r} has no place in an utterance", "")
    if name != _INTENT and any(result.get("flat") for result in choices[name]):
        message = f"the intent is read from the key {name!r}"
        note.warning("intent-key", message, "Where that is no choice, export as JSON, which tells data from choices.")
    found = [choice for result in choices[name] for choice in _strings(result["value"], "choices", note)]
    if len(found) > 1:
        rest = ", ".join(map(repr, found[1:]))
        note.warning(
            "several-intents", f"has the intents {found[0]!r} and {rest}; only the first is kept", "Choose one."
        )
    return found[0] if found else None


def _strings(value: dict[str, Any], key: str, note: Note) -> list[str]:
    found = value.get(key, [])
    if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
        raise note.wrong(f"{key} is {found!r}"[:80], "a list of strings")
    return found


def _spans(text: str, value: dict[str, Any], note: Note) -> list[Span]:
    """The span of a labelled region; none where it has no label."""
    labels = _strings(value, "labels", note)
    start, end = value.get("start"), value.get("end")
    if type(start) is not int or type(end) is not int:
        raise note.wrong(
            f"a region has the offsets {start!r}, {end!r}"[:80], "two numbers", "Use a Text tag, not HTML."
        )
    said = value.get("text")
    if not isinstance(said, str | None):
        raise note.wrong(f"the text of a region is {said!r}"[:80], "a string")
    if not labels:
        note.warning("no-label", f"the region {said!r} [{start}:{end}] has no label and is left out", "Label it.")
        return []
    if len(labels) > 1:
        rest = ", ".join(map(repr, labels[1:]))
        message = f"the region {said!r} has the labels {labels[0]!r} and {rest}; only the first is kept"
        note.warning("several-labels", message, "A character has one slot at most; choose one.")
    start, end = _place(text, start, end, said, note)
    return [Span.of(text, labels[0], start, end, where=note.where)]


def _place(text: str, start: int, end: int, said: str | None, note: Note) -> tuple[int, int]:
    """A region's character offsets: Label Studio counted UTF-16 units before it counted characters."""
    first, last = from_units(text, start), from_units(text, end)
    if said is None:
        if (first, last) != (start, end) and 0 <= start < end <= len(text):
            message = f"[{start}:{end}] is read as characters; the region has no text that could tell them from UTF-16"
            note.warning("unchecked-offsets", message, 'Set saveTextResult="yes" on the Text tag and export again.')
        return start, end
    if _same(text[start:end], said):
        return start, end
    if first is not None and last is not None and _same(text[first:last], said):
        message = f"{said!r} [{start}:{end}] counts UTF-16 units; it is read as the characters [{first}:{last}]"
        note.warning("utf-16-offsets", message, "")
        return first, last
    found = text[start:end] if 0 <= start <= end else ""
    what = f"the region at [{start}:{end}] says {said!r} but the text there is {found!r}"
    raise note.wrong(what, "the same, counted in characters or in UTF-16 units", "Label the task anew.")


def _same(found: str, said: str) -> bool:
    """Whether a region's text is what stands there; Label Studio writes a line break as a backslash and an n."""
    return found == said or found.replace("\r\n", "\n") == said.replace("\\n", "\n")
