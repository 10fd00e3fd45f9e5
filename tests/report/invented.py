"""Invented utterances and parses for the report's tests; needs no model."""

from __future__ import annotations

from dataclasses import replace

from jointbert.report.build import build_findings
from jointbert.report.findings import Findings, Subject
from jointbert.utterance import Parse, Span, Utterance

SUBJECT = Subject("models/x", "data/test", "0123456789ab", "torch", "data/train", 1)

HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "**x** __y__ `z` ~~q~~",
    "{{7*7}} {% for x in y %}",
    "](javascript:alert(1)) [a](http://evil.example/x)",
    "</style></title><script>alert(1)</script>",
    "\" onmouseover='alert(1)' <!-- -->",
    "a|b\n| c | d |\r\n# heading\x1b[2J\x00",
    "\u202ereversed\u2028line &lt;b&gt; &amp; ``` code",
    "\ud800 lone surrogate 去北京 👩‍🚀",
)
NAMES = tuple("".join(text.split()) for text in HOSTILE)
"""The same as names of labels, which hold no white space."""


def span(text: str, value: str, slot: str, confidence: float | None = None) -> Span:
    """The first place of a value in a text."""
    start = text.index(value)
    return Span.of(text, slot, start, start + len(value), confidence=confidence)


def gold(text: str, intent: str | None = None, **slots: str) -> Utterance:
    """An utterance; slots are given as slot=value."""
    spans = sorted(span(text, value, slot.replace("__", ".")) for slot, value in slots.items())
    return Utterance(text, intent, tuple(spans))


def parse(text: str, intent: str | None = None, sure: float = 0.9, **slots: str) -> Parse:
    """A parse that is equally sure of everything."""
    spans = sorted(span(text, value, slot.replace("__", "."), sure) for slot, value in slots.items())
    ranking = () if intent is None else ((intent, sure),)
    return Parse(text, intent, None if intent is None else sure, ranking, tuple(spans), None, sure)


def long_and_wrong(character: str, count: int) -> tuple[list[Utterance], list[Parse]]:
    """Utterances with nine wrong spans each and a wrong intent, every fifth right; labels and values are very long."""
    names = [character * 191 + f"{number:04d}" for number in range(300)]
    golds, parses = [], []
    for number in range(count):
        value = character * 190 + f"{number:05d}"
        text, width, wrong = " ".join([value] * 9), len(value), number % 5 > 0
        sure = 0.95 if wrong else 0.6
        golds.append(Utterance(text, names[number % 300], where=f"{character * 190}:{number}"))
        spans, said = [], []
        for place in range(9):
            start = place * (width + 1)
            spans.append(Span.of(text, names[(number + place) % 300], start, start + width))
            end = start + width - wrong * (place % 2)
            said.append(Span.of(text, names[(number + place + wrong) % 300], start, end, confidence=sure))
        golds[-1] = replace(golds[-1], spans=tuple(spans))
        intent = names[(number + wrong) % 300]
        parses.append(Parse(text, intent, sure, ((intent, sure),), tuple(said), None, sure))
    return golds, parses


def hostile() -> Findings:
    """Findings in which everything that can come out of data tries to be markup."""
    utterances, parses = [], []
    for number in range(6 * len(HOSTILE)):
        text, name = HOSTILE[number % len(HOSTILE)], NAMES[number % len(NAMES)]
        wrong = NAMES[(number + 1) % len(NAMES)]
        whole = Span(0, len(text), name, text)
        utterances.append(Utterance(text, name, (whole,), where=f"{text}:{number}"))
        said = Span(0, len(text), wrong, text, None, 0.99)
        parses.append(Parse(text, wrong, 0.99, ((wrong, 0.99), (name, 0.01)), (said,), None, 0.98))
    subject = Subject(HOSTILE[0], HOSTILE[3], HOSTILE[4], HOSTILE[5], HOSTILE[1], 3)
    return build_findings(subject, utterances, parses, utterances[: len(HOSTILE)])
