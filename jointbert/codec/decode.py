"""Decoding: logits become parses, with legal tags, character offsets and probabilities."""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from jointbert.codec.align import Words
from jointbert.codec.beliefs import Beliefs
from jointbert.codec.calibration import Calibration
from jointbert.codec.chain import Chain
from jointbert.codec.plain_beliefs import PlainBeliefs
from jointbert.codec.scope import Scope
from jointbert.codec.steps import Floats
from jointbert.labels import Labels
from jointbert.tags import chunks
from jointbert.utterance import Parse, Span

Logits = NDArray[np.floating]
Judged = tuple[bool | None, float | None]

UNJUDGED: Judged = (None, None)


def log_softmax(logits: Logits) -> Floats:
    """Log probabilities along the last axis, in float64.

    Example:
        >>> np.exp(log_softmax(np.array([0.0, 0.0]))).tolist()
        [0.5, 0.5]
    """
    shifted = logits.astype(np.float64) - logits.max(-1, keepdims=True)
    result: Floats = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
    return result


def _ranking(names: Sequence[str], logits: Sequence[float], heat: float) -> tuple[tuple[str, float], ...]:
    """The names with their probabilities, the best first; equally probable ones in the order of their ids.

    In plain Python: for one row of some dozens it is faster than numpy, which has to be called seven times.
    """
    top = max(logits)
    weights = [math.exp((logit - top) / heat) for logit in logits]
    total = math.fsum(weights)
    ranked = sorted(zip(weights, names, strict=True), key=_WEIGHT, reverse=True)  # stable, in reverse too
    return tuple((name, weight / total) for weight, name in ranked)


_WEIGHT = itemgetter(0)


def least_sure(intent_confidence: float | None, spans: Sequence[Span]) -> float:
    """The probability (0..1) of a parse's least sure part, which all of it together cannot exceed.

    Args:
        intent_confidence: The intent's, or None where there is no intent.
        spans: The spans found; those without a confidence say nothing.

    Example:
        >>> least_sure(0.9, [Span(7, 13, "city", "Boston", confidence=0.8)]), least_sure(None, [])
        (0.8, 1.0)
    """
    sure = [span.confidence for span in spans if span.confidence is not None]
    return min([1.0 if intent_confidence is None else intent_confidence, *sure])


class Decoder:
    """Turns a batch's logits into parses.

    Args:
        labels: The names behind the logits.
        learned: A CRF's (start (K,), moves (K, K), end (K,)) scores, or None for a softmax head.
        calibration: What makes probabilities of the logits; None takes them as they are.
        scope: What tells utterances in scope from others; None does not.
    """

    def __init__(
        self,
        labels: Labels,
        learned: tuple[Floats, Floats, Floats] | None = None,
        calibration: Calibration | None = None,
        scope: Scope | None = None,
    ) -> None:
        self.labels = labels
        self.scope = scope
        self.calibration = calibration or Calibration()
        self._learned = learned
        self.chain = None if labels.tags is None else Chain.of_tags(labels.tags, learned, self.calibration.slot)

    def uncalibrated(self) -> Decoder:
        """The same decoder on the logits as they are."""
        return Decoder(self.labels, self._learned, scope=self.scope)

    def decode(
        self,
        texts: Sequence[str],
        words: Sequence[Words],
        intent_logits: Logits | None,
        tag_logits: Logits | None,
        states: Logits | None = None,
    ) -> list[Parse]:
        """The parses of B texts.

        Args:
            texts: The raw texts.
            words: Where their words lie.
            intent_logits: (B, N), or None for a model without an intent head.
            tag_logits: (B, W, K), or None for a model without a slot head.
            states: (B, H) [CLS] states; None where the scope does not ask for them.

        Returns:
            B parses, none of them surer as a whole (``frame_confidence``) than of its intent or of any of its spans.
        """
        rankings = self._rankings(len(texts), intent_logits)
        spans, chances = self._spans(texts, words, tag_logits)
        scopes: list[Judged] = [UNJUDGED] * len(texts)
        if self.scope is not None:
            scopes = [*self.scope.judge(intent_logits, states)]
        return [
            self._parse(text, place.truncated_at, ranking, found, chance, judged)
            for text, place, ranking, found, chance, judged in zip(
                texts, words, rankings, spans, chances, scopes, strict=True
            )
        ]

    def _parse(
        self,
        text: str,
        truncated_at: int | None,
        ranking: tuple[tuple[str, float], ...],
        spans: tuple[Span, ...],
        chance: float,
        judged: Judged,
    ) -> Parse:
        """One parse; ``chance`` is the probability (0..1) of its whole tag sequence."""
        intent, sure = ranking[0] if ranking else (None, None)
        frame = self.calibration.frame((1.0 if sure is None else sure) * chance, least_sure(sure, spans))
        return Parse(text, intent, sure, ranking, spans, truncated_at, frame, *judged)

    def _rankings(self, rows: int, logits: Logits | None) -> list[tuple[tuple[str, float], ...]]:
        if logits is None or self.labels.intents is None:
            return [()] * rows
        names, heat = self.labels.intents.names, self.calibration.intent
        return [_ranking(names, row, heat) for row in logits.tolist()]

    def _spans(
        self, texts: Sequence[str], words: Sequence[Words], logits: Logits | None
    ) -> tuple[list[tuple[Span, ...]], list[float]]:
        """Each text's spans, and the probability of its whole tag sequence."""
        if logits is None or self.chain is None:
            return [()] * len(texts), [1.0] * len(texts)
        scores = logits.astype(np.float64) / self.calibration.slot  # (B,W,K); the chain sums over all paths itself
        lengths = np.array([len(place.offsets) for place in words], dtype=np.int64)
        paths = self.chain.viterbi(scores, lengths)
        beliefs = self.chain.beliefs(scores, lengths)
        spans = [
            self._row(text, place, path, row, beliefs)
            for row, (text, place, path) in enumerate(zip(texts, words, paths, strict=True))
        ]
        return spans, np.exp(beliefs.log_paths(paths)).tolist()

    def _row(
        self, text: str, place: Words, path: NDArray[np.int64], row: int, beliefs: Beliefs | PlainBeliefs
    ) -> tuple[Span, ...]:
        tags = self.labels.tags
        if not path.any() or tags is None:  # O is tag 0
            return ()
        spans = []
        for slot, first, last in chunks([tags[index] for index in path.tolist()]):
            chance = beliefs.span(row, first, last, tags.id(f"B-{slot}"), tags.id(f"I-{slot}"))
            start, end = int(place.offsets[first, 0]), int(place.offsets[last - 1, 1])
            spans.append(Span.of(text, slot, start, end, confidence=chance))
        return tuple(spans)
