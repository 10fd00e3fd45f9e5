"""The codec is an identity: spans on whole words, encoded and decoded from sure logits, come back as they were."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from tiny import LABELS, codec

from jointbert.codec import Decoder
from jointbert.utterance import Span, Utterance

UNITS = {
    "english": [
        "book",
        "Vegas",
        "zürich",
        "cafe\u0301",
        "26.5℃",
        "qx12",
        "(",
        "[SEP]",
        "👨‍👩‍👧",
        "don't",
        "नमस्ते",
        "Ｃａ",
    ],
    "chinese": ["帮", "北京", "12月3号", "CA1234", "，", "℃", "é", "한국", "龘", "🚄", "Miles", "\u200b好"],
    "byte_level": ["book", "Vegas", "zürich", "帮我", "26.5℃", "qx12", "</s>", "🚄", "don't", "שלום", "zz"],
}
GAPS = {"english": [" ", "  ", "\t", "\u3000"], "chinese": ["", " ", "\u3000"], "byte_level": [" ", "  ", "\n"]}


@pytest.mark.parametrize("tokenizer", list(UNITS))
@pytest.mark.parametrize("crf", [False, True])
def test_encode_then_decode_gives_the_spans_back(tokenizer: str, crf: bool) -> None:
    subject = codec(tokenizer, max_pieces=500)
    count = len(LABELS.tags or ())
    random = np.random.default_rng(0)
    costs = tuple(random.normal(size=shape) for shape in ((count,), (count, count), (count,)))
    decoder = Decoder(LABELS, costs if crf else None)  # type: ignore[arg-type]

    @hypothesis_settings(max_examples=60)
    @given(st.data())
    def check(data: st.DataObject) -> None:
        units = data.draw(st.lists(st.sampled_from(UNITS[tokenizer]), min_size=1, max_size=12))
        text = "".join(unit + data.draw(st.sampled_from(GAPS[tokenizer])) for unit in units)
        offsets = subject.encode_texts([text])[0].words.offsets
        edges = sorted(data.draw(st.sets(st.integers(0, len(offsets)), max_size=8)))
        spans = tuple(
            Span.of(text, data.draw(st.sampled_from(["city", "date", "artist"])), offsets[a, 0], offsets[b - 1, 1])
            for a, b in zip(edges[::2], edges[1::2], strict=False)
        )
        [encoded], notices = subject.encode([Utterance(text, "play", spans)], on_misfit="error")
        assert notices == [] and encoded.tag_ids is not None
        logits = np.full((1, max(1, len(offsets)), count), -50.0, dtype=np.float32)
        logits[0, np.arange(len(offsets)), encoded.tag_ids] = 50.0
        intents = np.array([[0.0, 30.0, 0.0]], dtype=np.float32)
        [parse] = decoder.decode([text], [encoded.words], intents, logits)
        assert [(span.start, span.end, span.slot, span.value) for span in parse.spans] == [
            (span.start, span.end, span.slot, span.value) for span in spans
        ]
        assert parse.intent == "play" and parse.truncated_at is None
        assert all(span.confidence is not None and span.confidence > 0.99 for span in parse.spans)

    check()
