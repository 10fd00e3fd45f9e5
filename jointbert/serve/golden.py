"""What a model has to parse before it may answer anybody."""

from __future__ import annotations

from pathlib import Path

from jointbert.errors import ModelError, first_line
from jointbert.inference.nlu import NLU
from jointbert.labels import Labels
from jointbert.utterance import Parse

GOLDEN = ("book a table for two in Rome tomorrow at seven", "帮我订明天早上七点从北京到上海的票", "")
"""Utterances of two scripts and of none; any model has to say something sound of each."""


def check_golden(nlu: NLU, folder: Path) -> None:
    """Raise ModelError unless the model parses the golden utterances into intents and slots of its own.

    Args:
        nlu: The model.
        folder: Where it was loaded from; named in the message.
    """
    try:
        parses = nlu.parse_many(list(GOLDEN))
    except Exception as error:  # a network that is broken may break in any way
        what = f"cannot parse {GOLDEN[0]!r} ({type(error).__name__}: {first_line(error)})"
        raise ModelError(str(folder), what, "a model that parses", "Train it anew.") from error
    for text, parse in zip(GOLDEN, parses, strict=True):
        wrong = _what_is_wrong(text, parse, nlu.labels)
        if wrong:
            expected = "intents and slots of its own with confidences from 0 to 1"
            raise ModelError(str(folder), f"says of {text!r}: {wrong}", expected, "Copy it again, or train it anew.")


def _what_is_wrong(text: str, parse: Parse, labels: Labels) -> str | None:
    if parse.text != text:
        return f"the text {parse.text!r}"
    if labels.intents is not None and not parse.ranking:
        return "no intents"
    for name, confidence in parse.ranking:
        if labels.intents is None or name not in labels.intents:
            return f"intent {name!r}"
        if not 0.0 <= confidence <= 1.0:
            return f"intent {name!r} with confidence {confidence}"
    if parse.frame_confidence is not None and not 0.0 <= parse.frame_confidence <= 1.0:
        return f"all of it with confidence {parse.frame_confidence}"
    strange = [span.slot for span in parse.spans if labels.slots is None or span.slot not in labels.slots]
    return f"slot {strange[0]!r}" if strange else None
