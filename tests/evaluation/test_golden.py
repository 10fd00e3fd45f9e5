"""Golden utterances: which of them B gets wrong, by intent, slots and scope."""

from __future__ import annotations

import json

import pytest

from jointbert.errors import DataError
from jointbert.evaluation.golden import judge_golden
from jointbert.utterance import Parse, Span, Utterance


def spanned(text: str, slot: str) -> tuple[Span, ...]:
    return (Span.of(text, slot, 2, 3),)


def test_what_b_gets_wrong_is_told_and_what_a_got_right_comes_first() -> None:
    gold = [
        Utterance("a b", "x", spanned("a b", "s")),
        Utterance("c d", "x"),
        Utterance("e f", spans=spanned("e f", "s")),
    ]
    gold += [Utterance("g h", spans=spanned("g h", "s")), Utterance("i j", "x")]
    right = [Parse(each.text, each.intent, spans=each.spans) for each in gold]
    a = [Parse("a b", "y"), right[1], Parse("e f", "z", spans=gold[2].spans), Parse("g h", "z"), Parse("i j", "y")]
    b = [Parse("a b", "y"), Parse("c d", "y"), Parse("e f", "q", spans=gold[2].spans)]
    b += [Parse("g h", "y", spans=spanned("g h", "t")), right[4]]
    found = judge_golden(gold, a, b)
    assert [(each.kind, each.text) for each in found.failures] == [
        ("broken", "c d"),
        ("wrong", "a b"),
        ("changed", "g h"),
    ]
    assert (found.utterances, found.broken, found.notes) == (5, 1, ())
    values = json.loads(json.dumps(found.to_dict()))
    assert (values["utterances"], len(values["failures"]), values["notes"]) == (5, 3, [])
    assert judge_golden(gold, b, right).failures == ()


def told(text: str, intent: str, inside: bool) -> Parse:
    return Parse(text, intent, in_scope=inside, scope_score=float(inside))


def test_scope_is_judged_for_each_model_by_its_own_markers() -> None:
    gold = [Utterance("a", "oos"), Utterance("b c", spans=spanned("b c", "s"))]
    right = [told("a", "x", False), Parse("b c", "x", spans=gold[1].spans, in_scope=True, scope_score=1.0)]
    wrong = [told("a", "oos", True), Parse("b c", "x", spans=gold[1].spans, in_scope=False, scope_score=0.0)]
    marked = frozenset(["oos"])
    assert judge_golden(gold, right, right, (marked, marked)).failures == ()
    failures = judge_golden(gold, right, wrong, (marked, marked)).failures
    assert [(each.kind, each.text) for each in failures] == [("broken", "a"), ("broken", "b c")]
    assert (failures[0].a.in_scope, failures[0].b.in_scope, failures[0].gold.in_scope) == (False, True, None)
    assert [each.text for each in judge_golden(gold, right, wrong, (marked, frozenset())).failures] == ["b c"]
    assert [each.kind for each in judge_golden(gold, wrong, right, (marked, frozenset())).failures] == ["changed"]


def test_models_that_are_both_wrong_differ_where_only_one_refuses() -> None:
    gold, a, b = [Utterance("a", "x")], told("a", "y", True), told("a", "y", False)
    assert [each.kind for each in judge_golden(gold, [a], [b]).failures] == ["changed"]
    assert [each.kind for each in judge_golden(gold, [b], [b]).failures] == ["wrong"]


def test_slots_are_judged_as_soon_as_one_utterance_has_any() -> None:
    gold = [Utterance("a b", "x"), Utterance("c d", "x")]
    invented = [Parse("a b", "x", spans=spanned("a b", "s")), Parse("c d", "x")]
    found = judge_golden(gold, invented, invented)
    assert not found.failures and len(found.notes) == 1 and found.notes[0].startswith("Golden utterances are judged")
    bare = [Parse(each.text, "x") for each in gold]
    assert judge_golden(gold, bare, bare).notes == (), "there is nothing to say"
    gold[1] = Utterance("c d", "x", spanned("c d", "s"))
    assert [each.text for each in judge_golden(gold, invented, invented).failures] == ["a b", "c d"]


def test_what_has_nothing_to_be_right_in_is_refused() -> None:
    gold = [Utterance("a", "x"), Utterance("b", where="g.csv:3")]
    parses = [Parse("a", "x"), Parse("b", "x")]
    with pytest.raises(
        DataError, match=r"g\.csv:3: the golden utterance 'b' has no intent, and none has a span; .* Label"
    ):
        judge_golden(gold, parses, parses)
    with pytest.raises(DataError, match="there are 0 utterances"):
        judge_golden([], [], [])
