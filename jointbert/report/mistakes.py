"""Utterances to look at: wrong parses that the model was sure of, and gold labels that look wrong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from jointbert.evaluation.reliability import sure_spans
from jointbert.report.cases import Case, told
from jointbert.report.findings import Exhibit, Listing
from jointbert.report.prose import Prose, prose, shown
from jointbert.report.training import Training
from jointbert.utterance import Span

MOST = 50
NEVER = 1.1
"""Stands for how sure the model usually is of what it never gets right: no confidence reaches it."""
HALF = 0.5
"""Share (0..1) of a value's training labels that must say what the model says for the label to be doubted."""
WORDS = 8
"""Mistakes of one utterance that are told; the rest is counted."""


def confident_mistakes(cases: Sequence[Case], most: int = MOST) -> Listing:
    """The wrong parses, the most confident first; those without a confidence come last."""
    wrong = [case for case in cases if not case.right]
    wrong.sort(key=lambda case: -1.0 if case.confidence is None else case.confidence, reverse=True)
    return Listing(tuple(_exhibit(case, case.confidence, told(case)) for case in wrong[:most]), len(wrong))


def _exhibit(case: Case, score: float | None, what: Sequence[Prose]) -> Exhibit:
    sentences = list(what[:WORDS])
    if len(what) > WORDS:
        sentences.append(prose(f"And {len(what) - WORDS} more."))
    return Exhibit(shown(case.gold.text), shown(case.gold.where or ""), score, tuple(sentences))


@dataclass(frozen=True, slots=True)
class _Usual:
    """How sure the model is of each label where it is right: mean probabilities (0..1)."""

    intents: Mapping[str, float]
    slots: Mapping[str, float]

    @classmethod
    def of(cls, cases: Sequence[Case]) -> _Usual:
        intents: dict[str, list[float]] = defaultdict(list)
        slots: dict[str, list[float]] = defaultdict(list)
        for case in cases:
            if case.gold.intent is not None and case.gold.intent == case.parse.intent:
                intents[case.gold.intent].append(_chance(case, case.gold.intent))
            for span, confidence in sure_spans(case.pair, case.parse):
                if (span.slot, span.start, span.end) in case.pair.gold_places:
                    slots[span.slot].append(confidence)
        return cls(
            {name: fmean(values) for name, values in intents.items()},
            {name: fmean(values) for name, values in slots.items()},
        )


def _chance(case: Case, intent: str) -> float:
    if intent == case.parse.intent and case.parse.intent_confidence is not None:
        return case.parse.intent_confidence
    return dict(case.parse.ranking).get(intent, 0.0)


def label_doubts(cases: Sequence[Case], training: Training | None, most: int = MOST) -> Listing:
    """The gold labels that look wrong, the most suspicious first.

    The model must disagree and be at least as sure as it usually is where the label it gives is the right one. A gold
    label that training never had is not doubted: the model could not have given it. An intent's suspicion is half of
    1 less the margin by which the gold intent's probability falls short; a span's is its confidence, times
    the share of training's labels of that value that say what the model says, which is half of them at least.

    Source:
        Northcutt, Jiang and Chuang 2021, *Confident Learning* (arXiv:1911.00068), section 3: thresholds of equation
        2, here over the right parses only, ranked by normalised margin. The rule for spans is our own.
    """
    usual = _Usual.of(cases)
    found = [(*_doubt(case, usual, training), case) for case in cases if not case.right]
    suspects = sorted((row for row in found if row[0] is not None), key=lambda row: -(row[0] or 0.0))
    return Listing(tuple(_exhibit(case, score, what) for score, what, case in suspects[:most]), len(suspects))


def _doubt(case: Case, usual: _Usual, training: Training | None) -> tuple[float | None, list[Prose]]:
    """The highest suspicion of a case, or None, and what each is about."""
    found = [_intent_doubt(case, usual, training)]
    found += [_span_doubt(span, sure, case, usual, training) for span, sure in sure_spans(case.pair, case.parse)]
    real = [doubt for doubt in found if doubt is not None]
    return max((score for score, _ in real), default=None), [what for _, what in real]


def _intent_doubt(case: Case, usual: _Usual, training: Training | None) -> tuple[float, Prose] | None:
    gold, said = case.wrong_intent or ("", None)
    if said is None or (training is not None and not training.intents[gold]):
        return None
    sure = _chance(case, said)
    if sure < usual.intents.get(said, NEVER):
        return None
    words = f"The label says {{}}; the model says {{}} with {100 * sure:.0f} %."
    return (1 - (_chance(case, gold) - sure)) / 2, prose(words, gold, said)


def _span_doubt(
    span: Span, confidence: float, case: Case, usual: _Usual, training: Training | None
) -> tuple[float, Prose] | None:
    if confidence < usual.slots.get(span.slot, NEVER) or (span.slot, span.start, span.end) in case.pair.gold_places:
        return None
    gold = [other for other in case.pair.gold_spans if other.start < span.end and span.start < other.end]
    if training is not None and any(not training.slots[other.slot] for other in gold):
        return None
    uses = training.uses(span.value) if training is not None else None
    share = uses[span.slot] / uses.total() if uses else 1.0
    if share < HALF:
        return None
    sure = f"with {100 * confidence:.0f} %"
    if not gold:
        return confidence * share, prose(f"{{}} has no label; the model says {{}} {sure}.", span.value, span.slot)
    words = f"{{}} is labelled {{}}; the model says {{}} for {{}} {sure}."
    return confidence * share, prose(words, gold[0].value, gold[0].slot, span.slot, span.value)
