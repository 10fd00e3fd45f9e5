"""Writes tasks for Label Studio; what it carries is told in :mod:`jointbert.data.formats.labelstudio`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from jointbert.data.formats.format import warn_left_out
from jointbert.data.formats.jsonl import dumps
from jointbert.utterance import Utterance

ID = "utterance_id"
"""The key of an utterance's id in a task's data, for Label Studio gives tasks numbers of its own."""


def write(path: Path, utterances: Iterable[Utterance]) -> None:
    """Write a list of tasks, one a line, that Label Studio imports with their annotations.

    Raises:
        DataError: A string holds two surrogates that JSON would read as one character.
    """
    kept = list(utterances)
    lines = [dumps(utterance, to_task(utterance), "labelstudio") for utterance in kept]
    warn_left_out("labelstudio", kept, ids=True, canonical=False, tokens=False)
    path.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8", newline="\n")


def to_task(utterance: Utterance) -> dict[str, Any]:
    """The task of an utterance: no annotation when it has no label.

    Example:
        >>> to_task(Utterance("hi"))
        {'data': {'text': 'hi'}, 'annotations': []}
    """
    data = {"text": utterance.text} | ({} if utterance.id is None else {ID: utterance.id})
    result: list[dict[str, Any]] = []
    if utterance.intent is not None:
        result.append(_result("choices", "intent", {"choices": [utterance.intent]}))
    for span in utterance.spans:
        value = {"start": span.start, "end": span.end, "text": span.value, "labels": [span.slot]}
        result.append({"id": f"r{len(result)}"} | _result("labels", "label", value))
    return {"data": data, "annotations": [{"result": result}] if result else []}


def _result(kind: str, control: str, value: dict[str, Any]) -> dict[str, Any]:
    return {"from_name": control, "to_name": "text", "type": kind, "value": value}
