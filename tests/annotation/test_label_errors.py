"""Label errors: planted ones are found, in the right order, in words; what people settled does not come again."""

from __future__ import annotations

import pytest

from jointbert.annotation import Project, Suggestion
from jointbert.annotation.doubt import Thresholds, in_words, suspicions
from jointbert.utterance import Parse, Span, Utterance


def said(
    text: str, intent: str | None, sure: float, *spans: Span, others: tuple[tuple[str, float], ...] = ()
) -> Suggestion:
    return Suggestion("out_of_fold", "cv", "1", intent, sure, spans, sure, others)


def city(text: str, value: str, slot: str = "city", sure: float | None = None) -> Span:
    return Span.of(text, slot, text.index(value), text.index(value) + len(value), confidence=sure)


def intents(*cases: tuple[str, str, float, float]) -> list[tuple[Utterance, Suggestion]]:
    """(label, the model's intent, its probability, the probability of the other one) of two intents a and b."""
    other = {"a": "b", "b": "a"}
    return [
        (Utterance("x", label), said("x", intent, sure, others=((other[intent], rest),)))
        for label, intent, sure, rest in cases
    ]


def test_thresholds_are_the_mean_probability_of_the_label() -> None:
    pairs = intents(("a", "a", 0.9, 0.1), ("a", "a", 0.7, 0.3), ("a", "b", 0.8, 0.2), ("b", "b", 0.6, 0.4))
    assert Thresholds.of(pairs).intents == {"a": pytest.approx(0.6), "b": pytest.approx(0.6)}


def test_a_confident_other_intent_is_suspicious_by_its_margin() -> None:
    pairs = intents(("a", "a", 0.9, 0.1), ("b", "b", 0.8, 0.2), ("a", "b", 0.95, 0.05), ("a", "b", 0.85, 0.15))
    found = suspicions(pairs)
    assert found[:2] == [None, None]
    assert found[2] == pytest.approx((1 + 0.9) / 2) and found[3] == pytest.approx((1 + 0.7) / 2)


def test_a_model_that_is_not_confident_raises_no_doubt() -> None:
    """b's threshold is (0.9 + 0.9) / 2: at 0.6 the model is less sure of b than it usually is."""
    pairs = intents(("b", "b", 0.9, 0.1), ("b", "b", 0.9, 0.1), ("a", "b", 0.6, 0.4))
    assert suspicions(pairs) == [None, None, None]


def test_a_class_the_model_is_never_sure_of_counts_as_confident_early() -> None:
    """a's threshold is 0.5, b's 0.9: at 0.45 b, 0.55 a the label b is doubted, at 0.55 b, 0.45 a neither is reached."""
    base = [("a", "a", 0.5, 0.5), ("b", "b", 0.9, 0.1), ("b", "b", 0.9, 0.1), ("b", "b", 0.9, 0.1)]
    pairs = intents(*base, ("b", "a", 0.55, 0.45))
    assert suspicions(pairs)[-1] == pytest.approx((1 + 0.1) / 2)


TEXT = "fly from Rome to Oslo"


def spans_case(gold: tuple[Span, ...], found: tuple[Span, ...]) -> float | None:
    """The suspicion of one utterance beside ten where the model finds "Rome" with 0.9, as labelled."""
    right = (Utterance(TEXT, "a", (city(TEXT, "Rome"),)), said(TEXT, "a", 0.9, city(TEXT, "Rome", sure=0.9)))
    odd = (Utterance(TEXT, "a", gold), said(TEXT, "a", 0.9, *found))
    found_all = suspicions([right] * 10 + [odd])
    assert found_all[:10] == [None] * 10
    return found_all[10]


def test_a_confident_span_that_is_not_in_the_label_is_suspicious() -> None:
    assert spans_case((), (city(TEXT, "Rome", sure=0.95),)) == 0.95
    assert spans_case((city(TEXT, "Rome", "date"),), (city(TEXT, "Rome", sure=0.95),)) == 0.95
    assert spans_case((), (city(TEXT, "Rome", sure=0.85),)) is None


