"""Sentences end where readers of English and Chinese would end them, and nothing but white space is lost."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jointbert.pretraining.sentences import split_sentences


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("It costs $3.50. OK?", ["It costs $3.50.", "OK?"]),
        ("Mr. Lee met J. S. Bach, e.g. in Leipzig.", ["Mr. Lee met J. S. Bach, e.g. in Leipzig."]),
        ('He said "Go." Then he left.', ['He said "Go."', "Then he left."]),
        ("see you at 5 p.m. tomorrow", ["see you at 5 p.m. tomorrow"]),
        ("“走吧。”他说。好！", ["“走吧。”", "他说。", "好！"]),
        ("价格3.5元。便宜!真的?是", ["价格3.5元。", "便宜!", "真的?", "是"]),
        ("   ", []),
        ("", []),
    ],
)
def test_sentences_end_at_their_marks(line: str, expected: list[str]) -> None:
    assert split_sentences(line) == expected


@given(st.text())
def test_nothing_but_white_space_is_lost(line: str) -> None:
    assert re.sub(r"\s", "", "".join(split_sentences(line))) == re.sub(r"\s", "", line)
