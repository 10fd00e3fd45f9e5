"""Scores by known answers, against seqeval, and as properties."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import pytest
import seqeval.metrics
from hypothesis import given, settings
from hypothesis import strategies as st
from seqeval.scheme import IOB2

from jointbert.errors import DataError
from jointbert.evaluation.score import Rates, evaluate
from jointbert.tags import spans_from_tags
from jointbert.utterance import Parse, Span, Utterance

TEXT = "fly from rome to new york"
FROM, TO, YORK = Span.of(TEXT, "from", 9, 13), Span.of(TEXT, "to", 17, 25), Span.of(TEXT, "to", 21, 25)


def tagged(words: list[str], tags: list[str], intent: str | None = None) -> Utterance:
    text, tokens, start = " ".join(words), [], 0
    for word in words:
        tokens.append((start, start + len(word)))
        start += len(word) + 1
    return Utterance(text, intent, tuple(spans_from_tags(text, tokens, tags)), tokens=tuple(tokens))


def as_parse(utterance: Utterance) -> Parse:
    return Parse(utterance.text, utterance.intent, spans=utterance.spans)


def test_hand_computed_intents() -> None:
    gold = [Utterance(text, intent) for text, intent in zip("abcd", ["x", "x", "y", "z"], strict=True)]
    scores = evaluate(gold, [Parse(text, intent) for text, intent in zip("abcd", "xyyw", strict=True)])
    assert scores.intent_accuracy == 0.5
    assert scores.intent_macro_f1 == pytest.approx((2 / 3 + 2 / 3 + 0.0) / 3)  # w is not in gold: not in the mean
    rows = {row.name: (row.support, row.precision, row.recall) for row in scores.per_intent}
    assert rows == {"x": (2, 1.0, 0.5), "y": (1, 0.5, 1.0), "z": (1, 0.0, 0.0), "w": (0, 0.0, 0.0)}
    assert [row.name for row in scores.per_intent] == ["x", "y", "z", "w"]


def test_hand_computed_slots_on_raw_text() -> None:
    gold = [Utterance(TEXT, "f", (FROM, TO))]
    scores = evaluate(gold, [Parse(TEXT, "f", spans=(FROM, YORK))])
    assert scores.units == "characters"
    assert scores.slots == scores.slots_strict == Rates(0.5, 0.5, 0.5)
    assert scores.sentence_accuracy == 0.0
    assert [(row.name, row.support, row.f1) for row in scores.per_slot] == [("from", 1, 1.0), ("to", 1, 0.0)]


def test_units_are_tokens_only_when_every_utterance_has_them() -> None:
    with_tokens = tagged(["to", "rome"], ["O", "B-to"])
    assert evaluate([with_tokens], [as_parse(with_tokens)]).units == "tokens"
    both = [with_tokens, Utterance("hi")]
    assert evaluate(both, [as_parse(with_tokens), Parse("hi")]).units == "characters"


def test_a_predicted_span_inside_a_token_counts_as_the_token_and_is_noted() -> None:
    gold = tagged(["to", "o'hare"], ["O", "B-to"])
    scores = evaluate([gold], [Parse(gold.text, spans=(Span.of(gold.text, "to", 5, 9),))])
    assert scores.slot_f1 == scores.sentence_accuracy == 1.0
    assert "Predicted spans that did not fit the tokens and were stretched to them, or lost: 1." in scores.notes


def test_characters_as_tokens() -> None:
    text = "我想听NBA"
    spans = (Span.of(text, "topic", 3, 6),)
    gold = Utterance(text, "Play", spans, tokens=tuple((i, i + 1) for i in range(6)))
    assert evaluate([gold], [Parse(text, "Play", spans=spans)]).slot_f1 == 1.0
    wide = evaluate([gold], [Parse(text, "Play", spans=(Span.of(text, "topic", 2, 6),))])
    assert (wide.slot_f1, wide.sentence_accuracy, wide.intent_accuracy) == (0.0, 0.0, 1.0)


TAGS = ["O", "B-a", "I-a", "B-b", "I-b", "I-a", "B-x-y", "I-x-y"]
TAG_PAIRS = st.lists(
    st.lists(st.tuples(st.sampled_from(TAGS), st.sampled_from(TAGS)), min_size=1, max_size=7), min_size=1, max_size=5
)


@settings(max_examples=60, deadline=None)
@given(TAG_PAIRS)
def test_token_scores_equal_seqeval_on_the_files_own_tags_orphans_and_neighbours_included(rows: list) -> None:
    gold_tags = [[pair[0] for pair in row] for row in rows]
    other_tags = [[pair[1] for pair in row] for row in rows]
    words = [[f"w{index}" for index in range(len(row))] for row in rows]
    gold = [tagged(word, tags) for word, tags in zip(words, gold_tags, strict=True)]
    parses = [as_parse(tagged(word, tags)) for word, tags in zip(words, other_tags, strict=True)]
    scores = evaluate(gold, parses)
    if all(tag == "O" for row in gold_tags + other_tags for tag in row):
        assert scores.slots is None
        return
    assert scores.slots == scores.slots_strict
    assert scores.slot_f1 == pytest.approx(seqeval.metrics.f1_score(gold_tags, other_tags, zero_division=0))
    report = seqeval.metrics.classification_report(gold_tags, other_tags, output_dict=True, zero_division=0)
    for row in scores.per_slot:
        theirs = report[row.name]
        assert (row.support, row.precision, row.recall, row.f1) == (
            theirs["support"],
            pytest.approx(theirs["precision"]),
            pytest.approx(theirs["recall"]),
            pytest.approx(theirs["f1-score"]),
        )


def test_strict_scores_are_seqevals_strict_mode() -> None:
    words = ["a", "b", "c", "d"]
    gold_tags, other_tags = ["B-x", "I-x", "O", "B-y"], ["B-x", "I-x", "B-y", "B-y"]
    scores = evaluate([tagged(words, gold_tags)], [as_parse(tagged(words, other_tags))])
    strict = seqeval.metrics.f1_score([gold_tags], [other_tags], mode="strict", scheme=IOB2)
    assert scores.slot_f1_strict == pytest.approx(strict) == pytest.approx(0.8)


SLOTS = st.sampled_from(["a", "b"])


@st.composite
def labelled(draw: st.DrawFn) -> tuple[Utterance, Parse]:
    text = draw(st.text(alphabet="ab 北京🎵", min_size=1, max_size=9))

    def spans() -> tuple[Span, ...]:
        edges = sorted(draw(st.sets(st.integers(0, len(text)), max_size=6)))
        pairs = list(zip(edges[::2], edges[1::2], strict=False))
        return tuple(Span.of(text, draw(SLOTS), start, end) for start, end in pairs)

    intents = st.sampled_from(["x", "y", "z"])
    return Utterance(text, draw(intents), spans()), Parse(text, draw(intents), spans=spans())


@settings(max_examples=80, deadline=None)
@given(st.lists(labelled(), min_size=1, max_size=6))
def test_character_f1_is_a_set_computation_and_sentences_never_beat_intents(
    rows: list[tuple[Utterance, Parse]],
) -> None:
    gold, parses = [row[0] for row in rows], [row[1] for row in rows]
    ours = {(n, s.slot, s.start, s.end) for n, utterance in enumerate(gold) for s in utterance.spans}
    theirs = {(n, s.slot, s.start, s.end) for n, parse in enumerate(parses) for s in parse.spans}
    scores = evaluate(gold, parses)
    if ours or theirs:
        assert scores.slot_f1 == pytest.approx(2 * len(ours & theirs) / (len(ours) + len(theirs)))
    else:
        assert scores.slots is None
    assert scores.intent_accuracy is not None and scores.sentence_accuracy is not None
    assert scores.sentence_accuracy <= scores.intent_accuracy


@settings(max_examples=40, deadline=None)
@given(st.lists(labelled(), min_size=1, max_size=6))
def test_a_perfect_prediction_scores_one_everywhere(rows: list[tuple[Utterance, Parse]]) -> None:
    gold = [row[0] for row in rows]
    scores = evaluate(gold, [as_parse(utterance) for utterance in gold])
    assert (scores.intent_accuracy, scores.intent_macro_f1, scores.sentence_accuracy) == (1.0, 1.0, 1.0)
    assert scores.slots in (None, Rates(1.0, 1.0, 1.0))
    assert all((row.precision, row.recall, row.f1) == (1.0, 1.0, 1.0) for row in scores.per_intent + scores.per_slot)


def test_no_span_on_either_side_has_no_slot_f1_and_says_so() -> None:
    scores = evaluate([tagged(["hi"], ["O"], "greet")], [Parse("hi", "greet")])
    assert scores.slots is None and scores.slot_f1 is None and scores.slot_f1_strict is None
    assert scores.notes == ("There is no slot F1: neither gold nor predictions have a span.",)
    assert scores.sentence_accuracy == 1.0


@pytest.mark.parametrize("with_tokens", [True, False])
@pytest.mark.parametrize("spans_in_gold", [True, False])
def test_spans_on_one_side_only_score_zero(with_tokens: bool, spans_in_gold: bool) -> None:
    full = tagged(["to", "rome"], ["O", "B-to"], "f")
    tokens = full.tokens if with_tokens else None
    gold = Utterance(full.text, "f", full.spans if spans_in_gold else (), tokens=tokens)
    scores = evaluate([gold], [Parse(full.text, "f", spans=() if spans_in_gold else full.spans)])
    assert scores.slots == scores.slots_strict == Rates(0.0, 0.0, 0.0)
    assert scores.notes[0].startswith("Slot F1 is 0: ")


@pytest.mark.parametrize("side", ["data has", "model gives"])
def test_without_intents_only_slots_are_judged(side: str) -> None:
    gold = [Utterance(TEXT, None if side == "data has" else "f", (FROM,))]
    scores = evaluate(gold, [Parse(TEXT, "f" if side == "data has" else None, spans=(FROM,))])
    assert scores.intent_accuracy is None and scores.intent_macro_f1 is None and scores.per_intent == ()
    assert scores.sentence_accuracy == 1.0
    assert scores.notes == (f"There are no intent scores: the {side} no intents.",)


def test_nothing_to_judge_gives_no_sentence_accuracy() -> None:
    assert evaluate([Utterance("hi")], [Parse("hi")]).sentence_accuracy is None


def test_utterances_without_a_gold_intent_are_left_out_and_counted() -> None:
    scores = evaluate([Utterance("a", "x"), Utterance("b")], [Parse("a", "x"), Parse("b", "x")])
    assert (scores.intent_accuracy, scores.sentence_accuracy) == (1.0, 1.0)
    assert "Utterances without a gold intent, left out of intent and sentence accuracy: 1." in scores.notes


def test_a_gold_intent_unseen_by_the_model_is_wrong_and_a_missing_one_too() -> None:
    scores = evaluate([Utterance("a", "new"), Utterance("b", "x")], [Parse("a", "x"), Parse("b")])
    assert scores.intent_accuracy == 0.0


def test_truncated_texts_are_noted() -> None:
    notes = evaluate([Utterance("ab", "x")], [Parse("ab", "x", truncated_at=1)]).notes
    assert "Texts that the model read only in part, because they outran its length: 1." in notes


def test_plain_numbers_no_warnings_and_stable_json() -> None:
    gold = [tagged(["to", "rome"], ["O", "B-to"], "f"), tagged(["hi"], ["O"], "g")]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scores = evaluate(gold, [Parse("to rome", "h"), Parse("hi", "h", spans=(Span.of("hi", "to", 0, 2),))])
    values = scores.to_dict()
    assert list(values) == [
        "utterances",
        "units",
        "intent_accuracy",
        "intent_macro_f1",
        "slots",
        "slots_strict",
        "sentence_accuracy",
        "per_intent",
        "per_slot",
        "notes",
    ]
    assert values["slots"] == {"precision": 0.0, "recall": 0.0, "f1": 0.0}
    assert values["per_slot"] == [{"name": "to", "support": 1, "precision": 0.0, "recall": 0.0, "f1": 0.0}]
    assert json.loads(json.dumps(values)) == values
    numbers = [value for row in values["per_intent"] for value in row.values()] + list(values["slots"].values())
    assert {type(value) for value in numbers} <= {str, int, float}
    assert type(values["intent_accuracy"]) is float and type(values["intent_macro_f1"]) is float


def test_texts_must_be_the_same() -> None:
    with pytest.raises(DataError) as caught:
        evaluate([Utterance("hi", where="test.jsonl:7")], [Parse("ho")])
    assert str(caught.value) == (
        "test.jsonl:7: the parse is of 'ho'; expected a parse of 'hi'. "
        "Parse the gold texts as they are, in the same order."
    )


def test_sides_must_be_of_one_length_and_not_empty() -> None:
    with pytest.raises(DataError, match="1 parses for 2 gold utterances; expected one parse per utterance"):
        evaluate([Utterance("a"), Utterance("b")], [Parse("a")])
    with pytest.raises(DataError, match="there are 0 utterances; expected at least one"):
        evaluate([], [])


@pytest.mark.mirror
def test_atis_test_against_itself_scores_100(mirror: Path) -> None:
    folder = mirror / "atis" / "test"
    columns = [(folder / name).read_text(encoding="utf-8").splitlines() for name in ("seq.in", "seq.out", "label")]
    gold = [tagged(words.split(), tags.split(), label.strip()) for words, tags, label in zip(*columns, strict=True)]
    scores = evaluate(gold, [as_parse(utterance) for utterance in gold])
    assert (scores.utterances, scores.units) == (893, "tokens")
    perfect = Rates(1.0, 1.0, 1.0)
    assert (scores.slots, scores.slots_strict, scores.sentence_accuracy) == (perfect, perfect, 1.0)
    assert (scores.intent_accuracy, scores.intent_macro_f1, scores.notes) == (1.0, 1.0, ())
