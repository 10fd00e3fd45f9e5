"""What B breaks, fixes and changes; scores and verdicts by known answers; hostile text stays text."""

from __future__ import annotations

import io
import json
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from jointbert.errors import DataError
from jointbert.evaluation.comparison import Comparison, compare
from jointbert.evaluation.comparison_view import render_comparison, verdict_line
from jointbert.evaluation.difference import label_changes
from jointbert.evaluation.intervals import score_intervals
from jointbert.evaluation.score import evaluate
from jointbert.evaluation.significance import mcnemar
from jointbert.labels import Labels, LabelSet
from jointbert.utterance import Parse, Span, Utterance

TEXT, TOKENS = "fly to las vegas at noon", ((0, 3), (4, 6), (7, 10), (11, 16), (17, 19), (20, 24))
PLACES = [("city", 7, 16), ("city", 7, 10), ("city", 11, 16), ("time", 20, 24), ("time", 17, 24), ("verb", 0, 3)]


@st.composite
def frames(draw: st.DrawFn) -> tuple[str, tuple[Span, ...]]:
    spans: list[Span] = []
    for slot, start, end in sorted(draw(st.sets(st.sampled_from(PLACES))), key=lambda place: place[1]):
        if not spans or spans[-1].end <= start:
            spans.append(Span.of(TEXT, slot, start, end))
    return draw(st.sampled_from(["go", "stay", "eat"])), tuple(spans)


@settings(max_examples=40)
@given(st.lists(st.tuples(frames(), frames(), frames()), min_size=1, max_size=12), st.booleans())
def test_every_score_is_that_of_evaluate(rows: list, with_tokens: bool) -> None:
    gold = [Utterance(TEXT, *row[0], tokens=TOKENS if with_tokens else None) for row in rows]
    sides = [[Parse(TEXT, row[side][0], spans=row[side][1]) for row in rows] for side in (1, 2)]
    found = compare(gold, *sides)
    contests = {contest.score: contest for contest in found.contests}
    for name, parses in zip("ab", sides, strict=True):
        scores = evaluate(gold, parses)
        assert getattr(contests["intent accuracy"], name).value == pytest.approx(scores.intent_accuracy)
        assert getattr(contests["sentence accuracy"], name).value == pytest.approx(scores.sentence_accuracy)
        if scores.slot_f1 is not None:
            assert getattr(contests["slot F1"], name).value == pytest.approx(scores.slot_f1)
        alone = score_intervals(gold, parses)
        assert {score: getattr(contests[score], name) for score in alone} == alone
        assert alone["sentence accuracy"].value == pytest.approx(scores.sentence_accuracy)
        assert ("slot F1" in alone) == (scores.slot_f1 is not None)
    sentence = contests["sentence accuracy"]
    tested = mcnemar(found.count("broken"), found.count("fixed"))
    assert sentence.p == tested.p and sentence.p_holm >= sentence.p
    gained = found.count("fixed") - found.count("broken")
    assert sentence.change.value == pytest.approx(gained / len(gold))


def told(text: str, intent: str | None, *slots: str) -> tuple[Utterance, Parse]:
    """An utterance, and the parse that says the same; a slot is named for each word from the second on."""
    words, spans = text.split(), []
    for word, slot in zip(words[1:], slots, strict=False):
        spans.append(Span.of(text, slot, text.index(word), text.index(word) + len(word)))
    return Utterance(text, intent, tuple(spans), where=f"x:{text[0]}"), Parse(text, intent, spans=tuple(spans))


def many(right_a: list[bool], right_b: list[bool]) -> Comparison:
    gold = [Utterance(f"t{number}", "x") for number in range(len(right_a))]
    sides = [[Parse(f"t{n}", "x" if fine else "y") for n, fine in enumerate(side)] for side in (right_a, right_b)]
    return compare(gold, *sides)


