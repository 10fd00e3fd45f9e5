"""Rasa's messages that say outright what they mean: ``/book_flight@0.9{"city": "Rome"}``, as its buttons send them.

With a remote NLU Rasa does not read them itself, and a model would take them for words.

Source:
    ``unpack_regex_message`` in ``rasa/shared/core/training_data/story_reader/yaml_story_reader.py`` of
    https://github.com/RasaHQ/rasa. There the domain says which intents there are; here a name that the model does not
    know counts as one where it is a single word, so that ``/etc/hosts`` and ``/s that was a joke`` stay text.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection
from typing import Any

_PAYLOAD = re.compile(r"/(?P<intent>[^{@]+)(?:@(?P<confidence>[0-9.]+))?(?P<entities>\{.+\})?", re.DOTALL)
_WORD = re.compile(r"[^\W\d][\w.+-]*")


def read_payload(text: str, intents: Collection[str], extractor: str) -> dict[str, Any] | None:
    """What such a message says, in the shape of an answer to Rasa; None for a text that is none.

    Args:
        text: The message.
        intents: The intents that the model knows.
        extractor: Who is said to have found the entities.

    Returns:
        The intent has the message's own confidence, or 1. Each entity has the place of all that is in braces, as in
        Rasa; what is no JSON object there gives none.

    Example:
        >>> found = read_payload('/inform{"city": ["Rome", "Oslo"]}', (), "me")
        >>> found["intent"], [(it["entity"], it["value"]) for it in found["entities"]]
        ({'name': 'inform', 'confidence': 1.0}, [('city', 'Rome'), ('city', 'Oslo')])
        >>> read_payload("/s that was a joke", (), "me")
    """
    match = _PAYLOAD.fullmatch(text, len(text) - len(text.lstrip()), len(text.rstrip()))
    name = match["intent"].strip() if match else ""
    if not match or not (name in intents or _WORD.fullmatch(name)):
        return None
    intent = {"name": name, "confidence": _confidence(match["confidence"])}
    start, end = match.span("entities")
    entities = [
        {"entity": entity, "start": start, "end": end, "value": value, "extractor": extractor}
        for entity, values in _object(match["entities"]).items()
        for value in (values if isinstance(values, list) else [values])
    ]
    return {"text": text, "intent": intent, "entities": entities, "intent_ranking": [dict(intent)]}


def _confidence(said: str | None) -> float:
    """1 where nothing is said, 0 where it is no number, and never more than 1."""
    try:
        return 1.0 if said is None else min(1.0, float(said))
    except ValueError:
        return 0.0


def _object(source: str | None) -> dict[str, Any]:
    """The JSON object in a source; an empty one where it is none."""
    try:
        found = json.loads(source or "{}", parse_float=_finite, parse_constant=_finite)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _finite(source: str) -> float:
    """The number, or ValueError: JSON has neither NaN nor an infinite one, and no answer could carry it."""
    number = float(source)
    if not math.isfinite(number):
        raise ValueError(source)
    return number
