"""How suspicious a label is, told from what models that never saw the utterance say of it (confident learning)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from jointbert.annotation.views import Suggestion
from jointbert.utterance import Span, Utterance

Pair = tuple[Utterance, Suggestion]
"""An utterance with its gold labels, and an out-of-fold suggestion for it."""

MISSED_WEIGHT = 0.5
"""What a span that the model does not find counts for, next to one that it finds elsewhere."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which probability on models are confident, for each label.

    Args:
        intents: Intent -> mean probability (0..1) that models give it where it is the label.
        slots: Slot -> mean confidence (0..1) of its spans that stand in the labels too.
        found: Slot -> share (0..1) of its labelled spans that models find.
    """

    intents: Mapping[str, float]
    slots: Mapping[str, float]
    found: Mapping[str, float]

    @classmethod
    def of(cls, pairs: Iterable[Pair]) -> Thresholds:
        """The thresholds of a set of labels.

        Source:
            Northcutt, Jiang and Chuang 2021, *Confident Learning* (arXiv:1911.00068), section 3.1, equation 2, for
            intents; the same mean over spans is our reading of it for slots.
        """
        intents: dict[str, list[float]] = defaultdict(list)
        slots: dict[str, list[float]] = defaultdict(list)
        found: dict[str, list[float]] = defaultdict(list)
        for gold, said in pairs:
            if gold.intent is not None and said.intent is not None:
                intents[gold.intent].append(chance(said, gold.intent))
            right, seen = set(map(_place, gold.spans)), set(map(_place, said.spans))
            for span in said.spans:
                if _place(span) in right:
                    slots[span.slot].append(_confidence(span))
            for span in gold.spans:
                found[span.slot].append(float(_place(span) in seen))
        return cls(*({name: fmean(values) for name, values in table.items()} for table in (intents, slots, found)))


def chance(said: Suggestion, intent: str) -> float:
    """The probability (0..1) that a suggestion gives an intent; 0 for one that is not among its runners-up."""
    if intent == said.intent:
        return said.intent_confidence or 0.0
    return dict(said.runners_up).get(intent, 0.0)


def suspicions(pairs: Sequence[Pair]) -> list[float | None]:
    """How suspicious each utterance's labels are (0..1, the higher the more), None where nothing speaks against them.

    An utterance is as suspicious as the worst of its labels:

    - *Intent*: among the intents that are at least as probable as models on average make them where they are right,
      the best is another one than the label. The suspicion is (1 - margin) / 2, the margin being the label's
      probability less the best other one's.
    - *A span of the model's that is not in the labels*, at least as confident as right ones of its slot are: its
      confidence.
    - *A labelled span where the model finds nothing*, of a slot that it finds more often than not: half the share of
      that slot's spans that it does find. (A parse does not say how sure the model is of nothing.)

    Source:
        Northcutt, Jiang and Chuang 2021, *Confident Learning* (arXiv:1911.00068), section 3: off-diagonal entries of
        the confident joint (equation 1), ranked by normalised margin. The rules for spans are our own.

    Example:
        >>> def said(intent, sure, other): return Suggestion("out_of_fold", "m", "1", intent, sure, (), sure, (other,))
        >>> hi, bye = said("greet", 0.9, ("leave", 0.1)), said("leave", 0.9, ("greet", 0.1))
        >>> labels = [Utterance("hi", "greet"), Utterance("bye", "leave"), Utterance("ciao", "greet")]
        >>> suspicions(list(zip(labels, [hi, bye, bye])))
        [None, None, 0.9]
    """
    thresholds = Thresholds.of(pairs)
    return [
        max((score for score, _ in doubts(gold, said, thresholds) if score is not None), default=None)
        for gold, said in pairs
    ]


def doubts(gold: Utterance, said: Suggestion, thresholds: Thresholds) -> list[tuple[float | None, str]]:
    """Each difference between labels and model with its suspicion (None: the model is not confident), in plain words.

    The intent comes first, then spans in order of their start.
    """
    found = [_intent_doubt(gold, said, thresholds)] if gold.intent is not None and said.intent is not None else []
    right, seen = set(map(_place, gold.spans)), set(map(_place, said.spans))
    placed = [(span.start, _extra_doubt(span, gold, thresholds)) for span in said.spans if _place(span) not in right]
    for span in gold.spans:
        if _place(span) not in seen and not _overlapping(span, said.spans):
            placed.append((span.start, _missed_doubt(span, thresholds)))
    placed.sort(key=lambda one: one[0])
    return [doubt for doubt in [*found, *(doubt for _, doubt in placed)] if doubt is not None]


def in_words(gold: Utterance, said: Suggestion) -> str:
    """What the model says and what the label says instead; empty when they are the same.

    Example:
        >>> in_words(Utterance("hi", "leave"), Suggestion("out_of_fold", "m", "1", "greet", 0.97, (), 0.97, ()))
        'the model says greet with 0.97, the label says leave'
    """
    return "; ".join(words for _, words in doubts(gold, said, Thresholds({}, {}, {})))


def _intent_doubt(gold: Utterance, said: Suggestion, thresholds: Thresholds) -> tuple[float | None, str] | None:
    label = gold.intent or ""
    if said.intent == label:
        return None
    words = f"the model says {said.intent} with {said.intent_confidence or 0:.2f}, the label says {label}"
    ranking = [(said.intent or "", said.intent_confidence or 0.0), *said.runners_up]
    usual = fmean(thresholds.intents.values()) if thresholds.intents else 1.0
    confident = [(name, score) for name, score in ranking if score >= thresholds.intents.get(name, usual)]
    if not confident or max(confident, key=lambda one: one[1])[0] == label:
        return None, words
    margin = chance(said, label) - max(score for name, score in ranking if name != label)
    return (1 - margin) / 2, words


def _extra_doubt(span: Span, gold: Utterance, thresholds: Thresholds) -> tuple[float | None, str]:
    """About a span of the model's that is not in the labels."""
    instead = " and ".join(f"{other.slot} for “{other.value}”" for other in _overlapping(span, gold.spans))
    label = f"the label says {instead}" if instead else "the label has nothing there"
    words = f"the model says {span.slot} for “{span.value}” with {_confidence(span):.2f}, {label}"
    usual = fmean(thresholds.slots.values()) if thresholds.slots else 1.0
    sure = _confidence(span) >= thresholds.slots.get(span.slot, usual)
    return (_confidence(span) if sure else None), words


def _missed_doubt(span: Span, thresholds: Thresholds) -> tuple[float | None, str]:
    """About a labelled span where the model finds nothing."""
    share = thresholds.found.get(span.slot, 0.0)
    words = f"the label says {span.slot} for “{span.value}”, the model finds nothing there"
    return (MISSED_WEIGHT * share if share > 0.5 else None), words


def _overlapping(span: Span, others: Sequence[Span]) -> list[Span]:
    return [other for other in others if other.start < span.end and span.start < other.end]


def _place(span: Span) -> tuple[str, int, int]:
    return span.slot, span.start, span.end


def _confidence(span: Span) -> float:
    return 1.0 if span.confidence is None else span.confidence
