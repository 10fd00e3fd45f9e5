"""The proof of an exported graph: it parses the dev set beside PyTorch, and whatever differs becomes a number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from jointbert.checkpoint.contents import Contents
from jointbert.checkpoint.folder import make_predictor
from jointbert.checkpoint.predict import Arrays, Predictor, Scorer
from jointbert.evaluation.score import Scores, evaluate
from jointbert.model.joint import JointBert
from jointbert.utterance import Parse, Utterance

RATES = ("intent_accuracy", "slot_f1", "sentence_accuracy")
"""The scores that are compared: fields or properties of :class:`~jointbert.evaluation.score.Scores`, 0..1."""


def rates(scores: Scores) -> dict[str, float | None]:
    """The compared scores by name, each from 0 to 1, or None where the data does not have them."""
    return {name: getattr(scores, name) for name in RATES}


@dataclass(frozen=True)
class Proof:
    """What one engine does with the dev set, held against PyTorch.

    Args:
        engine: ``"onnx"`` or ``"onnx-int8"``.
        utterances: How many utterances were parsed.
        largest_difference: The largest difference of a logit at an intent or at a real word.
        identical: Share of utterances with the same intent and the same spans, 0..1; confidences may differ.
        same_scope: Share that is judged alike as in scope or not, 0..1; None for a model that cannot tell.
        scores: This engine's scores.
        reference: PyTorch's scores on the same utterances.
    """

    engine: str
    utterances: int
    largest_difference: float
    identical: float
    same_scope: float | None
    scores: Scores
    reference: Scores

    @property
    def changes(self) -> dict[str, float | None]:
        """How many points (0..100) each compared score gains on PyTorch's; None where either has none."""
        ours, theirs = rates(self.scores), rates(self.reference)
        return {name: _points(ours[name], theirs[name]) for name in RATES}

    @property
    def loss(self) -> float:
        """How many points of sentence accuracy it loses; below 0 where it gains, 0 where there is none to lose."""
        change = self.changes["sentence_accuracy"]
        return 0.0 if change is None else -change

    def to_dict(self) -> dict[str, Any]:
        """The proof as JSON-ready values: scores from 0 to 1, changes in points."""
        return {
            "utterances": self.utterances,
            "largest_difference": self.largest_difference,
            "identical": self.identical,
            **({} if self.same_scope is None else {"same_scope": self.same_scope}),
            "scores": rates(self.scores),
            "pytorch": rates(self.reference),
            "changes": self.changes,
        }


def _points(ours: float | None, theirs: float | None) -> float | None:
    return None if ours is None or theirs is None else round(100.0 * (ours - theirs), 4)


class Prover:
    """Holds engines against PyTorch, which parses the utterances once.

    Args:
        gold: The labelled utterances.
        model: The model in eval mode.
        contents: What is in its folder.
    """

    def __init__(self, gold: Sequence[Utterance], model: JointBert, contents: Contents) -> None:
        self._gold = gold
        self._texts = [utterance.text for utterance in gold]
        self._scope = contents.scope
        self._score = partial(model.score, state=self.needs_state)
        self._pad_id = contents.pad_id
        self._predictor = make_predictor(model, contents.codec, scope=contents.scope)
        self._parses = self._predictor.parse_many(self._texts)
        self.scores = evaluate(gold, self._parses)

    @property
    def needs_state(self) -> bool:
        """Whether an engine must give the [CLS] states as well, for the model's scope."""
        return self._scope is not None and self._scope.needs_state

    def prove(self, engine: str, score: Scorer) -> Proof:
        """What an engine's logits make of the same utterances.

        Args:
            engine: Its name.
            score: A batch's arrays → its logits, and its [CLS] states where :attr:`needs_state` asks for them.
        """
        twin = _Twin(self._score, score)
        parses = Predictor(self._predictor.codec, self._predictor.decoder, twin, self._pad_id).parse_many(self._texts)
        pairs = [*zip(parses, self._parses, strict=True)]
        same = sum(_frame(one) == _frame(other) for one, other in pairs) / len(pairs)
        judged = sum(one.in_scope == other.in_scope for one, other in pairs) / len(pairs)
        scores = evaluate(self._gold, parses)
        alike = None if self._scope is None else judged
        return Proof(engine, len(pairs), twin.largest, same, alike, scores, self.scores)


class _Twin:
    """Scores each batch twice, gives the second result, and keeps the largest difference."""

    def __init__(self, reference: Scorer, score: Scorer) -> None:
        self._reference = reference
        self._score = score
        self.largest = 0.0

    def __call__(self, arrays: Arrays) -> Any:
        expected, found = self._reference(arrays), self._score(arrays)
        everywhere: Any = ...
        for one, other, real in zip(expected[:2], found[:2], (everywhere, arrays["word_mask"]), strict=True):
            if one is not None and other is not None and one[real].size:
                self.largest = float(np.maximum(self.largest, np.abs(one[real] - other[real]).max()))
        return found


def _frame(parse: Parse) -> tuple[Any, ...]:
    """What two parses must share to count as the same."""
    return parse.intent, parse.truncated_at, tuple((span.slot, span.start, span.end) for span in parse.spans)
