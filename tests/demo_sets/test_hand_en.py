"""The hand-written English sets keep their size, their schema, their offsets and their distance from each other."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from jointbert.utterance import Span, Utterance

FOLDER = Path(__file__).resolve().parents[2] / "datasets" / "demo-en"
SCHEMA = yaml.safe_load((FOLDER / "schema.yaml").read_text(encoding="utf-8"))
SETS = {"test.jsonl": ("test", 300), "dev_hand.jsonl": ("dev", 150)}
NEVER_FIRST = {"the", "my", "your", "our", "in", "on", "at", "from", "to", "for", "by"}
ONLY_BEFORE_A_LENGTH = {"a", "an"}


def rows(name: str) -> list[dict[str, Any]]:
    """The JSON objects of one set, in the file's order."""
    return [json.loads(line) for line in (FOLDER / name).read_text(encoding="utf-8").splitlines()]


def utterance(row: dict[str, Any]) -> Utterance:
    """The checked Utterance of one row."""
    text = row["text"]
    spans = tuple(Span.of(text, place["slot"], place["start"], place["end"]) for place in row["slots"])
    return Utterance(text, row["intent"], spans, row["id"])


def folded(text: str) -> str:
    """The text without case, punctuation and doubled spaces: what two near-duplicates share."""
    return " ".join("".join(c if c.isalnum() else " " for c in text.casefold()).split())


@pytest.mark.parametrize("name", SETS)
def test_size_and_ids(name: str) -> None:
    prefix, size = SETS[name]
    assert [row["id"] for row in rows(name)] == [f"{prefix}-{number:03d}" for number in range(1, size + 1)]


@pytest.mark.parametrize("name", SETS)
def test_lines_are_canonical_json(name: str) -> None:
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        assert list(row) == ["id", "text", "intent", "slots"]
        assert all(list(place) == ["slot", "start", "end"] for place in row["slots"])
        assert json.dumps(row, ensure_ascii=False) == line


@pytest.mark.parametrize("name", SETS)
def test_offsets_hold_clean_values(name: str) -> None:
    for row in rows(name):
        text = row["text"]
        assert text == " ".join(text.split()), row["id"]
        for span in utterance(row).spans:
            assert span.value == span.value.strip(" .,!?"), (row["id"], span)
            inside_before = span.start > 0 and text[span.start - 1].isalnum()
            inside_after = span.end < len(text) and text[span.end].isalnum()
            assert not (inside_before or inside_after), f"{row['id']}: {span} cuts a word"


@pytest.mark.parametrize("name", SETS)
def test_labels_are_those_of_the_schema(name: str) -> None:
    for row in rows(name):
        allowed = SCHEMA["intents"][row["intent"]]["slots"]
        assert {place["slot"] for place in row["slots"]} <= set(allowed), row["id"]


@pytest.mark.parametrize("name", SETS)
def test_values_leave_out_articles_and_prepositions(name: str) -> None:
    for row in rows(name):
        for span in utterance(row).spans:
            first, *more = span.value.casefold().split()
            assert not (more and first in NEVER_FIRST), (row["id"], span)
            assert span.slot == "duration" or first not in ONLY_BEFORE_A_LENGTH, (row["id"], span)


def test_every_intent_and_slot_is_measured() -> None:
    read = [utterance(row) for row in rows("test.jsonl")]
    intents = Counter(one.intent for one in read)
    slots = Counter(span.slot for one in read for span in one.spans)
    assert set(intents) == set(SCHEMA["intents"])
    assert set(slots) == set(SCHEMA["slots"])
    assert min(intents.values()) >= 8, intents.most_common()[-1]
    assert min(slots.values()) >= 6, slots.most_common()[-1]


def test_dev_has_every_intent_and_slot() -> None:
    read = [utterance(row) for row in rows("dev_hand.jsonl")]
    assert min(Counter(one.intent for one in read).values()) >= 6
    assert {one.intent for one in read} == set(SCHEMA["intents"])
    assert {span.slot for one in read for span in one.spans} == set(SCHEMA["slots"])


def test_no_text_stands_twice() -> None:
    counts = Counter(folded(row["text"]) for name in SETS for row in rows(name))
    assert [text for text, count in counts.items() if count > 1] == []
