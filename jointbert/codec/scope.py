"""Scope: whether an utterance is of the kind a model was trained on. Fitted on train, chosen on dev, kept on disk."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jointbert.codec.scope_logits import Energy, MaxProbability
from jointbert.codec.scope_scorer import Floats, ScopeScorer
from jointbert.codec.scope_states import Contrast, Mahalanobis, Nearest
from jointbert.labels import Labels

SCORERS: dict[str, type[ScopeScorer]] = {
    scorer.name: scorer for scorer in (MaxProbability, Energy, Mahalanobis, Nearest, Contrast)
}
"""Every scorer by its name."""


@dataclass(frozen=True)
class Scope:
    """A scorer and the score from which on an utterance is in scope.

    Args:
        scorer: What scores.
        threshold: An utterance that scores less is out of scope.
        intent: The intent that marks utterances out of scope in data, or None where none does.
        outside_id: That intent's id where the model was trained to give it as one of its own, or None.
        chosen: How the scorer and the threshold were chosen, JSON-ready, for people.

    Raises:
        ValueError: The threshold is no number.
    """

    scorer: ScopeScorer
    threshold: float
    intent: str | None = None
    outside_id: int | None = None
    chosen: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        if not math.isfinite(self.threshold):
            raise ValueError(f"the threshold is {self.threshold}")

    @property
    def needs_state(self) -> bool:
        """Whether :meth:`judge` asks for [CLS] states."""
        return self.scorer.needs_state

    def judge(self, logits: Floats | None, states: Floats | None) -> list[tuple[bool, float]]:
        """Whether each of B utterances is in scope, and its score: the higher, the more so, in the scorer's own unit.

        One whose best intent is the one for what is out of scope is never in scope, however it scores.

        Args:
            logits: (B, N) raw intent logits, or None for a model without an intent head.
            states: (B, H) [CLS] states, or None where the scorer does not need them.
        """
        scores = self.scorer.score(logits, states, self.outside_id)
        inside = (scores >= self.threshold) & ~set_aside(logits, self.outside_id, len(scores))
        return list(zip(inside.tolist(), scores.tolist(), strict=True))


def set_aside(logits: Floats | None, outside_id: int | None, count: int) -> NDArray[np.bool_]:
    """(B,) whether the best intent of each of B utterances is the one for what is out of scope.

    Args:
        logits: (B, N) raw intent logits, or None for a model without an intent head.
        outside_id: That intent's id, or None where the model has none.
        count: B.
    """
    if logits is None or outside_id is None:
        return np.zeros(count, dtype=np.bool_)
    result: NDArray[np.bool_] = logits.argmax(-1) == outside_id
    return result


def outside_id(labels: Labels, intent: str | None) -> int | None:
    """The id of the intent that marks utterances out of scope, where a model has it as one of its own."""
    if intent is None or labels.intents is None or intent not in labels.intents:
        return None
    return labels.intents.id(intent, "scope")
