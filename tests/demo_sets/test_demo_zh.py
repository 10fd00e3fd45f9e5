"""The generated Chinese sets of demo-zh: their labels and offsets, enough of everything, and no leak into the test."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from jointbert.utterance import Span, Utterance

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "datasets" / "demo-zh"
LEAST_PER_INTENT, LEAST_PER_SLOT = 60, 40
WORD = re.compile(r"[0-9A-Za-z０-９]{2}")
MARKS = "，。？！、：；,.?!:;“”《》 "


@cache
def schema() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((FOLDER / "schema.yaml").read_text(encoding="utf-8"))
    return loaded


@cache
def rows(name: str) -> tuple[dict[str, Any], ...]:
    return tuple(json.loads(line) for line in (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines())


@cache
def utterances(name: str) -> tuple[Utterance, ...]:
    """The lines as self-checking utterances: an offset outside its text raises."""
    return tuple(
        Utterance(
            row["text"],
            row["intent"],
            tuple(Span.of(row["text"], slot["slot"], slot["start"], slot["end"]) for slot in row["slots"]),
            row["id"],
        )
        for row in rows(name)
    )


def bare(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum()) or text


@pytest.mark.parametrize("name", ["train", "dev"])
def test_labels_obey_the_schema(name: str) -> None:
    for utterance in utterances(name):
        assert utterance.intent in schema()["intents"], utterance
        allowed = set(schema()["intents"][utterance.intent]["slots"])
        assert {span.slot for span in utterance.spans} <= allowed, utterance


def test_train_holds_enough_of_every_intent_and_slot() -> None:
    intents = Counter(utterance.intent for utterance in utterances("train"))
    slots = Counter(span.slot for utterance in utterances("train") for span in utterance.spans)
    assert {name: intents[name] for name in schema()["intents"] if intents[name] < LEAST_PER_INTENT} == {}
    assert {name: slots[name] for name in schema()["slots"] if slots[name] < LEAST_PER_SLOT} == {}


def test_train_size_and_dev_ends_with_the_hand_written_lines() -> None:
    assert 2000 <= len(rows("train")) <= 3000
    assert rows("dev")[150:] == rows("dev_hand")


def test_ids_are_unique() -> None:
    ids = [row["id"] for name in ("train", "dev", "test") for row in rows(name)]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("other", ["dev", "test"])
def test_no_text_of_train_is_in_another_set(other: str) -> None:
    train = {bare(row["text"]) for row in rows("train")}
    assert len(train) == len(rows("train"))
    assert sum(bare(row["text"]) in train for row in rows(other)) == 0


def test_spans_hold_the_value_alone() -> None:
    """No punctuation or space at an edge, and none of the words that the schema leaves out."""
    for utterance in utterances("train"):
        for span in utterance.spans:
            assert span.value[0] not in MARKS and span.value[-1] not in MARKS, utterance
            assert span.slot == "song" or not span.value.endswith(("的", "歌单", "航班")), utterance
            if span.slot in {"people", "quantity"}:
                assert not span.value.endswith(("人", "位", "份", "杯", "碗", "张")), utterance


def test_date_and_time_are_two_spans() -> None:
    """A clock time keeps 早上/晚上, and no date ends in one when a time follows at once."""
    for utterance in utterances("train"):
        for left, right in zip(utterance.spans, utterance.spans[1:], strict=False):
            if (left.slot, right.slot) == ("date", "time") and left.end == right.start:
                assert not left.value.endswith(("早上", "上午", "下午", "晚上")), utterance


def test_no_span_cuts_a_number_or_a_latin_word() -> None:
    """Such a span has no word of its own, so no tag could carry it."""
    for utterance in utterances("train"):
        for edge in {edge for span in utterance.spans for edge in (span.start, span.end)}:
            around = utterance.text[max(edge - 1, 0) : edge + 1]
            assert edge == 0 or not WORD.fullmatch(around), utterance


def test_mixed_scripts_are_written_as_people_write_them() -> None:
    """Latin names keep their spaces, full-width digits and Latin in Chinese occur."""
    texts = "\n".join(row["text"] for row in rows("train"))
    assert any(" " in span.value for utterance in utterances("train") for span in utterance.spans)
    assert any(digit in texts for digit in "２３４５６") and "CA1" in texts


def test_the_files_are_what_the_grammar_gives() -> None:
    command = [sys.executable, "datasets/generate.py", "datasets/demo-zh", "--seed", "13", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
