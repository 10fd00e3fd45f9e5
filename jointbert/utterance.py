"""Span, Utterance and Parse: frozen values that cannot be built wrong.

Offsets are the truth. They count Python characters (Unicode code points) in the raw text, half-open, and
``text[span.start:span.end] == span.value`` holds for every span that exists.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jointbert.errors import DataError

Token = tuple[int, int]
"""Half-open character offsets of one token of token-tagged data."""


def _fail(where: str | None, what: str, expected: str, next_step: str) -> DataError:
    return DataError(where or "utterance", what, expected, next_step)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A place in a text that carries a slot.

    Args:
        start: First character, 0-based.
        end: One past the last character; ``start < end``.
        slot: The slot's name, for example ``"fromloc.city_name"``; not empty, no white space.
        value: The text between the offsets, exactly as written.
        canonical: What the value stands for ("NYC" → "New York City"), or None.
        confidence: Probability (0..1) that exactly this span with this slot is right; None on gold data.

    Raises:
        DataError: The offsets are empty or negative, the value has another length, or the slot has no name.

    Example:
        >>> Span.of("fly to Boston", "city", 7, 13).value
        'Boston'
    """

    start: int
    end: int
    slot: str
    value: str
    canonical: str | None = None
    confidence: float | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise self._wrong("is empty or negative", "0 <= start < end", "Correct the offsets or drop the span.")
        if len(self.value) != self.end - self.start:
            what = f"value {self.value!r} has {len(self.value)} characters"
            hint = "Offsets count characters (code points), not bytes; build spans with Span.of."
            raise self._wrong(what, f"{self.end - self.start}", hint)
        if self.slot.split() != [self.slot]:  # empty, or white space in it
            raise self._wrong("has no usable slot name", "a name without white space", "Name the slot.")
        if self.confidence is not None and not 0.0 <= self.confidence <= 1.0:
            raise self._wrong(f"confidence is {self.confidence}", "a number from 0 to 1", "Check the decoder.")

    def _wrong(self, what: str, expected: str, hint: str) -> DataError:
        return DataError(f"span {self.slot!r} [{self.start}:{self.end}]", what, expected, hint)

    @classmethod
    def of(
        cls,
        text: str,
        slot: str,
        start: int,
        end: int,
        *,
        canonical: str | None = None,
        confidence: float | None = None,
        where: str | None = None,
    ) -> Span:
        """The span of ``text`` between two offsets, its value read from the text.

        Raises:
            DataError: The offsets lie outside the text.
        """
        if not 0 <= start < end <= len(text):
            raise _fail(
                where,
                f"slot {slot!r} at [{start}:{end}] lies outside the {len(text)} characters of {text!r}",
                "0 <= start < end <= the text's length",
                "Offsets count characters (code points), not bytes.",
            )
        return cls(start, end, slot, text[start:end], canonical, confidence)


def _check_spans(text: str, spans: Sequence[Span], where: str | None) -> None:
    """Raise DataError unless the spans lie in the text, hold their values, are sorted and do not overlap."""
    previous: Span | None = None
    for span in spans:
        if text[span.start : span.end] != span.value:
            raise _fail(
                where,
                f"slot {span.slot!r} at [{span.start}:{span.end}] says {span.value!r} but the text there is "
                f"{text[span.start : span.end]!r}",
                "the span's value to stand in the text at its offsets",
                "Offsets count characters (code points), not bytes.",
            )
        if previous is not None and span.start < previous.end:
            raise _fail(
                where,
                f"slots {previous.slot!r} {previous.value!r} and {span.slot!r} {span.value!r} overlap in {text!r}",
                "spans in order of their start that share no character",
                "Keep one of the two.",
            )
        previous = span


@dataclass(frozen=True, slots=True)
class Utterance:
    """One labelled (or yet unlabelled) utterance.

    Args:
        text: The raw text, exactly as the user wrote it.
        intent: The intent's name, or None where the data has none.
        spans: Slot spans in order of their start, sharing no character.
        id: A name of the utterance that is kept through conversions, or None.
        tokens: For token-tagged data, the offsets of the original tokens; None for raw text.
        where: ``file:line`` it was read from; not part of equality.

    Raises:
        DataError: A span or a token does not fit the text, or two overlap.

    Example:
        >>> Utterance("fly to Boston", "book_flight", (Span.of("fly to Boston", "city", 7, 13),)).spans[0].value
        'Boston'
    """

    text: str
    intent: str | None = None
    spans: tuple[Span, ...] = ()
    id: str | None = None
    tokens: tuple[Token, ...] | None = None
    where: str | None = None

    def __post_init__(self) -> None:
        _check_spans(self.text, self.spans, self.where)
        if self.intent is not None and not self.intent.strip():
            raise _fail(self.where, f"the intent of {self.text!r} is blank", "a name", "Name it, or leave it out.")
        end = 0
        for start, stop in self.tokens or ():
            if not end <= start < stop <= len(self.text):
                raise _fail(
                    self.where,
                    f"token [{start}:{stop}] does not fit {self.text!r}",
                    "tokens in order, not empty, inside the text",
                    "Rebuild the token offsets from the text.",
                )
            end = stop

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Utterance):
            return NotImplemented
        return self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[object, ...]:
        return (self.text, self.intent, self.spans, self.id, self.tokens)


