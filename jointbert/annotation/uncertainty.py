"""How sure a model is of what it suggests: one number for a whole frame (the intent and all slots)."""

from __future__ import annotations

import math
from collections.abc import Sequence

from jointbert.utterance import Parse


def frame_confidence(parse: Parse) -> float:
    """The probability (0..1) that intent and slots are right together.

    It is what the parse says of itself (slots that were missed count there too). For a parse that does not say, the
    intent's probability times those of the spans found stands in; a parse of neither is 1: nothing in it can be wrong.

    Example:
        >>> from jointbert.utterance import Span
        >>> city = Span.of("fly to Boston", "city", 7, 13, confidence=0.5)
        >>> frame_confidence(Parse("fly to Boston", "book", 0.8, spans=(city,)))
        0.4
        >>> frame_confidence(Parse("fly to Boston", "book", 0.8, spans=(city,), frame_confidence=0.3))
        0.3
    """
    if parse.frame_confidence is not None:
        return parse.frame_confidence
    spans = math.prod(1.0 if span.confidence is None else span.confidence for span in parse.spans)
    intent = 1.0 if parse.intent_confidence is None else parse.intent_confidence
    return min(1.0, max(0.0, intent * spans))


def margin_uncertainty(ranking: Sequence[tuple[str, float]]) -> float:
    """How close the two best intents are: 1 when they are equally probable, 0 when the first is certain.

    An alternative to ``1 - frame_confidence`` for models of intents only; it looks at no slot.

    Args:
        ranking: Intents with their probabilities, best first.

    Source:
        Scheffer, Decomain and Wrobel 2001, *Active Hidden Markov Models for Information Extraction*.

    Example:
        >>> margin_uncertainty([("book", 0.75), ("cancel", 0.25)]), margin_uncertainty([("book", 1.0)])
        (0.5, 0.0)
    """
    if not ranking:
        return 0.0
    first = ranking[0][1]
    second = ranking[1][1] if len(ranking) > 1 else 0.0
    return min(1.0, max(0.0, 1.0 - (first - second)))
