"""What one parse got wrong, told one by one."""

from __future__ import annotations

import pytest

from jointbert.annotation.mistakes import MISTAKES, Mistake, mistakes
from jointbert.errors import DataError
from jointbert.evaluation.confusion import Kind
from jointbert.utterance import Parse, Span, Utterance

TEXT = "fly from rome to new york"
ROME, YORK, NEW_YORK = (14 - 5, 13), (21, 25), (17, 25)


def utterance(*spans: tuple[str, tuple[int, int]], intent: str = "flight") -> Utterance:
    return Utterance(TEXT, intent, tuple(Span.of(TEXT, slot, *place) for slot, place in spans))


def parse(*spans: tuple[str, tuple[int, int]], intent: str = "flight") -> Parse:
    return Parse(TEXT, intent, 0.9, spans=tuple(Span.of(TEXT, slot, *place) for slot, place in spans))


def test_a_right_parse_has_none() -> None:
    assert mistakes(utterance(("from", ROME)), parse(("from", ROME))) == ()


@pytest.mark.parametrize(
    ("gold", "found", "expected"),
    [
        (utterance(), parse(intent="fare"), Mistake("intent", "flight", "fare")),
        (utterance(("from", ROME)), parse(("to", ROME)), Mistake("slot", "from", "to", "rome", "rome")),
        (utterance(("to", NEW_YORK)), parse(("to", YORK)), Mistake("boundary", "to", "to", "new york", "york")),
        (utterance(("to", NEW_YORK)), parse(), Mistake("missed", "to", None, "new york", None)),
        (utterance(), parse(("to", NEW_YORK)), Mistake("spurious", None, "to", None, "new york")),
    ],
)
def test_each_kind(gold: Utterance, found: Parse, expected: Mistake) -> None:
    assert mistakes(gold, found) == (expected,)


def test_every_kind_has_a_name_for_people() -> None:
    assert set(MISTAKES) == set(Kind.__args__)


def test_the_same_mistake_twice_is_told_twice_and_the_intent_first() -> None:
    gold = utterance(("city", ROME), ("city", NEW_YORK))
    found = mistakes(gold, parse(intent="fare"))
    assert [(mistake.kind, mistake.gold_value) for mistake in found] == [
        ("intent", None),
        ("missed", "rome"),
        ("missed", "new york"),
    ]


def test_another_text_is_refused() -> None:
    with pytest.raises(DataError, match="the same order"):
        mistakes(Utterance("hi", "greet"), Parse("ho", "greet"))
