"""Span, Utterance and Parse cannot be built wrong, and say what is wrong."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jointbert.errors import DataError
from jointbert.utterance import Parse, Span, Utterance

TEXT = "fly to Zürich 🚄"


def refused(call: Any, *parts: str) -> None:
    with pytest.raises(DataError) as caught:
        call()
    for part in parts:
        assert part in str(caught.value)


@pytest.mark.parametrize(("start", "end"), [(0, 0), (3, 2), (-1, 2)])
def test_a_span_is_not_empty(start: int, end: int) -> None:
    refused(lambda: Span(start, end, "city", "x"), f"span 'city' [{start}:{end}]: is empty or negative", "Correct the")


def test_a_span_holds_as_many_characters_as_its_offsets() -> None:
    refused(lambda: Span(7, 13, "city", "Zuerich"), "value 'Zuerich' has 7 characters; expected 6.", "not bytes")


@pytest.mark.parametrize("slot", ["", " ", "a b", "a\tb", "a\u3000b"])
def test_a_slot_has_a_name_without_white_space(slot: str) -> None:
    refused(
        lambda: Span(0, 1, slot, "f"), "has no usable slot name; expected a name without white space. Name the slot."
    )


@pytest.mark.parametrize("confidence", [-0.1, 1.1, float("nan"), float("inf")])
def test_a_confidence_is_a_probability(confidence: float) -> None:
    refused(
        lambda: Span(0, 1, "x", "f", None, confidence), f"confidence is {confidence}; expected a number from 0 to 1"
    )


@pytest.mark.parametrize(("start", "end"), [(0, 16), (15, 16), (-3, 2), (2, 2), (5, 3)])
def test_a_span_of_a_text_lies_in_it(start: int, end: int) -> None:
    refused(
        lambda: Span.of(TEXT, "city", start, end, where="a.jsonl:3"),
        f"a.jsonl:3: slot 'city' at [{start}:{end}] lies outside the 15 characters of {TEXT!r}",
        "code points",
    )


def test_a_span_reads_its_value() -> None:
    assert [Span.of(TEXT, "x", *place).value for place in ((7, 13), (14, 15))] == ["Zürich", "🚄"]


def test_values_are_frozen() -> None:
    for value in (Span.of(TEXT, "x", 0, 1), Utterance(TEXT), Parse(TEXT)):
        with pytest.raises((dataclasses.FrozenInstanceError, TypeError, AttributeError)):
            value.text = "other"  # type: ignore[misc, union-attr]


@pytest.mark.parametrize("build", [Utterance, Parse])
def test_spans_belong_to_their_text_in_order_without_overlap(build: Any) -> None:
    def made(*spans: Span) -> Any:
        return lambda: build(TEXT, spans=spans)

    first, second = Span.of(TEXT, "a", 0, 6), Span.of(TEXT, "b", 4, 13)
    refused(made(Span(0, 3, "a", "FLY")), "slot 'a' at [0:3] says 'FLY' but the text there is 'fly'")
    refused(made(Span(13, 17, "a", " 🚄xx")), "but the text there is ' 🚄'")
    refused(made(first, second), "slots 'a' 'fly to' and 'b' 'to Zürich' overlap", "Keep one of the two.")
    refused(made(Span.of(TEXT, "b", 7, 13), Span.of(TEXT, "a", 0, 3)), "spans in order of their start")
    made(Span.of(TEXT, "a", 0, 4), Span.of(TEXT, "b", 4, 13))()


@pytest.mark.parametrize("intent", ["", "  "])
def test_an_intent_has_a_name(intent: str) -> None:
    refused(
        lambda: Utterance(TEXT, intent, where="a.csv:2"), f"a.csv:2: the intent of {TEXT!r} is blank; expected a name"
    )


@pytest.mark.parametrize("tokens", [((0, 0),), ((0, 3), (2, 6)), ((4, 6), (0, 3)), ((0, 16),), ((-1, 3),)])
def test_tokens_fit_the_text(tokens: Any) -> None:
    refused(lambda: Utterance(TEXT, tokens=tokens), "does not fit", "Rebuild the token offsets from the text.")


def test_the_place_is_not_part_of_equality() -> None:
    left, right = Utterance(TEXT, "a", where="a:1"), Utterance(TEXT, "a", where="b:2")
    assert left == right and hash(left) == hash(right)
    assert left != Utterance(TEXT, "b") and left != TEXT


def test_a_parse_ranks_its_intent_first() -> None:
    refused(lambda: Parse(TEXT, "a", 0.1, (("b", 0.9), ("a", 0.1))), "intent 'a' is not the first of its ranking")


def test_a_parse_as_json() -> None:
    span = Span.of(TEXT, "city", 7, 13, confidence=0.5)
    parse = Parse(TEXT, "go", 0.75, (("go", 0.75), ("stay", 0.25)), (span,), 13)
    assert json.loads(json.dumps(parse.to_dict())) == {
        "text": TEXT,
        "intent": {"name": "go", "confidence": 0.75},
        "intent_ranking": [{"name": "go", "confidence": 0.75}, {"name": "stay", "confidence": 0.25}],
        "slots": [{"slot": "city", "value": "Zürich", "start": 7, "end": 13, "confidence": 0.5}],
        "truncated_at": 13,
        "frame_confidence": None,
        "in_scope": None,
        "scope_score": None,
    }
    assert Parse("", frame_confidence=0.5, in_scope=False, scope_score=-3.5).to_dict() == {
        "text": "",
        "intent": None,
        "intent_ranking": [],
        "slots": [],
        "truncated_at": None,
        "frame_confidence": 0.5,
        "in_scope": False,
        "scope_score": -3.5,
    }


def test_a_parse_of_before_scope_was_known_is_read() -> None:
    shape = Parse("hi", "greet", 0.9).to_dict()
    del shape["in_scope"], shape["scope_score"]
    assert Parse.from_dict(shape) == Parse("hi", "greet", 0.9)


@pytest.mark.parametrize("scope", [(True, None), (None, 0.5)])
def test_a_parse_has_both_about_scope_or_neither(scope: Any) -> None:
    refused(lambda: Parse("hi", in_scope=scope[0], scope_score=scope[1]), "in_scope is", "both, or neither")


SCORES = st.floats(0, 1)


@st.composite
def parses(draw: st.DrawFn) -> Parse:
    """Parses of any text, with any spans that fit it."""
    text = draw(st.text(max_size=20))
    edges = sorted(draw(st.sets(st.integers(0, len(text)), max_size=6)))
    places = list(zip(edges[::2], edges[1::2], strict=False))
    spans = [Span.of(text, draw(st.sampled_from("ab")), *place, confidence=draw(SCORES)) for place in places]
    ranking = tuple((name, draw(SCORES)) for name in draw(st.lists(st.text(min_size=1), max_size=3)))
    first = ranking[0] if ranking else (None, None)
    truncated_at = draw(st.none() | st.integers(0, len(text)))
    scope = draw(st.sampled_from([(None, None), (True, 0.5), (False, -412.25)]))
    return Parse(text, *first, ranking, tuple(spans), truncated_at, draw(st.none() | SCORES), *scope)


@given(parses())
def test_a_parse_comes_back_from_its_json(parse: Parse) -> None:
    assert Parse.from_dict(json.loads(json.dumps(parse.to_dict()))) == parse


DAMAGES = {
    "no text": ({"text": ...}, "KeyError: 'text'"),
    "text of another kind": ({"text": 3}, "3 is no str"),
    "an intent that is a string": ({"intent": "go"}, "TypeError"),
    "a ranking of strings": ({"intent_ranking": ["go"]}, "TypeError"),
    "offsets that are strings": (
        {"slots": [{"slot": "a", "value": "f", "start": "0", "end": "1", "confidence": 1}]},
        "'0' is no int",
    ),
    "true for a number": ({"truncated_at": True}, "True is no int"),
    "slots that are no list": ({"slots": 5}, "TypeError"),
}


@pytest.mark.parametrize(("damage", "complaint"), DAMAGES.values(), ids=DAMAGES.keys())
def test_json_that_is_no_parse_is_refused(damage: dict[str, Any], complaint: str) -> None:
    values = {key: value for key, value in (Parse(TEXT).to_dict() | damage).items() if value is not ...}
    refused(lambda: Parse.from_dict(values), "parse: cannot be read (", complaint, "docs/parse-json.md")


def test_json_whose_slots_do_not_fit_its_text_is_refused_too() -> None:
    slot = {"slot": "a", "value": "xyz", "start": 0, "end": 3, "confidence": 0.5}
    refused(lambda: Parse.from_dict(Parse(TEXT).to_dict() | {"slots": [slot]}), "says 'xyz' but the text there is")
