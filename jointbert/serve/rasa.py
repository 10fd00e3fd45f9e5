"""Rasa's own shape of a parse, so that Rasa's dialogue manager can use this server as its remote NLU.

Source:
    Requests: ``RasaNLUHttpInterpreter`` in ``rasa/core/http_interpreter.py`` of https://github.com/RasaHQ/rasa posts
    ``{"token", "text", "message_id"}`` to ``<url>/model/parse`` and takes an answer of status 200 as the parse.
    Answers: ``ParseResult``, ``Entity`` and ``Intent`` in ``docs/static/spec/rasa.yml`` there, whose keys are required;
    ``confidence_entity``, ``extractor`` and, where it has one, ``role`` are what Rasa's own extractor (DIETClassifier)
    adds to an entity: ``EntityExtractorMixin`` in ``rasa/nlu/extractors/extractor.py`` there. Its ``confidence_role``,
    that of the role alone, is not known here: ``confidence_entity`` is that of place, entity and role together.
    Out of scope: ``FallbackClassifier`` in ``rasa/nlu/classifiers/fallback_classifier.py`` there puts the intent
    ``nlu_fallback`` before the others; a dialogue's rules wait for that name.
"""

from __future__ import annotations

from typing import Any

from jointbert.data.formats.rasa_role import split_role
from jointbert.utterance import Parse, Span

EXTRACTOR = "jointbert"
RANKING = 10
"""How many intents Rasa lists."""

FALLBACK = {"name": "nlu_fallback", "confidence": 1.0}
"""The intent of what is out of scope, as Rasa's own classifier gives it. The confidence is no measured one."""

EXAMPLE = {
    "text": "fly to Rome at noon",
    "intent": {"name": "travel", "confidence": 0.98},
    "entities": [
        {
            "entity": "city",
            "start": 7,
            "end": 11,
            "value": "Rome",
            "confidence_entity": 0.97,
            "extractor": EXTRACTOR,
        }
    ],
    "intent_ranking": [{"name": "travel", "confidence": 0.98}, {"name": "bye", "confidence": 0.02}],
}


def to_rasa(parse: Parse) -> dict[str, Any]:
    """The parse as Rasa's dialogue manager reads it.

    Example:
        >>> to_rasa(Parse("hi", "greet", 0.9, (("greet", 0.9),)))["intent"]
        {'name': 'greet', 'confidence': 0.9}
        >>> to_rasa(Parse("hi"))["intent"]
        {'name': None, 'confidence': 0.0}
        >>> to_rasa(Parse("2 + 2?", "greet", 0.4, (("greet", 0.4),), in_scope=False, scope_score=0.4))["intent_ranking"]
        [{'name': 'nlu_fallback', 'confidence': 1.0}, {'name': 'greet', 'confidence': 0.4}]
    """
    ranking = [{"name": name, "confidence": score} for name, score in parse.ranking[:RANKING]]
    outside = parse.in_scope is False
    confidence = 0.0 if parse.intent_confidence is None else parse.intent_confidence
    return {
        "text": parse.text,
        "intent": dict(FALLBACK) if outside else {"name": parse.intent, "confidence": confidence},
        "entities": [_entity(span) for span in parse.spans],
        "intent_ranking": [dict(FALLBACK), *ranking][:RANKING] if outside else ranking,
    }


def _entity(span: Span) -> dict[str, Any]:
    """A span as Rasa's entity: with a role only where the slot's name has one, split as in Rasa's training data."""
    entity, role = split_role(span.slot)
    return {
        "entity": entity,
        **({} if role is None else {"role": role}),
        "start": span.start,
        "end": span.end,
        "value": span.value,
        "confidence_entity": span.confidence,
        "extractor": EXTRACTOR,
    }
