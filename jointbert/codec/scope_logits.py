"""Scorers of scope that look at the intent logits alone, and learn nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from jointbert.codec.scope_scorer import Arrays, Evidence, Floats, given


@dataclass(frozen=True)
class _Bare:
    """A scorer that has nothing to learn."""

    needs_state: ClassVar[bool] = False
    needs_intents: ClassVar[bool] = True
    needs_outside: ClassVar[bool] = False

    @classmethod
    def fit(cls, _: Evidence) -> Self:
        """The scorer; it is always the same."""
        return cls()

    @classmethod
    def of(cls, _: Mapping[str, NDArray[Any]]) -> Self:
        """The scorer; it is always the same."""
        return cls()

    def arrays(self) -> Arrays:
        """Nothing."""
        return {}


@dataclass(frozen=True)
class MaxProbability(_Bare):
    """The softmax probability of the best intent, 0..1.

    Source:
        Hendrycks and Gimpel 2017, "A Baseline for Detecting Misclassified and Out-of-Distribution Examples in Neural
        Networks", arXiv:1610.02136.

    Example:
        >>> MaxProbability().score(np.array([[0.0, 0.0], [0.0, 50.0]]), None).tolist()
        [0.5, 1.0]
    """

    name: ClassVar[str] = "max-probability"

    def score(self, logits: Floats | None, states: Floats | None, outside_id: int | None = None) -> Floats:
        """See :class:`ScopeScorer`; an intent for what is out of scope takes its share, and is not the best one."""
        best: Floats = without(given(logits), outside_id).max(-1)
        return np.exp(best - log_sum(given(logits)))


@dataclass(frozen=True)
class Energy(_Bare):
    """The negative free energy at temperature 1: the logarithm of the summed exponentials of the logits.

    Source:
        Liu, Wang, Owens and Li 2020, "Energy-based Out-of-distribution Detection", arXiv:2010.03759.
    """

    name: ClassVar[str] = "energy"

    def score(self, logits: Floats | None, states: Floats | None, outside_id: int | None = None) -> Floats:
        """See :class:`ScopeScorer`; an intent for what is out of scope has no part in the sum."""
        return log_sum(without(given(logits), outside_id))


def log_sum(logits: Floats) -> Floats:
    """(B, N) → (B,) the logarithm of the summed exponentials, in float64."""
    logits = logits.astype(np.float64)
    top = logits.max(-1, keepdims=True)
    result: Floats = (top + np.log(np.exp(logits - top).sum(-1, keepdims=True)))[:, 0]
    return result


def without(logits: Floats, outside_id: int | None) -> Floats:
    """(B, N) logits without the column of an intent; all of them for None."""
    return logits if outside_id is None else np.delete(logits, outside_id, axis=1)
