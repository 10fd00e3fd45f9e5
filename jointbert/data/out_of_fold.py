"""Out-of-fold parses: what a model made of an utterance that it was not trained on, as JSON Lines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from jointbert.data.formats.jsonl import dumps, from_object, to_object
from jointbert.errors import DataError
from jointbert.utterance import Parse, Span, Utterance

_GOLD = ("text", "intent", "slots", "id", "tokens")


class OutOfFold(NamedTuple):
    """One utterance and its parse by the model of the fold that held it out.

    Args:
        gold: What the data says.
        parse: What a model says that was trained without this utterance.
        fold: The number of the fold, from 1.
    """

    gold: Utterance
    parse: Parse
    fold: int


def to_line(item: OutOfFold) -> str:
    """The JSON line of an out-of-fold parse: the utterance as in ``jsonl``, ``where``, ``fold`` and ``parse``.

    Raises:
        DataError: A string holds two surrogates that JSON would read as one character.

    Example:
        >>> to_line(OutOfFold(Utterance("hi", "greet"), Parse("hi"), 1))[:71]
        '{"text": "hi", "intent": "greet", "slots": [], "id": null, "where": nul'
    """
    value = {"text": "", "intent": None, "slots": [], "id": None} | to_object(item.gold)
    value |= {"where": item.gold.where, "fold": item.fold, "parse": item.parse.to_dict()}
    return dumps(item.gold, value) + "\n"


def read_out_of_fold(path: Path) -> Iterator[OutOfFold]:
    """The out-of-fold parses of a file, in its order. A last line that was cut off by a kill is left out.

    Raises:
        DataError: Another line is broken.
    """
    with path.open(encoding="utf-8", errors="replace", newline="\n") as file:
        for number, line in enumerate(file, start=1):
            if not line.endswith("\n"):
                return
            yield _item(line, f"{path}:{number}")


def _item(line: str, where: str) -> OutOfFold:
    try:
        value = json.loads(line)
        gold = from_object({key: value[key] for key in _GOLD if key in value}, value["where"] or where)
        return OutOfFold(gold, _parse(value["parse"]), value["fold"])
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError) as error:
        what = f"is no out-of-fold parse ({error})"
        raise DataError(where, what, "a line that jointbert cv wrote", "Run it again in another folder.") from None


def _parse(value: dict[str, Any]) -> Parse:
    """The parse that :meth:`Parse.to_dict` gave."""
    intent = value["intent"] or {"name": None, "confidence": None}
    ranking = tuple((choice["name"], choice["confidence"]) for choice in value["intent_ranking"])
    spans = tuple(
        Span(slot["start"], slot["end"], slot["slot"], slot["value"], None, slot["confidence"])
        for slot in value["slots"]
    )
    known = (value["truncated_at"], *(value.get(key) for key in ("frame_confidence", "in_scope", "scope_score")))
    return Parse(value["text"], intent["name"], intent["confidence"], ranking, spans, *known)
