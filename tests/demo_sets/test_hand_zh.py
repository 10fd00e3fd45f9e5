"""The hand-written Chinese sets of demo-zh: their counts, labels, offsets, and that they don't repeat each other."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from jointbert.utterance import Span, Utterance

FOLDER = Path(__file__).parents[2] / "datasets" / "demo-zh"
SIZES = {"test": 300, "dev_hand": 150}
LEAST_PER_INTENT = {"test": 14, "dev_hand": 6}
LEAST_PER_SLOT = {"test": 6, "dev_hand": 2}


@cache
def schema() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((FOLDER / "schema.yaml").read_text(encoding="utf-8"))
    return loaded


@cache
def rows(name: str) -> tuple[dict[str, Any], ...]:
    return tuple(json.loads(line) for line in (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines())


def as_utterance(row: dict[str, Any]) -> Utterance:
    spans = tuple(Span.of(row["text"], slot["slot"], slot["start"], slot["end"]) for slot in row["slots"])
    return Utterance(row["text"], row["intent"], spans, row["id"])


def bare(text: str) -> str:
    """The text without width, case, white space and punctuation: what two near-identical utterances share."""
    return "".join(character for character in unicodedata.normalize("NFKC", text).lower() if character.isalnum())


@pytest.mark.parametrize("name", SIZES)
def test_count_ids_and_keys(name: str) -> None:
    prefix = name.removesuffix("_hand")
    assert [row["id"] for row in rows(name)] == [f"{prefix}-{number:03d}" for number in range(1, SIZES[name] + 1)]
    assert {tuple(row) for row in rows(name)} == {("id", "text", "intent", "slots")}
    assert {tuple(slot) for row in rows(name) for slot in row["slots"]} == {("slot", "start", "end")}


@pytest.mark.parametrize("name", SIZES)
def test_labels_obey_the_schema(name: str) -> None:
    intents = schema()["intents"]
    for row in rows(name):
        assert row["intent"] in intents, row["id"]
        assert {slot["slot"] for slot in row["slots"]} <= set(intents[row["intent"]]["slots"]), row["id"]


@pytest.mark.parametrize("name", SIZES)
def test_offsets_make_utterances_with_clean_values(name: str) -> None:
    for row in rows(name):
        utterance = as_utterance(row)
        assert utterance.text == utterance.text.strip()
        for span in utterance.spans:
            assert span.value == span.value.strip(" ，。！？、《》“”"), f"{row['id']}: {span.value!r}"


@pytest.mark.parametrize("name", SIZES)
def test_no_span_cuts_a_run_of_letters_or_digits(name: str) -> None:
    def joined(left: str, right: str) -> bool:
        return (left + right).isalnum() and all(unicodedata.category(c) in {"Lu", "Ll", "Nd"} for c in left + right)

    for row in rows(name):
        text = row["text"]
        for slot in row["slots"]:
            for edge in (slot["start"], slot["end"]):
                assert not (0 < edge < len(text) and joined(text[edge - 1], text[edge])), f"{row['id']}: {slot}"


@pytest.mark.parametrize("name", SIZES)
def test_people_and_quantity_are_the_number_alone(name: str) -> None:
    for row in rows(name):
        for span in as_utterance(row).spans:
            if span.slot in {"people", "quantity"}:
                assert all(c == "两" or unicodedata.numeric(c, None) is not None for c in span.value), row["id"]


@pytest.mark.parametrize("name", SIZES)
def test_every_intent_and_slot_is_covered(name: str) -> None:
    intents = Counter(row["intent"] for row in rows(name))
    slots = Counter(slot["slot"] for row in rows(name) for slot in row["slots"])
    assert min(intents[intent] for intent in schema()["intents"]) >= LEAST_PER_INTENT[name]
    assert min(slots[slot] for slot in schema()["slots"]) >= LEAST_PER_SLOT[name]


def test_no_utterance_comes_twice() -> None:
    counts = Counter(bare(row["text"]) for name in SIZES for row in rows(name))
    assert [text for text, count in counts.items() if count > 1] == []