def test_what_became_of_each_utterance() -> None:
    gold = [told("a b", "x", "s"), told("c d", "x", "s"), told("e f", "x", "s"), told("g h", "x", "s")]
    gold.append(told("i j", "x"))
    a = [told("a b", "x", "s"), told("c d", "y", "s"), told("e f", "x", "t"), told("g h", "y"), told("i j", "x")]
    b = [told("a b", "x"), told("c d", "x", "s"), told("e f", "y", "s"), told("g h", "y"), told("i j", "x")]
    found = compare([row[0] for row in gold], [row[1] for row in a], [row[1] for row in b])
    assert [(each.kind, each.text) for each in found.differences] == [
        ("broken", "a b"),
        ("fixed", "c d"),
        ("changed", "e f"),
    ]
    assert [found.count(kind) for kind in ("broken", "fixed", "changed")] == [1, 1, 1]
    values = json.loads(json.dumps(found.to_dict()))
    assert values["differences"][0] == {
        "kind": "broken",
        "where": "x:a",
        "text": "a b",
        "gold": {"intent": "x", "in_scope": None, "slots": [{"slot": "s", "value": "b", "start": 2, "end": 3}]},
        "a": {"intent": "x", "in_scope": None, "slots": [{"slot": "s", "value": "b", "start": 2, "end": 3}]},
        "b": {"intent": "x", "in_scope": None, "slots": []},
    }
    assert values["counts"] == {"broken": 1, "fixed": 1, "changed": 1}
    assert values["contests"][2]["score"] == "sentence accuracy" and values["utterances"] == 5


def test_worse_better_and_neither() -> None:
    chance = np.random.default_rng(0)
    base = list(chance.random(300) < 0.9)
    worse = [fine and number % 10 != 0 for number, fine in enumerate(base)]
    assert many(base, worse).verdict == "worse"
    assert many(worse, base).verdict == "better"
    assert many(base, base).verdict == "no significant difference"
    brink = [False] * 5 + base[5:]
    few = many([True] * 5 + base[5:], brink)
    assert few.verdict == "no significant difference" and few.contests[0].p == 0.0625


def test_worse_in_one_score_is_worse_though_another_is_better() -> None:
    text = "to rome"
    gold = [Utterance(text, "x", (Span.of(text, "city", 3, 7),))] * 60
    a = [Parse(text, "x")] * 60
    b = [Parse(text, "y", spans=(Span.of(text, "city", 3, 7),))] * 60
    found = compare(gold, a, b)
    assert found.verdict == "worse"
    line = verdict_line(found)
    assert line.startswith("B is worse: intent accuracy -100.0 points (95 % interval -100.0 to -90.0, p < 0.001)")
    assert "; though better in slot F1 +100.0 points" in line


def test_the_p_values_are_corrected_for_being_several() -> None:
    text = "to rome"
    spans = (Span.of(text, "city", 3, 7),)
    gold = [Utterance(text, "x", spans)] * 40
    b = [Parse(text, "x" if number >= 6 else "y", spans=spans) for number in range(40)]
    found = compare(gold, [Parse(text, "x", spans=spans)] * 40, b)
    assert [round(contest.p, 4) for contest in found.contests] == [0.0312, 1.0, 0.0312]
    assert [round(contest.p_holm, 4) for contest in found.contests] == [0.0938, 1.0, 0.0938]
    assert found.verdict == "no significant difference"


def test_equally_good_models_are_rarely_told_apart() -> None:
    chance, told_apart = np.random.default_rng(3), 0
    for _ in range(40):
        hard = chance.random(150) < 0.4
        sides = [list(np.where(hard, chance.random(150) < 0.6, True)) for _ in range(2)]
        told_apart += many(*sides).verdict != "no significant difference"
    assert told_apart <= 5


def missing(count: int) -> Comparison:
    """B misses the one slot of each of so many utterances; A finds them all."""
    text = "to rome"
    spans = (Span.of(text, "city", 3, 7),)
    gold = [Utterance(text, "x", spans)] * count
    return compare(gold, [Parse(text, "x", spans=spans)] * count, [Parse(text, "x")] * count)


@pytest.mark.parametrize("count", range(1, 9))
def test_few_utterances_prove_nothing(count: int) -> None:
    found = missing(count)
    [_, slots, sentences] = found.contests
    assert slots.p == sentences.p == min(1.0, 2 / 2**count) and slots.test == "paired permutation, exact"
    assert slots.p_holm == pytest.approx(min(1.0, 3 * slots.p))
    assert found.verdict == ("worse" if count >= 7 else "no significant difference")


