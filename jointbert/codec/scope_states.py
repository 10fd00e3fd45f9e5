"""Scorers of scope that compare an utterance's [CLS] state with those of the training utterances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from jointbert.codec.scope_scorer import Arrays, Evidence, Floats, given

NEIGHBOURS = 5
"""The k of k-NN: so few that an intent with a handful of utterances is near to itself."""

BANK = 20_000
"""How many training states k-NN keeps at most; of more, every second, third and so on is taken."""


@dataclass(frozen=True)
class _OfStates:
    """A scorer that needs no more than the [CLS] states of training utterances in scope."""

    needs_state: ClassVar[bool] = True
    needs_intents: ClassVar[bool] = False
    needs_outside: ClassVar[bool] = False


@dataclass(frozen=True)
class Mahalanobis(_OfStates):
    """Minus the squared Mahalanobis distance of the [CLS] state to the nearest intent's mean.

    The covariance is shared by all intents and shrunk towards a multiple of the identity, so that there is one to
    invert even where utterances are fewer than the state is wide.

    Source:
        Lee, Lee, Lee and Shin 2018, "A Simple Unified Framework for Detecting Out-of-Distribution Samples and
        Adversarial Attacks", arXiv:1807.03888. Podolskiy et al. 2021, arXiv:2101.03778 (intents).
        Ledoit and Wolf 2004, "A well-conditioned estimator for large-dimensional covariance matrices" (the shrinkage).

    Args:
        whitener: (H, H) W, with W Wᵀ the inverse of the covariance.
        means: (C, H) the intents' means, each times W.
    """

    whitener: Floats
    means: Floats
    name: ClassVar[str] = "mahalanobis"

    @classmethod
    def fit(cls, evidence: Evidence) -> Self:
        """See :class:`ScopeScorer`."""
        states = evidence.states.astype(np.float64)
        kinds, which = np.unique(evidence.classes, return_inverse=True)
        means = np.stack([states[which == kind].mean(0) for kind in range(len(kinds))])  # (C,H)
        covariance = shrunk_covariance(states - means[which])  # (H,H)
        values, vectors = np.linalg.eigh(covariance)
        whitener = vectors / np.sqrt(np.maximum(values, 1e-12))
        return cls(whitener.astype(np.float32), (means @ whitener).astype(np.float32))

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """See :class:`ScopeScorer`."""
        whitener, means = matrix(arrays, "whitener"), matrix(arrays, "means")
        if whitener.shape[0] != whitener.shape[1] or means.shape[1] != len(whitener):
            raise ValueError(f"means of shape {means.shape} for a whitener of shape {whitener.shape}")
        return cls(whitener, means)

    def arrays(self) -> Arrays:
        """See :class:`ScopeScorer`."""
        return {"whitener": self.whitener, "means": self.means}

    def score(self, logits: Floats | None, states: Floats | None, outside_id: int | None = None) -> Floats:
        """See :class:`ScopeScorer`."""
        white = (given(states) @ self.whitener).astype(np.float64)  # (B,H)
        means = self.means.astype(np.float64)
        squares = (white**2).sum(-1, keepdims=True) - 2.0 * white @ means.T + (means**2).sum(-1)  # (B,C)
        result: Floats = -np.maximum(squares.min(-1), 0.0)
        return result


@dataclass(frozen=True)
class Nearest(_OfStates):
    """The cosine of the [CLS] state and the k-th nearest of the training utterances', -1..1.

    Source:
        Sun, Ming, Zhu and Li 2022, "Out-of-Distribution Detection with Deep Nearest Neighbors", arXiv:2204.06507: the
        distance to the k-th neighbour among normalised states, of which the cosine is a falling function.

    Args:
        bank: (n, H) training states of length 1.
    """

    bank: Floats
    name: ClassVar[str] = "knn"

    @classmethod
    def fit(cls, evidence: Evidence) -> Self:
        """See :class:`ScopeScorer`."""
        return cls(bank_of(evidence.states))

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """See :class:`ScopeScorer`."""
        return cls(matrix(arrays, "bank"))

    def arrays(self) -> Arrays:
        """See :class:`ScopeScorer`."""
        return {"bank": self.bank.astype(np.float16)}

    def score(self, logits: Floats | None, states: Floats | None, outside_id: int | None = None) -> Floats:
        """See :class:`ScopeScorer`."""
        return kth_cosine(given(states), self.bank, NEIGHBOURS)


@dataclass(frozen=True)
class Contrast(_OfStates):
    """How much nearer the [CLS] state is to training utterances in scope than to such as are known to be out of it.

    The cosine of its k-th nearest neighbour in scope less that of its nearest one out of scope; this use is ours.

    Args:
        bank: (n, H) training states in scope, of length 1.
        outside: (m, H) training states out of scope, of length 1; m at least 1.
    """

    bank: Floats
    outside: Floats
    name: ClassVar[str] = "knn-contrast"
    needs_outside: ClassVar[bool] = True

    @classmethod
    def fit(cls, evidence: Evidence) -> Self:
        """See :class:`ScopeScorer`."""
        return cls(bank_of(evidence.states), bank_of(evidence.outside))

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """See :class:`ScopeScorer`."""
        bank, outside = matrix(arrays, "bank"), matrix(arrays, "outside")
        if bank.shape[1] != outside.shape[1]:
            raise ValueError(f"states of shape {bank.shape} and {outside.shape}")
        return cls(bank, outside)

    def arrays(self) -> Arrays:
        """See :class:`ScopeScorer`."""
        return {"bank": self.bank.astype(np.float16), "outside": self.outside.astype(np.float16)}

    def score(self, logits: Floats | None, states: Floats | None, outside_id: int | None = None) -> Floats:
        """See :class:`ScopeScorer`."""
        near = kth_cosine(given(states), self.bank, NEIGHBOURS)
        return near - kth_cosine(given(states), self.outside, 1)


def shrunk_covariance(centred: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, H) rows with mean 0 → (H, H) covariance, shrunk by Ledoit and Wolf's estimate."""
    rows, width = centred.shape
    squares = centred**2
    empirical = centred.T @ centred / rows  # (H,H)
    scale = float(np.trace(empirical)) / width
    spread = (float((empirical**2).sum()) - width * scale**2) / width
    noise = (float((squares.T @ squares).sum()) / rows - float((empirical**2).sum())) / (rows * width)
    share = 1.0 if spread <= 0.0 else min(max(noise, 0.0), spread) / spread
    result: NDArray[np.float64] = (1.0 - share) * empirical + share * max(scale, 1e-12) * np.eye(width)
    return result


