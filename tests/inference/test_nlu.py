"""NLU: many texts as one by one, in order, from many threads, in a stream, and what it says to a wrong call."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from tiny import CHINESE, ENGLISH, LABELS, codec, nlu

from jointbert.checkpoint import predict
from jointbert.checkpoint.predict import Predictor
from jointbert.codec import Decoder
from jointbert.errors import DataError
from jointbert.inference.nlu import NLU
from jointbert.labels import Labels
from jointbert.utterance import Parse

TEXTS = [*ENGLISH, *CHINESE, "", "hi", "las vegas " * 40, "hi"]


def same(left: list[Parse], right: list[Parse]) -> None:
    """The same parses; probabilities may differ in the last digits that another padding leaves."""
    assert [parse.text for parse in left] == [parse.text for parse in right]
    for one, other in zip(left, right, strict=True):
        assert (one.intent, one.truncated_at) == (other.intent, other.truncated_at)
        assert one.intent_confidence == pytest.approx(other.intent_confidence, abs=1e-4)
        assert [(s.start, s.end, s.slot) for s in one.spans] == [(s.start, s.end, s.slot) for s in other.spans]
        for a, b in zip(one.spans, other.spans, strict=True):
            assert a.confidence == pytest.approx(b.confidence, abs=1e-4)


@pytest.mark.parametrize("crf", [False, True])
@pytest.mark.parametrize("batch_size", [1, 3, 32])
def test_many_are_as_one_by_one_and_in_order(crf: bool, batch_size: int) -> None:
    subject = nlu(crf=crf)
    same(subject.parse_many(TEXTS, batch_size), [subject.parse(text) for text in TEXTS])
    same(list(subject.stream(iter(TEXTS), batch_size)), subject.parse_many(TEXTS))


def test_eight_threads_are_as_one() -> None:
    subject = nlu(crf=True)
    expected = [subject.parse(text) for text in TEXTS]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(subject.parse, TEXTS * 6))
    assert found == expected * 6


def test_no_texts_no_parses() -> None:
    assert nlu().parse_many([]) == []
    assert list(nlu().stream([])) == []


def test_labels_are_the_models() -> None:
    assert nlu().labels is LABELS or nlu().labels == LABELS


@pytest.mark.parametrize("labels", [Labels(LABELS.intents, None), Labels(None, LABELS.slots)])
def test_a_model_with_one_head(labels: Labels) -> None:
    parse = nlu(labels=labels).parse("book a flight to las vegas")
    assert (parse.intent is None) == (parse.intent_confidence is None) == (labels.intents is None)
    assert (parse.ranking == ()) == (labels.intents is None)
    assert labels.slots is not None or parse.spans == ()


@pytest.mark.parametrize(("wrong", "kind"), [(None, "NoneType"), (b"hi", "bytes"), (3, "int"), (["hi"], "list")])
def test_what_is_no_text_is_refused(wrong: Any, kind: str) -> None:
    message = rf"text 0: is a {kind}; expected a str\. Decode or convert it first\."
    with pytest.raises(DataError, match=message):
        nlu().parse(wrong)
    with pytest.raises(DataError, match=message.replace("text 0", "text 1")):
        nlu().parse_many(["hi", wrong])
    with pytest.raises(DataError, match=message.replace("text 0", "text 2")):
        list(nlu().stream(iter(["hi", "hi", wrong])))


def test_one_text_in_place_of_many_is_refused() -> None:
    with pytest.raises(DataError, match=r"parse_many: got one text; expected a list of texts\. Use parse\(text\)"):
        nlu().parse_many("hi")
    with pytest.raises(DataError, match=r"stream: got one text"):
        nlu().stream("hi")


def test_what_holds_no_texts_is_refused() -> None:
    with pytest.raises(DataError, match="parse_many: got a NoneType; expected a list of texts"):
        nlu().parse_many(None)  # type: ignore[arg-type]
    with pytest.raises(DataError, match="stream: got a int"):
        nlu().stream(3)  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [0, -1, 2.5, None])
def test_a_batch_of_nothing_is_refused(size: Any) -> None:
    """Minus one once gave an empty list, without a word."""
    with pytest.raises(DataError, match=rf"parse_many: batch_size is {size}; expected a whole number, at least 1"):
        nlu().parse_many(["hi"], batch_size=size)
    with pytest.raises(DataError, match=rf"stream: batch_size is {size}"):
        nlu().stream(["hi"], batch_size=size)


def test_a_stream_holds_no_more_than_a_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    def score(arrays: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
        rows, words = arrays["word_mask"].shape
        return np.zeros((rows, 3), dtype=np.float32), np.zeros((rows, words, 7), dtype=np.float32)

    read = given = most = 0

    def lines() -> Iterator[str]:
        nonlocal read
        for number in range(10_000):
            read += 1
            yield f"line {number}"

    monkeypatch.setattr(predict, "CHUNK", 512)
    subject = NLU(Predictor(codec(), Decoder(LABELS), score, 0))
    for number, parse in enumerate(subject.stream(lines(), batch_size=256)):
        assert parse.text == f"line {number}"
        given += 1
        most = max(most, read - given + 1)
    assert given == 10_000 and most <= 512


def test_texts_of_like_length_share_a_batch() -> None:
    shapes = []

    def score(arrays: dict[str, Any]) -> tuple[None, None]:
        shapes.append(arrays["input_ids"].shape)
        return None, None

    texts = ["a " * 30, "a", "a " * 30, "a"]
    parses = Predictor(codec(), Decoder(LABELS), score, 0).parse_many(texts, batch_size=2)
    assert [parse.text for parse in parses] == texts and shapes == [(2, 3), (2, 32)]
