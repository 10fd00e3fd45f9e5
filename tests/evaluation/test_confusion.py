"""Confusions by known answers: every wrong span exactly once."""

from __future__ import annotations

import pytest

from jointbert.errors import DataError
from jointbert.evaluation.confusion import Example, intent_confusions, slot_confusions
from jointbert.utterance import Parse, Span, Utterance

TEXT = "fly from rome to new york on monday"
FROM, TO, DAY = Span.of(TEXT, "from", 9, 13), Span.of(TEXT, "to", 17, 25), Span.of(TEXT, "day", 29, 35)
YORK = Span.of(TEXT, "to", 21, 25)


def kinds(gold: tuple[Span, ...], predicted: tuple[Span, ...]) -> list[tuple[str, str | None, str | None]]:
    found = slot_confusions([Utterance(TEXT, spans=gold)], [Parse(TEXT, spans=predicted)])
    return [(confusion.kind, confusion.gold, confusion.predicted) for confusion in found]


def test_intents_are_counted_with_three_examples_and_their_places() -> None:
    gold = [Utterance(f"bye {n}", "leave", where=f"t:{n}") for n in range(4)] + [Utterance("hi", "greet")]
    parses = [Parse(f"bye {n}", "greet") for n in range(4)] + [Parse("hi", "leave")]
    worst = intent_confusions(gold, parses)
    assert [(found.gold, found.predicted, found.count) for found in worst] == [
        ("leave", "greet", 4),
        ("greet", "leave", 1),
    ]
    assert worst[0].examples == tuple(Example(f"bye {n}", f"t:{n}") for n in range(3))
    assert intent_confusions(gold, parses, top=1) == worst[:1]


def test_no_intents_no_confusions() -> None:
    assert intent_confusions([Utterance("a")], [Parse("a", "x")]) == []
    assert intent_confusions([Utterance("a", "x")], [Parse("a")]) == []


@pytest.mark.parametrize(
    ("predicted", "expected"),
    [
        ((FROM, TO, DAY), []),
        ((FROM, YORK, DAY), [("boundary", "to", "to")]),
        ((FROM, TO), [("missed", "day", None)]),
        ((Span.of(TEXT, "to", 9, 13), TO, DAY), [("slot", "from", "to")]),
        ((Span.of(TEXT, "to", 4, 13), TO, DAY), [("slot", "from", "to")]),
        ((Span.of(TEXT, "verb", 0, 3), FROM, TO, DAY), [("spurious", None, "verb")]),
        ((), [("missed", "day", None), ("missed", "from", None), ("missed", "to", None)]),
    ],
)
def test_each_kind(predicted: tuple[Span, ...], expected: list[tuple[str, str | None, str | None]]) -> None:
    assert kinds((FROM, TO, DAY), predicted) == expected


def test_a_wrong_span_is_matched_once_the_closest_first() -> None:
    new = Span.of(TEXT, "day", 17, 20)
    assert kinds((TO,), (new, YORK)) == [("boundary", "to", "to"), ("spurious", None, "day")]


def test_examples_show_both_values() -> None:
    found = slot_confusions([Utterance(TEXT, spans=(TO,), where="t:1")], [Parse(TEXT, spans=(YORK,))])
    assert found[0].examples == (Example(TEXT, "t:1", "new york", "york"),)


def test_a_cut_token_is_no_confusion_when_tokens_are_scored() -> None:
    gold = Utterance("to o'hare", spans=(Span.of("to o'hare", "to", 3, 9),), tokens=((0, 2), (3, 9)))
    assert slot_confusions([gold], [Parse("to o'hare", spans=(Span.of("to o'hare", "to", 5, 9),))]) == []


def test_top_must_be_positive() -> None:
    with pytest.raises(DataError, match="confusions: top is 0; expected 1 or more"):
        intent_confusions([Utterance("a", "x")], [Parse("a", "y")], top=0)