@dataclass(frozen=True, slots=True)
class Parse:
    """What a model understood of one text.

    Args:
        text: The raw text, exactly as given.
        intent: The most probable intent, or None for a model without an intent head.
        intent_confidence: Its probability (0..1), or None likewise.
        ranking: All intents with their probabilities, best first.
        spans: Slot spans with confidences, in order of their start.
        truncated_at: None when the whole text was read; otherwise the character from which on nothing was read,
            because the text outran the encoder's length.
        frame_confidence: Probability (0..1) that everything is right, made of the intent's and of the whole tag
            sequence's; from a model never above the intent's confidence or a span's; None where it is not known.
        in_scope: Whether the text is of the kind the model was trained on; None for a model that cannot tell.
        scope_score: How much so: the higher, the more, in the unit of the model's scorer; None likewise.

    Raises:
        DataError: A span does not fit the text, or two overlap, or one of the two about scope is there alone.

    Example:
        >>> Parse("hi", "greet", 0.9, (("greet", 0.9), ("bye", 0.1))).to_dict()["intent"]
        {'name': 'greet', 'confidence': 0.9}
    """

    text: str
    intent: str | None = None
    intent_confidence: float | None = None
    ranking: tuple[tuple[str, float], ...] = ()
    spans: tuple[Span, ...] = ()
    truncated_at: int | None = None
    frame_confidence: float | None = None
    in_scope: bool | None = None
    scope_score: float | None = None

    def __post_init__(self) -> None:
        _check_spans(self.text, self.spans, None)
        if (self.in_scope is None) != (self.scope_score is None):
            what = f"in_scope is {self.in_scope} and scope_score {self.scope_score}"
            raise _fail(None, what, "both, or neither", "Check what judges the scope.")
        if self.intent is not None and self.ranking and self.ranking[0][0] != self.intent:
            raise _fail(None, f"intent {self.intent!r} is not the first of its ranking", "the best first", "")

    def to_dict(self) -> dict[str, Any]:
        """The parse as JSON-ready values; the shape is documented in docs/parse-json.md and does not change.

        Returns:
            ``text``; ``intent`` ({name, confidence} or None); ``intent_ranking`` (list of {name, confidence});
            ``slots`` (list of {slot, value, start, end, confidence}); ``truncated_at`` (int or None);
            ``frame_confidence`` (float or None); ``in_scope`` (bool or None); ``scope_score`` (float or None).
        """
        intent = None if self.intent is None else {"name": self.intent, "confidence": self.intent_confidence}
        return {
            "text": self.text,
            "intent": intent,
            "intent_ranking": [{"name": name, "confidence": score} for name, score in self.ranking],
            "slots": [
                {
                    "slot": span.slot,
                    "value": span.value,
                    "start": span.start,
                    "end": span.end,
                    "confidence": span.confidence,
                }
                for span in self.spans
            ],
            "truncated_at": self.truncated_at,
            "frame_confidence": self.frame_confidence,
            "in_scope": self.in_scope,
            "scope_score": self.scope_score,
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Parse:
        """The parse of which :meth:`to_dict` made these values; keys that are not known are passed over.

        What was written before parses knew of scope lacks its two keys, and reads as None.

        Raises:
            DataError: A key is missing, or a value is not what it has to be.

        Example:
            >>> parse = Parse("fly to Rome", spans=(Span.of("fly to Rome", "city", 7, 11, confidence=0.5),))
            >>> Parse.from_dict(parse.to_dict()) == parse
            True
        """
        try:
            intent = values["intent"]
            return cls(
                _is(values["text"], str),
                None if intent is None else _is(intent["name"], str),
                None if intent is None else _is(intent["confidence"], float, int, type(None)),
                tuple((_is(row["name"], str), _is(row["confidence"], float, int)) for row in values["intent_ranking"]),
                tuple(_span(row) for row in values["slots"]),
                _is(values["truncated_at"], int, type(None)),
                _is(values["frame_confidence"], float, int, type(None)),
                _is(values.get("in_scope"), bool, type(None)),
                _is(values.get("scope_score"), float, int, type(None)),
            )
        except (KeyError, TypeError, AttributeError) as error:
            what = f"cannot be read ({type(error).__name__}: {error})"
            raise DataError("parse", what, "the JSON that docs/parse-json.md describes", "Look at its keys.") from error


def _is(value: Any, *kinds: type) -> Any:
    """The value, if it is of one of the kinds; TypeError otherwise (True and False are no numbers)."""
    if type(value) not in kinds:
        raise TypeError(f"{value!r} is no {kinds[0].__name__}")
    return value


def _span(row: Any) -> Span:
    """The span behind one entry of ``slots``."""
    places = (_is(row["start"], int), _is(row["end"], int))
    confidence = _is(row["confidence"], float, int, type(None))
    return Span(*places, _is(row["slot"], str), _is(row["value"], str), None, confidence)
