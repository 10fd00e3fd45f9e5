"""Sentences end where readers of English and Chinese would end them, and nothing but white space is lost."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path

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
        (
            "Er ging. Ärger kam. Émile lachte. übrigens nicht",
            ["Er ging.", "Ärger kam.", "Émile lachte. übrigens nicht"],
        ),
        ("Он ушёл. Это А. С. Пушкин! Да.", ["Он ушёл.", "Это А. С. Пушкин!", "Да."]),
        ("No sé. ¿Vienes? ¡Claro! «Sí»", ["No sé.", "¿Vienes?", "¡Claro! «Sí»"]),
        ("انتهى. ٣ أيام", ["انتهى.", "٣ أيام"]),
        ("هل جاء؟ نعم. ماذا؟! لا", ["هل جاء؟", "نعم. ماذا؟!", "لا"]),
        ("वह गया। मैं आया।क्यों", ["वह गया।", "मैं आया।", "क्यों"]),
        ("   ", []),
        ("", []),
    ],
)
def test_sentences_end_at_their_marks(line: str, expected: list[str]) -> None:
    assert split_sentences(line) == expected


_WIDE = re.compile(r"[。！？…；]+[”’」』）》\"']*|[!?]+(?=[\u3400-\u9fff])")
_NARROW = re.compile(r"[.!?]+[\"')\]”’]*\s+(?=[\"'(\[“‘]*[A-Z0-9])")
_SHORT = re.compile(
    r"(?:\b(?:[A-Za-z]|Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|vs|etc|No|Inc|Ltd|Co|Corp|Gen|Col|Lt|Capt|Sgt|ca|cf"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec)|\b[ei]\.[eg])\.$"
)


def split_at_ascii(line: str) -> list[str]:
    """The sentences by the rules that the shipped encoders were made with: only A-Z and 0-9 begin one."""
    cuts = {match.end() for match in _WIDE.finditer(line)}
    for match in _NARROW.finditer(line):
        if not (match.group().startswith(".") and _SHORT.search(line[: match.start() + 1][-8:])):
            cuts.add(match.end())
    parts = (line[start:end].strip() for start, end in pairwise([0, *sorted(cuts), len(line)]))
    return [part for part in parts if part]


@pytest.mark.parametrize("name", ["demo-en", "demo-zh"])
def test_the_demo_corpora_are_cut_as_by_the_rules_of_the_shipped_encoders(repository: Path, name: str) -> None:
    texts = (repository / "datasets" / name / "train.jsonl").read_text(encoding="utf-8").splitlines()
    utterances = [json.loads(line)["text"].capitalize() for line in texts]
    several = 0
    for begin in range(0, len(utterances), 4):
        for line in (". ".join(utterances[begin : begin + 4]), "。".join(utterances[begin : begin + 4])):
            found = split_sentences(line)
            assert found == split_at_ascii(line)
            several += len(found) > 1
    assert several > 500


def test_english_prose_is_cut_as_by_the_rules_of_the_shipped_encoders(repository: Path) -> None:
    pages = [repository / "README.md", *sorted((repository / "docs").glob("*.md"))]
    prose = [" ".join(part.split()) for page in pages for part in page.read_text(encoding="utf-8").split("\n\n")]
    prose = [line for line in prose if not set("।؟") & set(line)]  # a page that names these marks has no English there
    assert sum(len(split_sentences(line)) for line in prose) > 800
    for line in prose:
        assert split_sentences(line) == split_at_ascii(line)


ASCII_AND_CHINESE = (
    st.characters(max_codepoint=0x7F)
    | st.characters(min_codepoint=0x3000, max_codepoint=0x9FFF)
    | st.characters(min_codepoint=0xFF00, max_codepoint=0xFFEF)
)


@given(st.text(ASCII_AND_CHINESE | st.sampled_from(".!? 。A9，")))
def test_ascii_and_chinese_are_cut_as_by_the_rules_of_the_shipped_encoders(line: str) -> None:
    assert split_sentences(line) == split_at_ascii(line)


@given(st.text())
def test_nothing_but_white_space_is_lost(line: str) -> None:
    assert re.sub(r"\s", "", "".join(split_sentences(line))) == re.sub(r"\s", "", line)
