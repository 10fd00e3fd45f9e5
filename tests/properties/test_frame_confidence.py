"""All of a parse is never surer than its parts: any logits, any calibration, both slot heads, and absent ones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from tiny import ENGLISH, LABELS, codec

from jointbert.codec import Calibration, Decoder
from jointbert.codec.decode import least_sure
from jointbert.labels import Labels
from jointbert.utterance import Parse, Span

PLACES = [codec().encode_texts([text])[0].words for text in ENGLISH]
WIDTH = max(len(place.offsets) for place in PLACES)
TAGS = len(LABELS.tags or ())
HEADS = {"both": LABELS, "intents alone": Labels(LABELS.intents, None), "slots alone": Labels(None, LABELS.slots)}
LINES = st.builds(
    Calibration, st.floats(0.05, 20), st.floats(0.05, 20), st.floats(0.05, 20), st.floats(-10, 10, allow_nan=False)
)


def parses(labels: Labels, crf: bool, calibration: Calibration | None, seed: int, loud: float) -> list[Parse]:
    """What a decoder makes of random logits for the English texts."""
    random = np.random.default_rng(seed)
    shapes = ((TAGS,), (TAGS, TAGS), (TAGS,))
    learned = tuple(random.normal(0, 2, shape) for shape in shapes) if crf else None
    intents = random.normal(0, loud, (len(ENGLISH), 3)) if labels.intents else None
    tags = random.normal(0, loud, (len(ENGLISH), WIDTH, TAGS)) if labels.tags else None
    return Decoder(labels, learned, calibration).decode(ENGLISH, PLACES, intents, tags)  # type: ignore[arg-type]


def parts(parse: Parse) -> list[float]:
    """The confidences of the intent and of each span, where they are there."""
    sure = [span.confidence for span in parse.spans if span.confidence is not None]
    return sure if parse.intent_confidence is None else [parse.intent_confidence, *sure]


@pytest.mark.parametrize("heads", HEADS)
@pytest.mark.parametrize("crf", [False, True])
def test_all_of_it_is_never_surer_than_a_part_of_it(heads: str, crf: bool) -> None:
    @hypothesis_settings(max_examples=40)
    @given(LINES, st.integers(0, 2**32 - 1), st.floats(0.1, 30))
    def each(calibration: Calibration, seed: int, loud: float) -> None:
        for parse in parses(HEADS[heads], crf, calibration, seed, loud):
            assert parse.frame_confidence is not None
            assert 0.0 <= parse.frame_confidence <= min([1.0, *parts(parse)])

    each()


@pytest.mark.parametrize("crf", [False, True])
def test_a_line_that_asks_for_more_gets_what_its_least_sure_part_allows(crf: bool) -> None:
    bold = parses(LABELS, crf, Calibration(frame_slope=0.05, frame_bias=5.0), 1, 3.0)
    assert [parse.frame_confidence for parse in bold] == [min(parts(parse)) for parse in bold]
    assert any(parse.spans for parse in bold)
    shy = parses(LABELS, crf, Calibration(frame_bias=-3.0), 1, 3.0)
    assert all(parse.frame_confidence < min(parts(parse)) for parse in shy)  # type: ignore[operator]


def test_a_part_without_a_confidence_limits_nothing() -> None:
    assert least_sure(None, ()) == 1.0
    assert least_sure(0.4, [Span(0, 2, "city", "ab")]) == 0.4
    assert least_sure(None, [Span(0, 2, "city", "ab"), Span(3, 4, "city", "c", confidence=0.2)]) == 0.2