def test_a_span_the_model_usually_finds_is_suspicious_where_it_does_not() -> None:
    assert spans_case((city(TEXT, "Rome"),), ()) == pytest.approx(0.5 * 10 / 11)
    assert spans_case((city(TEXT, "Rome", "date"),), ()) is None


def test_the_difference_in_words() -> None:
    gold = Utterance(TEXT, "a", (city(TEXT, "Rome", "date"), city(TEXT, "Oslo")))
    says = said(TEXT, "b", 0.97, city(TEXT, "fly", sure=0.5), city(TEXT, "Rome", sure=0.98))
    assert in_words(gold, says) == (
        "the model says b with 0.97, the label says a; "
        "the model says city for “fly” with 0.50, the label has nothing there; "
        "the model says city for “Rome” with 0.98, the label says date for “Rome”; "
        "the label says city for “Oslo”, the model finds nothing there"
    )
    assert in_words(gold, said(TEXT, "a", 0.9, *gold.spans)) == ""


def test_utterances_without_intents_and_nothing_at_all() -> None:
    assert suspicions([]) == []
    assert suspicions([(Utterance("x"), said("x", "a", 0.9)), (Utterance("x", "a"), said("x", None, 0.0))]) == [
        None,
        None,
    ]


def noisy(project: Project) -> None:
    """Twelve texts to book, twelve to cancel; the labels of 3 and 20 are wrong, and models say so."""
    texts = [f"book {n}" for n in range(1, 13)] + [f"cancel {n}" for n in range(13, 25)]
    right = ["book"] * 12 + ["cancel"] * 12
    wrong = {3: "cancel", 20: "book"}
    sure = {3: 0.99, 20: 0.95}
    project.add([Utterance(text, wrong.get(n, right[n - 1])) for n, text in enumerate(texts, 1)], "ann")
    pairs = []
    for n, text in enumerate(texts, 1):
        best = right[n - 1]
        rest = "book" if best == "cancel" else "cancel"
        p = sure.get(n, 0.9)
        pairs.append((n, Parse(text, best, p, ((best, p), (rest, 1 - p)))))
    project.add_suggestions(pairs, "cv", "1", kind="out_of_fold")


def test_planted_errors_are_found_the_most_suspicious_first(project: Project) -> None:
    noisy(project)
    found = project.label_errors()
    assert [error.utterance_id for error in found] == [3, 20]
    assert found[0].what == "the model says book with 0.99, the label says cancel"
    assert (found[0].text, found[0].gold.intent, found[0].suggestion.intent) == ("book 3", "cancel", "book")
    assert [error.utterance_id for error in project.label_errors(limit=1)] == [3]
    first = project.next("bob", "label errors")
    assert first is not None and first.id == 3


def test_what_is_corrected_or_decided_does_not_come_again(project: Project) -> None:
    noisy(project)
    answer = project.item(3, "ann").answer
    assert answer is not None
    project.answer(3, "ann", "accepted", "book", version=answer.version)
    assert [error.utterance_id for error in project.label_errors()] == [20]
    project.decide(20, "bob", "book")
    assert project.label_errors() == []
    kept = [(20, Parse("cancel 20", "cancel", 0.95, (("cancel", 0.95), ("book", 0.05))))]
    project.add_suggestions(kept, "cv", "2", kind="out_of_fold")
    assert project.label_errors() == []


def test_what_models_suggest_to_annotators_accuses_nobody(project: Project) -> None:
    project.add([Utterance("book 1", "cancel"), Utterance("book 2", "book")], "ann")
    pairs = [(n, Parse(f"book {n}", "book", 0.99, (("book", 0.99), ("cancel", 0.01)))) for n in (1, 2)]
    project.add_suggestions(pairs, "m", "1")
    assert project.label_errors() == []


def test_an_utterance_without_gold_has_no_label_error(project: Project) -> None:
    noisy(project)
    project.answer(3, "bob", "accepted", "book")
    assert [error.utterance_id for error in project.label_errors()] == [20]
