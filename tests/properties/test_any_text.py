"""Whatever the text, a parse is valid: thousands of strings, none of them reasonable, through random models."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from tiny import codec, nlu

from jointbert.utterance import Parse

ALPHABET = (
    "ab Z09.,-'\"[]</s>{}|_@#％（）　帮我订票北京한국éßİﬁŁø\u0301\u0308\ufe0f\u200b\u200d\u200e\u202e\ufeff\u00ad"
    "\x00\x01\x1b\x7f\x85\t\n\r\u2028🚄👨👩👧🇨🇳\U000e0067\U0001d11e\ud800\udc00\udfffשלוםनमस्तेไทยกำ℃½①ﷺ"
)
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=40),
    st.text(st.sampled_from(ALPHABET), max_size=60),
    st.lists(st.sampled_from(["[SEP]", "[CLS]", "[MASK]", "[PAD]", "<s>", "</s>", "<pad>", " ", "las vegas"])).map(
        "".join
    ),
)


def check(text: str, parse: Parse) -> None:
    """Everything that a parse promises."""
    assert parse.text == text
    end = 0
    for span in parse.spans:
        assert end <= span.start < span.end <= len(text)
        assert text[span.start : span.end] == span.value
        assert span.confidence is not None and 0.0 <= span.confidence <= 1.0
        end = span.end
    assert parse.intent == parse.ranking[0][0]
    chances = [chance for _, chance in parse.ranking]
    assert chances == sorted(chances, reverse=True) and sum(chances) == pytest.approx(1.0)
    assert all(0.0 <= chance <= 1.0 for chance in chances)
    if parse.truncated_at is not None:
        assert end <= parse.truncated_at < len(text)
    assert json.loads(json.dumps(parse.to_dict()))["text"] == text


@pytest.mark.parametrize(
    ("tokenizer", "crf"), [("english", False), ("english", True), ("chinese", True), ("byte_level", False)]
)
def test_any_text_gives_a_valid_parse(tokenizer: str, crf: bool) -> None:
    subject = nlu(tokenizer, crf=crf)

    @hypothesis_settings(max_examples=80)
    @given(st.lists(TEXTS, min_size=8, max_size=24))
    def each(texts: list[str]) -> None:
        for text, parse in zip(texts, subject.parse_many(texts), strict=True):
            check(text, parse)

    @hypothesis_settings(max_examples=20)
    @given(TEXTS)
    def alone(text: str) -> None:
        check(text, subject.parse(text))

    each()
    alone()


@pytest.mark.parametrize("tokenizer", ["english", "chinese", "byte_level"])
@pytest.mark.parametrize("room", [6, 64])
def test_words_of_any_text_stand_in_order(tokenizer: str, room: int) -> None:
    subject = codec(tokenizer, max_pieces=room)

    @hypothesis_settings(max_examples=40)
    @given(st.lists(TEXTS, min_size=4, max_size=12))
    def each(texts: list[str]) -> None:
        for text, item in zip(texts, subject.encode_texts(texts), strict=True):
            words = item.words
            edges = words.offsets.flatten()
            assert (words.offsets[:, 0] < words.offsets[:, 1]).all() and (np.diff(edges) >= 0).all()
            assert not len(edges) or (edges[0] >= 0 and edges[-1] <= len(text))
            assert words.piece_words[words.first_piece].tolist() == list(range(len(words.offsets)))
            assert len(item.input_ids) == len(words.piece_words) <= room
            assert words.truncated_at is None or not len(edges) or edges[-1] <= words.truncated_at

    each()


@pytest.mark.parametrize("tokenizer", ["english", "chinese", "byte_level"])
@pytest.mark.parametrize("unit", ["a", "帮", "book a ", " ", "\ud800", "🚄", "\u0301", "\x00", "[SEP]", ".", "é"])
def test_ten_thousand_characters(tokenizer: str, unit: str) -> None:
    text = (unit * 10_000)[:10_000]
    check(text, nlu(tokenizer, crf=True).parse(text))


def test_the_untidiest_strings_one_by_one() -> None:
    subject = nlu("english")
    for text in [
        "",
        " ",
        "\x00",
        "\ud800",
        "\udfff\ud800",
        "\u200b",
        "\ufeff",
        "\u0301",
        "[CLS]",
        "a" * 200,
        "\r\n" * 9,
    ]:
        check(text, subject.parse(text))


def test_random_models_do_find_spans() -> None:
    """Otherwise the tests above would prove little."""
    for tokenizer in ("english", "chinese", "byte_level"):
        parses = nlu(tokenizer).parse_many(["book a flight to las vegas", "帮我订12月3号CA1234的票", "play some jazz"])
        assert sum(len(parse.spans) for parse in parses) > 3