@pytest.mark.parametrize("count", range(1, 9))
def test_the_interval_of_a_difference_holds_0_where_the_test_finds_none(count: int) -> None:
    for contest in missing(count).contests:
        assert contest.change.low < contest.change.high
        assert (contest.change.low <= 0 <= contest.change.high) == (contest.p > 0.05 or count == 6)


def test_the_gate_lets_equally_good_models_pass_however_few_the_utterances() -> None:
    text, chance = "to rome", np.random.default_rng(0)
    spans = (Span.of(text, "city", 3, 7),)
    for count in (1, 2, 3, 4, 5):
        gold = [Utterance(text, "x", spans)] * count
        for _ in range(12):
            a, b = (
                [Parse(text, "x", spans=spans if fine else ()) for fine in chance.random(count) < 0.5] for _ in "ab"
            )
            assert compare(gold, a, b).verdict == "no significant difference"


def test_models_that_agree_may_yet_differ_elsewhere() -> None:
    [contest, _] = many([True] * 30, [True] * 30).contests
    assert contest.p == 1.0
    assert (contest.change.value, contest.change.low, contest.change.high) == pytest.approx((0.0, -0.1, 0.1))


def test_many_utterances_are_tested_by_drawing_swaps() -> None:
    chance = random.Random(2)
    text = "a b c d"
    spans = tuple(Span.of(text, "letter", at, at + 1) for at in (0, 2, 4, 6))
    gold = [Utterance(text, None, spans)] * 400
    a, b = ([Parse(text, spans=spans[: chance.randint(0, 4)]) for _ in gold] for _ in "ab")
    [slots, _] = compare(gold, a, b).contests
    assert slots.test == "paired permutation" and slots.p > 0.05


def test_a_model_without_intents_gets_them_wrong() -> None:
    gold = [Utterance(f"t{number}", "x") for number in range(30)]
    some, none = [Parse(each.text, "x") for each in gold], [Parse(each.text) for each in gold]
    found = compare(gold, some, none)
    assert (found.verdict, found.count("broken")) == ("worse", 30)
    assert "B gives no intents, so all of its intents count as wrong." in found.notes
    assert not any("There are no intent scores" in note for note in found.notes), "the table has one"
    other = compare(gold, none, some)
    assert other.verdict == "better"
    assert not any("There are no intent scores" in note for note in other.notes)
    assert "There are no intent scores: the model gives no intents." in evaluate(gold, none).notes


def test_where_neither_gives_intents_there_are_no_scores_of_them() -> None:
    spans = (Span.of("to rome", "city", 3, 7),)
    gold, bare = [Utterance("to rome", "x", spans)], [Parse("to rome", spans=spans)]
    found = compare(gold, bare, bare)
    assert [contest.score for contest in found.contests] == ["slot F1", "sentence accuracy"]
    assert found.notes == ("There are no intent scores: the model gives no intents.",)


def test_an_utterance_without_a_gold_intent_is_not_judged() -> None:
    gold = [Utterance("a", "x"), Utterance("b"), Utterance("c")]
    a = [Parse("a", "x"), Parse("b", "x"), Parse("c", "x")]
    found = compare(gold, a, [Parse("a", "x"), Parse("b", "y"), Parse("c", "x")])
    assert [(each.kind, each.text) for each in found.differences] == [("changed", "b")]
    assert found.contests[-1].b.value == 1.0
    assert found.notes[0] == "Utterances without a gold intent, left out of intent and sentence accuracy: 2."


def test_intents_do_not_count_where_gold_has_none() -> None:
    text = "to rome"
    gold = [Utterance(text, None, (Span.of(text, "city", 3, 7),))]
    a, b = (Parse(text, intent, spans=gold[0].spans) for intent in ("x", "y"))
    found = compare(gold, [a], [b])
    assert [contest.score for contest in found.contests] == ["slot F1", "sentence accuracy"]
    assert found.differences == ()


