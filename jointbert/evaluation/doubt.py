"""How suspicious labels are, told from what models that never saw the utterance say of it.

One ranking for all: cross-validation, the report and the annotation store take it from here. The models are those of a
cross-validation, or one that was trained on other data.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from jointbert.evaluation.pairing import Pair, Place, pair_up
from jointbert.utterance import Parse, Span, Utterance

DOUBTFUL = 0.5
"""How sure (0..1) a model must be of what it says instead for a label to be called doubtful."""
UNKNOWN = 0.5
"""Stands for the probability of a parse's tags where the parse does not say how sure it is as a whole."""


@dataclass(frozen=True, slots=True)
class IntentDoubt:
    """An intent that a model contradicts.

    Args:
        suspicion: 1 less the probability (0..1) that the model gives the label.
        label: What the label says.
        said: What the model says.
        confidence: How sure it is of that, 0..1.
    """

    suspicion: float
    label: str
    said: str
    confidence: float

    @property
    def strong(self) -> bool:
        """Whether the model is surer of its intent than of all the others together."""
        return self.confidence >= DOUBTFUL

    def in_words(self) -> str:
        """What the model says, and what the label says."""
        return f"the model says {self.said} with {self.confidence:.2f}, the label says {self.label}"


@dataclass(frozen=True, slots=True)
class SpanDoubt:
    """A place where a model says another span than the labels, in the units that are scored.

    Args:
        suspicion: How probable (0..1) the model makes it that the labels are wrong there.
        labels: What the labels say there; empty where they have nothing.
        said: What the model says there, or None where it finds nothing.
        confidence: How sure it is of that, 0..1.
    """

    suspicion: float
    labels: tuple[Span, ...]
    said: Span | None
    confidence: float

    @property
    def strong(self) -> bool:
        """Whether the labels are more probably wrong there than right."""
        return self.suspicion >= DOUBTFUL

    @property
    def start(self) -> int:
        """The first character that it is about."""
        return self.labels[0].start if self.said is None else self.said.start

    def in_words(self) -> str:
        """What the model says, and what the label says."""
        labels = " and ".join(f"{span.slot} for “{span.value}”" for span in self.labels)
        if self.said is None:
            return f"the label says {labels}, the model finds nothing there"
        instead = f"the label says {labels}" if labels else "the label has nothing there"
        return f"the model says {self.said.slot} for “{self.said.value}” with {self.confidence:.2f}, {instead}"


Doubt = IntentDoubt | SpanDoubt


@dataclass(frozen=True, slots=True)
class Suspect:
    """One utterance in the ranking.

    Args:
        place: Which one of the utterances, from 0.
        suspicion: How suspicious its labels are (0..1), as the worst of them is.
        doubts: Where the model contradicts them: the intent first, then from left to right.
    """

    place: int
    suspicion: float
    doubts: tuple[Doubt, ...]

    @property
    def doubtful(self) -> bool:
        """Whether a model contradicts a label and is sure enough of it."""
        return any(doubt.strong for doubt in self.doubts)

    def in_words(self) -> str:
        """What the model says and what the labels say instead; empty where they are the same."""
        return "; ".join(doubt.in_words() for doubt in self.doubts)


