"""What is out of scope in the server's two shapes."""

from __future__ import annotations

import pytest

from jointbert.serve.rasa import FALLBACK, RANKING, to_rasa
from jointbert.serve.shapes import PARSE, ParseAnswer
from jointbert.utterance import Parse

RANKED = tuple((f"intent {number}", 1 / (number + 2)) for number in range(20))


@pytest.mark.parametrize("scope", [(None, None), (True, 0.5), (False, -3.25)])
def test_the_answer_has_the_parses_own_keys(scope: tuple[bool | None, float | None]) -> None:
    parse = Parse("hi", *RANKED[0], RANKED, (), None, 0.4, *scope)
    shape = ParseAnswer.model_validate(parse.to_dict()).model_dump()
    assert shape == parse.to_dict() and (shape["in_scope"], shape["scope_score"]) == scope
    assert list(PARSE) == list(shape)


def test_rasa_is_told_by_the_intent_it_waits_for() -> None:
    outside = to_rasa(Parse("hi", *RANKED[0], RANKED, in_scope=False, scope_score=0.1))
    assert outside["intent"] == FALLBACK == outside["intent_ranking"][0]
    assert outside["intent_ranking"][1]["name"] == "intent 0" and len(outside["intent_ranking"]) == RANKING


@pytest.mark.parametrize("scope", [(None, None), (True, 0.1)])
def test_what_is_in_scope_or_not_judged_keeps_its_intent(scope: tuple[bool | None, float | None]) -> None:
    inside = to_rasa(Parse("hi", *RANKED[0], RANKED, (), None, 0.4, *scope))
    assert inside["intent"]["name"] == "intent 0" and inside["intent_ranking"][0]["name"] == "intent 0"
