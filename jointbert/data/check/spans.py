"""Rules about one span: where its edges lie."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jointbert.data.check.options import Options, Splits, place, quote
from jointbert.data.problem import Problem
from jointbert.data.words import cuts_word
from jointbert.utterance import Span, Utterance

_STOPS = ".,;:…。，；：、"
_TONES = "!?！？"  # part of many a title
_ABBREVIATION = re.compile(r"(?:^|[\W\d_])(?:[^\W\d_]|st|mt|ft|dr|mr|mrs|ms|jr|sr|no|vs|co|inc|ltd|ave|blvd)\.$", re.I)


def spans(splits: Splits, options: Options) -> Iterator[Problem]:
    """The findings ``span-blank``, ``span-punctuation`` and ``span-cuts-word``."""
    for utterances in splits.values():
        for utterance in utterances:
            for span in utterance.spans:
                value = span.value
                if value[0].isspace() or value[-1].isspace():
                    yield _blank(utterance, span)
                elif value[-1] in _STOPS or value[-1] in _TONES:
                    yield from _punctuation(utterance, span)
                if cuts_word(utterance.text, span.start) or cuts_word(utterance.text, span.end):
                    yield _cut(utterance, span)


def _blank(utterance: Utterance, span: Span) -> Problem:
    return Problem(
        place(utterance),
        "span-blank",
        "warning",
        f"slot {span.slot!r} marks {quote(span.value)}; expected no white space at its edges",
        f"Mark {quote(span.value.strip())}." if span.value.strip() else "Drop the span.",
    )


def _punctuation(utterance: Utterance, span: Span) -> Iterator[Problem]:
    if len(span.value) == 1 or _ABBREVIATION.search(span.value):
        return
    bare = span.value.rstrip(_STOPS + _TONES)
    yield Problem(
        place(utterance),
        "span-punctuation",
        "info" if span.value[-1] in _TONES else "warning",
        f"slot {span.slot!r} marks {quote(span.value)}, with the punctuation mark at its end",
        f"Mark {quote(bare)}, unless the mark belongs to the name." if bare else "Drop the span.",
    )


def _cut(utterance: Utterance, span: Span) -> Problem:
    start, end = span.start, span.end
    while cuts_word(utterance.text, start):
        start -= 1
    while cuts_word(utterance.text, end):
        end += 1
    return Problem(
        place(utterance),
        "span-cuts-word",
        "warning",
        f"slot {span.slot!r} marks {quote(span.value)}, a part of {quote(utterance.text[start:end])}",
        "Mark the whole word, or write the missing space: a model labels whole words.",
    )
