"""The findings: counts by known answers, and figures that are those of the scores."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from invented import SUBJECT, gold, parse

from jointbert.errors import DataError
from jointbert.evaluation.score import evaluate
from jointbert.labels import Labels, LabelSet
from jointbert.report.build import build_findings
from jointbert.report.cases import build_cases, told
from jointbert.report.figures import INTENT, SENTENCE, SLOT
from jointbert.report.lengths import length_rows
from jointbert.report.mistakes import confident_mistakes, label_doubts
from jointbert.report.prose import plain
from jointbert.report.setup import Setup
from jointbert.report.slots import slot_rows, value_rows
from jointbert.report.training import Training
from jointbert.utterance import Parse, Span, Utterance

NIGHT = "from new york to rome at noon"


def test_each_gold_span_has_one_fate() -> None:
    golds = [gold(NIGHT, "fly", city="new york", to="rome", time="noon")] * 2
    parses = [parse(NIGHT, "fly", city="york", at="rome", day="from"), parse(NIGHT, "fly", city="new york", to="rome")]
    rows = {row.name: row for row in slot_rows(build_cases(golds, parses), evaluate(golds, parses))}
    fates = {name: (row.right, row.boundary, row.label, row.missed, row.spurious) for name, row in rows.items()}
    assert fates == {
        "city": (1, 1, 0, 0, 0),
        "to": (1, 0, 1, 0, 0),
        "time": (0, 0, 0, 2, 0),
        "at": (0, 0, 0, 0, 0),
        "day": (0, 0, 0, 0, 1),
    }
    assert rows["city"].gold == 2
    assert [plain(sentence) for sentence in told(build_cases(golds, parses)[0])] == [
        "`rome` is `to`, read as `at`.",
        "`city` is `new york`, read as `york`.",
        "`time` `noon` is missed.",
        "`from` is read as `day` and has no label.",
    ]


def test_values_are_told_apart_by_what_training_knew() -> None:
    training = Training.of([gold("to Rome", to="Rome"), gold("at noon", time="noon")])
    golds = [gold("to rome", to="rome"), gold("to  noon", to="noon"), gold("to oslo", to="oslo")]
    parses = [parse("to rome", to="rome"), parse("to  noon", time="noon"), parse("to oslo")]
    rows = value_rows(build_cases(golds, parses), training)
    assert [(row.name, row.spans, row.found, row.utterances_wrong) for row in rows] == [
        ("seen with this slot", 1, 1, 0),
        ("seen with other slots only", 1, 0, 1),
        ("never seen", 1, 0, 1),
    ]
    assert value_rows(build_cases(golds, parses), None) == ()
    assert value_rows(build_cases([gold("hi", "a")], [parse("hi", "a")]), training) == ()


def test_lengths_part_the_utterances() -> None:
    texts = ["hi", "a b c", "a b c d", " ".join("x" * 30), "去北京"]
    cases = build_cases([gold(text, "a") for text in texts], [parse(text, "a") for text in texts])
    rows = length_rows(cases, Training.of([gold("hello you", "a")]))
    assert [(row.name, row.utterances, row.train) for row in rows] == [("1-3", 3, 1), ("4-6", 1, 0), ("25+", 1, 0)]
    assert [row.train for row in length_rows(cases, None)] == [None] * 3
    assert [row.sentence for row in rows] == [1.0, 1.0, 1.0]


def test_lengths_are_scored_on_what_sentence_accuracy_counts() -> None:
    texts = ["hi", "a b c d", "b c d e"]
    cases = build_cases([gold("hi", "a"), gold(texts[1]), gold(texts[2])], [parse(text, "a") for text in texts])
    assert [row.sentence for row in length_rows(cases, None)] == [1.0, None]
    bare = build_cases([gold("hi")], [Parse("hi")])
    assert [row.sentence for row in length_rows(bare, None)] == [None], "nothing is scored"


def test_the_surest_mistakes_come_first_and_the_rest_is_counted() -> None:
    golds = [gold(f"hi {number}", "a") for number in range(9)]
    parses = [parse(f"hi {number}", "b" if number % 2 else "a", 0.1 * number) for number in range(9)]
    parses[3] = replace(parses[3], frame_confidence=None, intent_confidence=None, ranking=())
    listing = confident_mistakes(build_cases(golds, parses), most=3)
    assert [exhibit.text for exhibit in listing.shown] == ["hi 7", "hi 5", "hi 1"]
    assert listing.total == 4
    assert confident_mistakes(build_cases(golds, parses)).shown[-1].score is None


def test_a_label_is_doubted_only_by_a_model_that_is_as_sure_as_when_it_is_right() -> None:
    training = Training.of([gold("x", "a"), gold("y", "b")])
    golds = [gold("one", "b"), gold("two", "a"), gold("three", "a"), gold("four", "never trained")]
    parses = [parse("one", "b", 0.9), parse("two", "b", 0.95), parse("three", "b", 0.85), parse("four", "b", 0.99)]
    listing = label_doubts(build_cases(golds, parses), training)
    assert [(exhibit.text, round(exhibit.score or 0, 3)) for exhibit in listing.shown] == [("two", 0.95)]
    assert plain(listing.shown[0].what[0]) == "The label says `a`; the model says `b` with 95 %."


def test_what_the_model_never_gets_right_doubts_nothing() -> None:
    golds = [gold("one", "b"), gold("two", "a"), gold("at rome"), gold("at six", city="six")]
    parses = [parse("one", "a", 1.0), parse("two", "b", 1.0), parse("at rome", city="rome", sure=1.0), parse("at six")]
    assert label_doubts(build_cases(golds, parses), None).total == 0


def test_what_the_model_misses_is_doubted_only_where_it_is_as_sure_as_when_it_is_right() -> None:
    """It finds cities with 0.999 where it is right, and is 0.6 sure of three parses that miss one."""
    golds = [gold(f"at rome {number}", "a", city="rome") for number in range(20)]
    parses = [parse(utterance.text, "a", 0.999, city="rome") for utterance in golds]
    missed = [gold(f"at oslo {number}", "a", city="oslo") for number in range(3)]
    unsure = [Parse(utterance.text, "a", 1.0, (("a", 1.0),), frame_confidence=0.6) for utterance in missed]
    assert label_doubts(build_cases(golds + missed, parses + unsure), None).total == 0
    sure = [Parse(utterance.text, "a", 1.0, (("a", 1.0),), frame_confidence=1.0) for utterance in missed]
    listing = label_doubts(build_cases(golds + missed, parses + sure), None)
    assert (listing.total, listing.judged) == (3, 3)


def test_a_label_that_is_none_of_the_models_is_not_doubted() -> None:
    golds = [gold("one", "b"), gold("two", "new"), gold("at rome", "b", city="rome"), gold("at six", "b", hour="six")]
    parses = [
        parse("one", "b"),
        parse("two", "b"),
        parse("at rome", "b", city="rome"),
        parse("at six", "b", city="six"),
    ]
    cases, own = build_cases(golds, parses), Setup(Labels(LabelSet("intent", ("b",)), LabelSet("slot", ("city",))))
    assert label_doubts(cases, None).total == 2
    assert label_doubts(cases, None, own).total == 0


def test_training_decides_whether_a_span_is_doubted() -> None:
    golds = [gold("at rome", city="rome"), gold("at oslo", place="oslo"), gold("at home"), gold("at six", city="six")]
    parses = [*(parse(utterance.text, city=utterance.text[3:]) for utterance in golds[:3]), parse("at six")]
    known = [gold("in oslo", city="oslo")] * 3 + [gold("in oslo", place="oslo"), gold("in home", place="home")]
    listing = label_doubts(build_cases(golds, parses), Training.of(known))
    assert [(exhibit.text, exhibit.score) for exhibit in listing.shown] == [
        ("at oslo", 0.9),
        ("at six", pytest.approx(0.9 * (1 + 1 / 2) / 2)),
    ]
    assert plain(listing.shown[1].what[0]) == "`six` is labelled `city`; the model finds nothing there."
    known.append(gold("at six", city="six"))
    assert label_doubts(build_cases(golds, parses), Training.of(known)).total == 1
    assert label_doubts(build_cases(golds, parses), None).total == 3


def test_tokens_are_the_units_where_the_data_has_them() -> None:
    text = "from o'hare"
    tagged = Utterance(text, None, (Span.of(text, "airport", 5, 11),), tokens=((0, 4), (5, 11)))
    said = Parse(text, spans=(Span.of(text, "airport", 7, 11, confidence=0.9),))
    assert build_cases([tagged], [said])[0].right
    assert label_doubts(build_cases([tagged], [said]), None).total == 0


NAMES = st.sampled_from(["a", "b", None])
PLACES = st.lists(st.sampled_from([(0, 2), (3, 5), (3, 8), (6, 8)]), max_size=2)


@st.composite
def sides(draw: st.DrawFn) -> tuple[Utterance, Parse]:
    text = "ab cd ef"

    def spans() -> tuple[Span, ...]:
        found: list[Span] = []
        for start, end in sorted(draw(PLACES)):
            if not found or start >= found[-1].end:
                found.append(Span.of(text, draw(st.sampled_from(["x", "y"])), start, end))
        return tuple(found)

    return Utterance(text, draw(NAMES), spans()), Parse(text, draw(NAMES), spans=spans())


@given(st.lists(sides(), min_size=1, max_size=6))
def test_the_figures_are_the_scores_whatever_is_compared(pairs: list[tuple[Utterance, Parse]]) -> None:
    golds, parses = [utterance for utterance, _ in pairs], [said for _, said in pairs]
    scores, cases = evaluate(golds, parses), build_cases(golds, parses)
    found = build_findings(SUBJECT, golds, parses, golds)
    named = {figure.name: figure for figure in found.figures}
    wanted = {SENTENCE: scores.sentence_accuracy, INTENT: scores.intent_accuracy, SLOT: scores.slot_f1}
    assert {name: figure.value for name, figure in named.items()} == wanted
    for figure in named.values():
        if figure.value is not None and figure.low is not None and figure.high is not None:
            assert figure.low - 1e-9 <= figure.value <= figure.high + 1e-9 or len(golds) < 4
    if scores.sentence_accuracy is not None:
        judged = [case for case in cases if case.judged]
        assert sum(case.right for case in judged) / len(judged) == pytest.approx(scores.sentence_accuracy)
    assert sum(row.gold for row in found.slots) == sum(len(utterance.spans) for utterance in golds)
    assert sum(row.spans for row in found.values) == sum(len(utterance.spans) for utterance in golds)
    assert sum(row.utterances for row in found.lengths) == len(golds)


def test_a_perfect_score_has_an_interval_too() -> None:
    golds = [gold(f"hi {number}", "a") for number in range(30)]
    perfect = build_findings(SUBJECT, golds, [parse(utterance.text, "a") for utterance in golds])
    hopeless = build_findings(SUBJECT, golds, [parse(utterance.text, "b") for utterance in golds])
    assert (perfect.figures[0].low, perfect.figures[0].high) == (0.9, 1.0)
    assert (hopeless.figures[0].low, hopeless.figures[0].high) == (0.0, 0.1)


def test_nothing_to_compare_is_refused() -> None:
    with pytest.raises(DataError, match="there are 0 utterances; expected at least one"):
        build_findings(SUBJECT, [], [])