def test_a_side_without_any_span_has_an_f1_that_may_be_anything() -> None:
    gold, bare = [Utterance("to rome", "x")] * 9, [Parse("to rome", "x")] * 9
    invented = [Parse("to rome", "x", spans=(Span.of("to rome", "city", 3, 7),))] * 9
    [_, slots, _] = compare(gold, bare, invented).contests
    assert (slots.a.value, slots.a.low, slots.a.high) == (0.0, 0.0, 1.0)
    assert (slots.b.value, slots.b.low, slots.b.high) == (0.0, 0.0, pytest.approx(1 / 3))


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(DataError, match=r"alpha: is 1; expected a number between 0 and 1\. 0\.05 is usual\."):
        compare([Utterance("a", "x")], [Parse("a", "x")], [Parse("a", "x")], alpha=1)
    with pytest.raises(DataError, match="comparison: there is nothing to compare; expected intents or slots"):
        compare([Utterance("a")], [Parse("a", "x")], [Parse("a", "x")])
    with pytest.raises(DataError, match="1 parses for 2 gold utterances"):
        compare([Utterance("a")] * 2, [Parse("a")] * 2, [Parse("a")])


def test_labels_that_only_one_knows_are_named() -> None:
    a = Labels(LabelSet("intent", ("x", "y")), None)
    b = Labels(LabelSet("intent", ("x", *(f"n{number:02}" for number in range(12)))), LabelSet("slot", ("city",)))
    assert label_changes(a, a) == ()
    assert label_changes(a, b) == (
        "Intents known to A only: y.",
        "Intents known to B only: n00, n01, n02, n03, n04, n05, n06, n07, n08, n09 and 2 more.",
        "Slots known to B only: city.",
    )


# the view -----------------------------------------------------------------------------------------------------------


def shown(comparison: Comparison, show: int = 20, width: int = 120) -> str:
    out = io.StringIO()
    render_comparison(comparison, show, Console(file=out, width=width))
    return out.getvalue()


def test_the_scores_the_worst_first_and_the_verdict_last() -> None:
    found = many([True, True, False] * 20, [True, False, True] * 20)
    text = shown(found, show=25)
    assert "55.0 to 78.3" in text and "-20.0 to +20.0" in text
    assert "Tests: intent accuracy by McNemar; sentence accuracy by McNemar; p corrected by Holm." in text
    assert "60 utterances; slots over characters; 20 broken, 20 fixed, 0 changed." in text
    assert text.index("broken  t1") < text.index("fixed   t2")
    assert "  A, gold x\n  B       y\n" in text and "  B, gold x\n  A       y\n" in text
    assert "... and 15 more; --show lists more, --json writes all." in text
    assert text.splitlines()[-1].startswith("No significant difference between A and B: sentence accuracy 0.0 points")
    assert "broken  t1" not in shown(found, show=0)


def test_at_80_columns_the_first_p_value_is_left_out_and_nothing_is_cut() -> None:
    gold = [Utterance("to rome", "x", (Span.of("to rome", "city", 3, 7),))] * 40
    found = compare(gold, [Parse("to rome", "x")] * 40, [Parse("to rome", "y", spans=gold[0].spans)] * 40)
    lines = shown(found, show=0, width=80).splitlines()
    assert all(len(line) <= 80 and "…" not in line for line in lines)
    assert lines[2].split() == ["A", "B", "B", "-", "A", "Holm"]
    assert any(line.startswith(" sentence accuracy ") for line in lines)
    assert any("92.5 to 100.0" in line and "-100.0 to -85.0" in line for line in lines)
    wide = shown(found, show=0, width=100)
    assert "…" not in wide and "  p ┃" in wide


def test_hostile_text_is_shown_as_text() -> None:
    text = "[bold red]x[/] \x1b[2J\nz\u202e"
    gold = [Utterance(text, "[link=evil]i", where="[b]f:1")]
    out = shown(compare(gold, [Parse(text, "[link=evil]i")], [Parse(text, "\x1b]0;t\x07")]), width=200)
    assert "[b]f:1: [bold red]x[/] \\x1b[2J\\nz\\u202e" in out
    assert "[link=evil]i" in out and "\\x1b]0;t\\x07" in out
    assert "\x1b" not in out and "\u202e" not in out


def test_thousands_of_utterances_are_compared_in_seconds() -> None:
    chance = random.Random(1)
    text = "to rome"
    gold = [Utterance(text, "x", (Span.of(text, "city", 3, 7),))] * 3000
    sides = [[Parse(text, chance.choice("xxxxy"), spans=each.spans) for each in gold] for _ in range(2)]
    found = compare(gold, *sides)
    assert found.count("broken") > 300 and found.contests[0].test == "McNemar"
