"""The ranking of suspicious labels: by known answers, by planted errors, in words."""

from __future__ import annotations

import pytest

from jointbert.errors import DataError
from jointbert.evaluation.doubt import IntentDoubt, SpanDoubt, Suspect, rank_labels
from jointbert.utterance import Parse, Span, Utterance

TEXT = "fly from Rome to Oslo"


def span(value: str, slot: str = "city", sure: float | None = None) -> Span:
    return Span.of(TEXT, slot, TEXT.index(value), TEXT.index(value) + len(value), confidence=sure)


def said(*spans: Span, intent: str = "a", sure: float = 1.0, tags: float = 1.0, other: str = "b") -> Parse:
    """A parse that gives its intent a probability, another one the rest, and all of its tags a probability."""
    return Parse(TEXT, intent, sure, ((intent, sure), (other, 1 - sure)), spans, None, sure * tags)


def only(gold: Utterance, parse: Parse) -> Suspect:
    return rank_labels([gold], [parse])[0]


def test_an_intent_is_as_suspicious_as_the_model_thinks_it_improbable() -> None:
    gold = [Utterance(TEXT, label) for label in ("a", "a", "b", "b")]
    parses = [said(sure=0.9), said(sure=0.6), said(sure=0.7), said(sure=0.95)]
    ranked = rank_labels(gold, parses)
    assert [suspect.place for suspect in ranked] == [3, 2, 1, 0]
    assert [suspect.suspicion for suspect in ranked] == pytest.approx([0.95, 0.7, 0.4, 0.1])
    assert [suspect.doubtful for suspect in ranked] == [True, True, False, False]


def test_agreement_is_never_doubtful_however_unsure_the_model_is() -> None:
    suspect = only(Utterance(TEXT, "a"), said(sure=0.3))
    assert suspect.suspicion == pytest.approx(0.7) and not suspect.doubtful and suspect.in_words() == ""


def test_a_model_that_is_sure_of_nothing_makes_no_label_doubtful() -> None:
    parse = Parse(TEXT, "a", 0.4, (("a", 0.4), ("c", 0.35), ("b", 0.25)))
    suspect = only(Utterance(TEXT, "b"), parse)
    assert suspect.suspicion == 0.75 and not suspect.doubtful


def test_what_a_ranking_does_not_name_gets_what_is_left() -> None:
    short = Parse(TEXT, "a", 0.6, (("a", 0.6), ("b", 0.3)))
    assert only(Utterance(TEXT, "c"), short).suspicion == pytest.approx(0.9)
    assert only(Utterance(TEXT, "c"), Parse(TEXT, "a")).suspicion == 1.0
    assert only(Utterance(TEXT, "a"), Parse(TEXT, "a")).suspicion == 0.0


def test_a_span_of_the_models_is_as_suspicious_as_the_model_is_sure() -> None:
    extra = only(Utterance(TEXT, "a"), said(span("Rome", sure=0.8)))
    assert extra.suspicion == 0.8 and extra.doubtful
    renamed = only(Utterance(TEXT, "a", (span("Rome", "date"),)), said(span("Rome", sure=0.7)))
    assert (renamed.suspicion, len(renamed.doubts)) == (0.7, 1)
    moved = only(Utterance(TEXT, "a", (span("to Oslo"),)), said(span("Oslo", sure=0.4)))
    assert moved.suspicion == 0.4 and not moved.doubtful


def test_a_missed_span_counts_by_its_tags_and_by_how_often_its_slot_is_found() -> None:
    """Of three cities two are found: the third is worth (1 + 2/3) / 2 of the tags' probability."""
    gold = [Utterance(TEXT, "a", (span("Rome"),))] * 3
    parses = [said(span("Rome", sure=0.9)), said(span("Rome", sure=0.9)), said(sure=0.5, tags=0.8)]
    worst = rank_labels(gold, parses)[0]
    assert worst.place == 2 and worst.suspicion == pytest.approx(0.8 * (1 + 2 / 3) / 2)
    assert only(gold[0], said(tags=0.8)).suspicion == pytest.approx(0.4), "a slot that is never found"
    unknown = Parse(TEXT, "a", 1.0, (("a", 1.0),))
    assert only(gold[0], unknown).suspicion == pytest.approx(0.25), "a parse that does not say how sure it is"


def test_the_worst_label_decides_and_equal_ones_keep_their_order() -> None:
    both = Utterance(TEXT, "b", (span("Rome"),))
    suspect = only(both, said(span("Rome", "date", 0.6), sure=0.9))
    assert suspect.suspicion == 0.9
    intent, place = suspect.doubts
    assert isinstance(intent, IntentDoubt) and (intent.label, intent.said, intent.confidence) == ("b", "a", 0.9)
    assert isinstance(place, SpanDoubt) and place.labels == (span("Rome"),) and place.confidence == 0.6
    assert [found.place for found in rank_labels([both] * 3, [said(sure=0.9)] * 3)] == [0, 1, 2]


def test_the_difference_in_words() -> None:
    gold = Utterance(TEXT, "a", (span("Rome", "date"), span("Oslo")))
    parse = said(span("fly", sure=0.5), span("Rome", sure=0.98), intent="b", sure=0.97, other="a")
    assert only(gold, parse).in_words() == (
        "the model says b with 0.97, the label says a; "
        "the model says city for “fly” with 0.50, the label has nothing there; "
        "the model says city for “Rome” with 0.98, the label says date for “Rome”; "
        "the label says city for “Oslo”, the model finds nothing there"
    )
    assert only(gold, said(*gold.spans)).in_words() == ""


def test_spans_are_compared_in_the_units_of_the_data() -> None:
    text = "from o'hare"
    tagged = Utterance(text, None, (Span.of(text, "airport", 5, 11),), tokens=((0, 4), (5, 11)))
    inside = Parse(text, spans=(Span.of(text, "airport", 7, 11, confidence=0.9),))
    assert rank_labels([tagged], [inside])[0].doubts == ()
    other = Parse(text, spans=(Span.of(text, "city", 7, 11, confidence=0.9),))
    assert rank_labels([tagged], [other])[0].suspicion == 0.9


def test_what_has_no_labels_is_not_suspicious_and_sides_must_fit() -> None:
    assert rank_labels([], []) == []
    assert only(Utterance(TEXT), said(sure=0.2)).suspicion == 0.0
    assert only(Utterance(TEXT, "a"), Parse(TEXT)).suspicion == 0.0
    with pytest.raises(DataError, match="the parse is of 'other'"):
        rank_labels([Utterance(TEXT, "a")], [Parse("other", "a")])
