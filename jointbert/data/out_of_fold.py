"""Out-of-fold parses: what a model made of an utterance that it was not trained on, as JSON Lines."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from jointbert.data.formats.json_value import decode
from jointbert.data.formats.jsonl import dumps, from_object, to_object
from jointbert.errors import DataError
from jointbert.utterance import Parse, Utterance

_GOLD = ("text", "intent", "slots", "id", "tokens")
_NEEDED = ("where", "fold", "parse")
_MOST_SHOWN = 200


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


def from_line(line: str, where: str) -> OutOfFold:
    """The out-of-fold parse that :func:`to_line` wrote; an utterance without a place is given that of the line.

    Args:
        line: The line.
        where: Its place, ``file:line``.

    Raises:
        DataError: It is anything else, or a value in it cannot be.

    Example:
        >>> from_line('{"text": "hi", "fold": 1}', "a.jsonl:3")
        Traceback (most recent call last):
        jointbert.errors.DataError: a.jsonl:3: is no out-of-fold parse (the key "where" is missing); expected a line ...
    """
    try:
        value = decode(line, where)
    except (ValueError, RecursionError) as error:
        _wrong(where, str(error))
    if not isinstance(value, dict):
        _wrong(where, f"{value!r} is no object")
    _check_keys(value, where)
    gold = from_object({key: value[key] for key in _GOLD if key in value}, where)
    place = value["where"]
    if not isinstance(place, str | None):
        _wrong(where, f'"where" is {place!r} and no text')
    fold = value["fold"]
    if type(fold) is not int or fold < 0:
        _wrong(where, f'"fold" is {fold!r} and no number of a fold')
    return OutOfFold(replace(gold, where=place or where), _parse(value["parse"], gold.text, where), fold)


def read_out_of_fold(path: Path) -> Iterator[OutOfFold]:
    """The out-of-fold parses of a file, in its order. A last line that was cut off by a kill is left out.

    Raises:
        DataError: Another line is broken.
    """
    with path.open(encoding="utf-8", errors="replace", newline="\n") as file:
        for number, line in enumerate(file, start=1):
            if not line.endswith("\n"):
                return
            yield from_line(line, f"{path}:{number}")


def _check_keys(value: Mapping[str, Any], where: str) -> None:
    for key in ("text", *_NEEDED):
        if key not in value:
            _wrong(where, f'the key "{key}" is missing')
    for key in value:
        if key not in (*_GOLD, *_NEEDED):
            _wrong(where, f'the key "{key}" is unknown')


def _parse(value: object, text: str, where: str) -> Parse:
    """The parse of a text that :meth:`Parse.to_dict` gave; what was written before a key came to be lacks it."""
    if not isinstance(value, Mapping):
        _wrong(where, f"the parse {value!r} is no object")
    try:
        parse = Parse.from_dict({"frame_confidence": None} | dict(value))
    except DataError as error:
        _wrong(where, f"{error.where}: {error.what}")
    if parse.text != text:
        _wrong(where, f"the parse is of {parse.text!r}")
    if parse.truncated_at is not None and not 0 <= parse.truncated_at <= len(text):
        _wrong(where, f'"truncated_at" is {parse.truncated_at}, and the text has {len(text)} characters')
    for name, chance in _chances(parse):
        if chance is not None and not 0.0 <= chance <= 1.0:
            _wrong(where, f"the confidence of {name} is {chance}, and not from 0 to 1")
    if parse.scope_score is not None and not math.isfinite(parse.scope_score):
        _wrong(where, f'"scope_score" is {parse.scope_score}')
    return parse


def _chances(parse: Parse) -> Iterator[tuple[str, float | None]]:
    """What stands in a parse as a probability, by its name; a span has seen to its own."""
    yield "the intent", parse.intent_confidence
    for name, chance in parse.ranking:
        yield f"the intent {name!r}", chance
    yield "the whole", parse.frame_confidence


def _wrong(where: str, why: str) -> NoReturn:
    shown = why if len(why) <= _MOST_SHOWN else f"{why[: _MOST_SHOWN - 1]}…"
    expected = "a line of the out_of_fold.jsonl that jointbert cv writes"
    hint = "Take the file as it was written, or run it again."
    raise DataError(where, f"is no out-of-fold parse ({shown})", expected, hint) from None
