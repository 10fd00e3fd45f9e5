"""The generated English sets of demo-en: the bytes seed 13 gives, labels by the schema, no hand-written text."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from jointbert.data import read
from jointbert.utterance import Utterance

DATASETS = Path(__file__).parents[2] / "datasets"
FOLDER = DATASETS / "demo-en"


@cache
def utterances(name: str) -> tuple[Utterance, ...]:
    return tuple(read(FOLDER / f"{name}.jsonl"))


@cache
def schema() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((FOLDER / "schema.yaml").read_text(encoding="utf-8"))
    return loaded


def bare(text: str) -> str:
    """What two texts share that differ in case, white space and punctuation alone."""
    return "".join(character for character in text.casefold() if character.isalnum()) or text


def test_the_files_are_what_the_seed_gives() -> None:
    line = [sys.executable, str(DATASETS / "generate.py"), str(FOLDER), "--seed", "13", "--check"]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["train", "dev"])
def test_labels_obey_the_schema(name: str) -> None:
    for utterance in utterances(name):
        assert utterance.intent in schema()["intents"], utterance.id
        allowed = set(schema()["intents"][utterance.intent]["slots"])
        assert {span.slot for span in utterance.spans} <= allowed, utterance.id


def test_train_covers_every_intent_and_slot() -> None:
    intents = Counter(utterance.intent for utterance in utterances("train"))
    slots = Counter(span.slot for utterance in utterances("train") for span in utterance.spans)
    assert {intent: count for intent in schema()["intents"] if (count := intents[intent]) < 60} == {}
    assert {slot: count for slot in schema()["slots"] if (count := slots[slot]) < 40} == {}
    assert max(intents.values()) <= 3 * min(intents.values())


def test_no_text_comes_twice_or_stands_in_a_hand_written_set() -> None:
    generated = [bare(u.text) for u in (*utterances("train"), *utterances("dev")[:150])]
    assert len(generated) == len(set(generated))
    hand = {bare(u.text) for name in ("test", "dev_hand") for u in utterances(name)}
    assert not hand & set(generated), "regenerate: python datasets/generate.py datasets/demo-en --seed 13"


def test_dev_is_150_generated_and_then_the_hand_written() -> None:
    assert all((u.id or "").startswith("dev-g") for u in utterances("dev")[:150])
    assert utterances("dev")[150:] == utterances("dev_hand")


def test_spans_hold_the_value_alone() -> None:
    """No edge of a span is white space or closing punctuation, cuts a word, or begins with the, my or our."""
    for utterance in utterances("train"):
        for span in utterance.spans:
            before, after = utterance.text[: span.start][-1:], utterance.text[span.end :][:1]
            assert span.value == span.value.strip(" ,?!;:"), (utterance.id, span.value)
            assert not (before.isalnum() and span.value[0].isalnum()), (utterance.id, span.value)
            assert not (after.isalnum() and span.value[-1].isalnum()), (utterance.id, span.value)
            if span.slot not in {"song", "artist"}:
                assert span.value.lower().split()[0] not in {"the", "my", "our"}, (utterance.id, span.value)


def test_an_utterance_with_no_slot_is_not_rare() -> None:
    empty = sum(not utterance.spans for utterance in utterances("train"))
    assert 0.1 < empty / len(utterances("train")) < 0.3
