"""Out-of-fold parses survive their file; a line that was cut off is left out, any other broken one is named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from jointbert.data.out_of_fold import OutOfFold, read_out_of_fold, to_line
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