def bank_of(states: Floats) -> Floats:
    """At most :data:`BANK` of the states, each of length 1, evenly taken; rounded as they are stored."""
    step = -(-len(states) // BANK)
    return unit(states[:: max(step, 1)]).astype(np.float16).astype(np.float32)


def unit(states: Floats) -> Floats:
    """The states, each divided by its length."""
    lengths = np.linalg.norm(states.astype(np.float32), axis=-1, keepdims=True)
    result: Floats = states.astype(np.float32) / np.maximum(lengths, 1e-12)
    return result


def kth_cosine(states: Floats, bank: Floats, k: int) -> Floats:
    """(B, H) states and (n, H) others of length 1 → (B,) the k-th highest cosine; the lowest where n is below k."""
    cosines = unit(states) @ bank.T  # (B,n)
    place = max(len(bank) - k, 0)
    result: Floats = np.partition(cosines, place, axis=-1)[:, place].astype(np.float64)
    return result


def matrix(arrays: Mapping[str, NDArray[Any]], name: str) -> Floats:
    """A matrix of finite numbers among stored arrays, in float32."""
    found = arrays[name]
    if found.ndim != 2 or not found.size or not np.isfinite(found).all():
        raise ValueError(f"{name} is no matrix of numbers")
    return found.astype(np.float32)