def rank_labels(gold: Sequence[Utterance], parses: Sequence[Parse]) -> list[Suspect]:
    """All utterances, those with the most suspicious labels first; equal ones in their order.

    An utterance is as suspicious as the worst of its labels:

    - *Intent*: 1 less the probability of the label, its self-confidence.
    - *A span of the model's that the labels do not have*: its confidence.
    - *A labelled span where the model finds nothing*: the probability that all tags of the parse are right, times
      (1 + s) / 2, s being the share of the labelled spans of that slot that models find.

    Args:
        gold: The utterances with their labels.
        parses: What models say that were not trained on them, in the same order.

    Raises:
        DataError: The two sides are not the same texts.

    Source:
        Northcutt, Jiang and Chuang 2021, *Confident Learning* (arXiv:1911.00068), section 3.2: out-of-sample
        self-confidence as the order; Wang and Mueller 2022, *Detecting Label Errors in Token Classification Data*
        (arXiv:2210.03920): a sentence is as good as its worst label. The rules for spans are our own: a parse gives
        probabilities of spans, not of every tag. benchmarks/label_errors.py measures the order.

    Example:
        >>> gold = [Utterance("hi", "greet"), Utterance("ciao", "greet")]
        >>> sure = (("leave", 0.9), ("greet", 0.1))
        >>> parses = [Parse("hi", "greet", 1.0, (("greet", 1.0),)), Parse("ciao", "leave", 0.9, sure)]
        >>> first, second = rank_labels(gold, parses)
        >>> first.place, first.suspicion, first.in_words()
        (1, 0.9, 'the model says leave with 0.90, the label says greet')
        >>> second.suspicion, second.doubtful
        (0.0, False)
    """
    pairs = [pair_up([utterance], [parse])[0] for utterance, parse in zip(gold, parses, strict=True)]
    found = found_shares(pairs)
    ranked = [_suspect(place, *both, found) for place, both in enumerate(zip(pairs, parses, strict=True))]
    return sorted(ranked, key=lambda suspect: -suspect.suspicion)


def found_shares(pairs: Iterable[Pair]) -> dict[str, float]:
    """Slot → the share (0..1) of its labelled spans that models find."""
    found: dict[str, list[bool]] = defaultdict(list)
    for pair in pairs:
        for slot, start, end in pair.gold_places:
            found[slot].append((slot, start, end) in pair.predicted_places)
    return {slot: fmean(hits) for slot, hits in found.items()}


def _suspect(place: int, pair: Pair, parse: Parse, found: Mapping[str, float]) -> Suspect:
    doubts: list[Doubt] = []
    suspicion = 0.0
    if pair.gold_intent is not None and parse.intent is not None:
        suspicion = 1 - _chance(parse, pair.gold_intent)
        if pair.gold_intent != parse.intent:
            sure = 1.0 if parse.intent_confidence is None else parse.intent_confidence
            doubts.append(IntentDoubt(suspicion, pair.gold_intent, parse.intent, sure))
    on_spans = sorted(_span_doubts(pair, parse, found), key=lambda doubt: doubt.start)
    doubts.extend(on_spans)
    return Suspect(place, max([suspicion, *(doubt.suspicion for doubt in doubts)]), tuple(doubts))


def _chance(parse: Parse, intent: str) -> float:
    """The probability (0..1) of an intent; the most that is left for one that the ranking does not name."""
    if intent == parse.intent:
        return 1.0 if parse.intent_confidence is None else parse.intent_confidence
    ranking = dict(parse.ranking)
    if intent in ranking or not ranking:
        return ranking.get(intent, 0.0)
    return max(0.0, min(*ranking.values(), 1 - sum(ranking.values())))


def _span_doubts(pair: Pair, parse: Parse, found: Mapping[str, float]) -> Iterable[SpanDoubt]:
    for said in pair.predicted_spans:
        if _place(said) not in pair.gold_places:
            sure = _confidence(said, parse)
            yield SpanDoubt(sure, tuple(_overlapping(said, pair.gold_spans)), said, sure)
    for span in pair.gold_spans:
        if not _overlapping(span, pair.predicted_spans):
            sure = tags_chance(parse)
            yield SpanDoubt(sure * (1 + found[span.slot]) / 2, (span,), None, sure)


def tags_chance(parse: Parse) -> float:
    """The probability (0..1) that all tags are right: that of the whole parse without the intent's."""
    if parse.frame_confidence is None:
        return UNKNOWN
    return min(1.0, parse.frame_confidence / (parse.intent_confidence or 1.0))


def _confidence(span: Span, parse: Parse) -> float:
    """How sure the model is of a span, which tokens may have stretched: of the least sure one behind it."""
    return min(
        (each.confidence for each in _overlapping(span, parse.spans) if each.confidence is not None), default=1.0
    )


def _overlapping(span: Span, others: Sequence[Span]) -> list[Span]:
    return [other for other in others if other.start < span.end and span.start < other.end]


def _place(span: Span) -> Place:
    return span.slot, span.start, span.end
