"""Out-of-fold parses survive their file; a line that was cut off is left out, any other broken one is named."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from jointbert.data.out_of_fold import OutOfFold, from_line, read_out_of_fold, to_line
from jointbert.errors import DataError
from jointbert.utterance import Parse, Span, Utterance

TEXT = "飞到 Rome 😀\u2028"
GOLD = Utterance(TEXT, "fly", (Span.of(TEXT, "city", 3, 7, canonical="Roma"),), "u1", ((0, 2), (3, 7)), "a.jsonl:3")
PARSE = Parse(
    TEXT, "bye", 0.61, (("bye", 0.61), ("fly", 0.39)), (Span.of(TEXT, "food", 3, 7, confidence=0.123456789),), 8
)
ITEMS = [OutOfFold(GOLD, PARSE, 1), OutOfFold(Utterance("hi"), Parse("hi"), 2)]


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("".join(map(to_line, ITEMS)), encoding="utf-8")
    found = list(read_out_of_fold(path))
    assert found == ITEMS
    assert [item.gold.where for item in found] == ["a.jsonl:3", f"{path}:2"]


@pytest.mark.parametrize("size", range(1, 12))
def test_a_line_that_was_cut_off_is_left_out(size: int, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    whole = to_line(ITEMS[1])
    path.write_bytes(whole.encode() + '{"text": "飞'.encode()[:size])
    assert list(read_out_of_fold(path)) == ITEMS[1:]


@pytest.mark.parametrize("line", ["{", "[]", "{}", '{"text": "hi", "where": null, "fold": 1, "parse": {"intent": 3}}'])
def test_a_broken_line_is_named(line: str, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(to_line(ITEMS[0]) + line + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=re.escape(f"{path}:2: is no out-of-fold parse")):
        list(read_out_of_fold(path))


def changed(**changes: Any) -> str:
    """The first item's line with other values; ``parse`` takes some of its keys."""
    value = json.loads(to_line(ITEMS[0]))
    return json.dumps(value | changes | {"parse": value["parse"] | changes.get("parse", {})})


WRONG: dict[str, tuple[str, str]] = {
    "no JSON": ("{", "is no out-of-fold parse (Expecting property name"),
    "JSON that is too deep": ("[" * 100_000, "is no out-of-fold parse (maximum recursion depth"),
    "a blank line": ("", "is no out-of-fold parse (Expecting value"),
    "a list": ("[1]", "is no out-of-fold parse ([1] is no object)"),
    "no text": ('{"where": null, "fold": 1, "parse": {}}', 'the key "text" is missing'),
    "no parse": ('{"text": "hi", "where": null, "fold": 1}', 'the key "parse" is missing'),
    "a line of label_errors.jsonl": (
        '{"suspicion": 0.9, "what": "", "where": null, "text": "hi"}',
        '"fold" is missing',
    ),
    "an unknown key": (changed(fold_=3), 'the key "fold_" is unknown'),
    "a key twice": ('{"text": "a", "text": "b"}', 'the key "text" stands twice in one object'),
    "a gold span elsewhere": (changed(slots=[{"slot": "city", "start": 3, "end": 99}]), "lies outside the"),
    "a place that is no text": (changed(where=[1]), '"where" is [1] and no text'),
    "a fold that is no number": (changed(fold="one"), "\"fold\" is 'one' and no number of a fold"),
    "a fold below 0": (changed(fold=-1), '"fold" is -1'),
    "a parse that is no object": (json.dumps(json.loads(changed()) | {"parse": "x"}), "the parse 'x' is no object"),
    "a parse of another text": (changed(parse={"text": "hi", "slots": []}), "the parse is of 'hi'"),
    "a confidence as text": (changed(parse={"frame_confidence": "1"}), "'1' is no float"),
    "an intent without one": (changed(parse={"intent": {"name": "bye"}}), "KeyError: 'confidence'"),
    "an intent above 1": (
        changed(parse={"intent": {"name": "bye", "confidence": 1.5}}),
        "the confidence of the intent is 1.5, and not from 0 to 1",
    ),
    "a choice that is NaN": (
        changed(parse={"intent_ranking": [{"name": "bye", "confidence": float("nan")}]}),
        "the confidence of the intent 'bye' is nan",
    ),
    "a ranking of others": (
        changed(parse={"intent_ranking": [{"name": "fly", "confidence": 0.5}]}),
        "intent 'bye' is not the first of its ranking",
    ),
    "a whole above 1": (changed(parse={"frame_confidence": float("inf")}), "the confidence of the whole is inf"),
    "a span that is not there": (
        changed(parse={"slots": [{"slot": "x", "value": "Oslo", "start": 3, "end": 7, "confidence": 0.5}]}),
        "says 'Oslo' but the text there is 'Rome'",
    ),
    "a span above 1": (
        changed(parse={"slots": [{"slot": "x", "value": "Rome", "start": 3, "end": 7, "confidence": 2}]}),
        "confidence is 2",
    ),
    "a cut outside the text": (changed(parse={"truncated_at": 900}), '"truncated_at" is 900, and the text has 10'),
    "a score that is no number": (
        changed(parse={"in_scope": True, "scope_score": float("inf")}),
        '"scope_score" is inf',
    ),
    "half a scope": (changed(parse={"in_scope": True}), "in_scope is True and scope_score None"),
}


@pytest.mark.parametrize("how", WRONG)
def test_every_wrong_line_is_told_with_its_place_and_its_value(how: str) -> None:
    line, message = WRONG[how]
    with pytest.raises(DataError, match=re.escape(message)) as caught:
        from_line(line, "a.jsonl:7")
    assert caught.value.where == "a.jsonl:7" and len(str(caught.value)) < 500


def test_a_message_shows_the_beginning_of_what_is_long() -> None:
    with pytest.raises(DataError, match=r"the parse is of 'x{180,190}…\)"):
        from_line(changed(parse={"text": "x" * 10_000, "slots": []}), "a.jsonl:7")


def test_what_was_written_before_parses_had_all_of_todays_keys_is_read() -> None:
    value = json.loads(to_line(ITEMS[1]))
    for key in ("frame_confidence", "in_scope", "scope_score"):
        del value["parse"][key]
    assert from_line(json.dumps(value), "a.jsonl:7").parse == ITEMS[1].parse
