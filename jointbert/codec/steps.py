"""One step along the chain: how scores go from the tags of one word to those of the next."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BEGIN, INSIDE = slice(1, None, 2), slice(2, None, 2)
"""Where B- and I- tags stand when each I-x follows its B-x, and O comes first."""


_FLOOR = -600.0
"""Log scores are kept within this of the best, so that exp() never underflows to an all-zero row (exp(-745) = 0)."""


def peaked(scores: Floats) -> tuple[Floats, Floats]:
    """(B, W, K) log scores → (B, W, K) weights of which each word's best is 1, and (B, W) the log of what that took."""
    peaks = scores.max(-1, keepdims=True)  # (B,W,1)
    return np.exp(np.maximum(scores - peaks, _FLOOR)), peaks[..., 0]


@dataclass(frozen=True)
class Steps:
    """How probability moves from one word to the next.

    Without learned scores every legal move weighs 1, so that the best step is one maximum over all tags, and one for
    each I- tag, which only two tags can reach: O(K) in place of O(K * K).

    Args:
        start: (K,) log scores of the first tag, -inf where illegal.
        moves: (K, K) log scores of going from tag i to tag j, -inf where illegal.
        end: (K,) log scores of the last tag.
        weights: (K, K) exponentials of ``moves``.
        plain: All moves weigh 1 or nothing, and the tags are O, B-x, I-x, B-y, I-y, ...
    """

    start: Floats
    moves: Floats
    end: Floats
    weights: Floats
    plain: bool

    @classmethod
    def of(cls, start: Floats, moves: Floats, end: Floats) -> Steps:
        """The steps of a chain's log scores."""
        count = len(start)
        expected = np.ones((count, count))
        expected[:, INSIDE] = 0.0
        for inside in range(2, count, 2):
            expected[inside - 1 : inside + 1, inside] = 1.0
        weights = np.exp(moves)
        return cls(start, moves, end, weights, bool(np.array_equal(weights, expected)))

    def best(self, scores: Floats) -> tuple[Floats, Ints]:
        """The best way to each tag of the next word.

        Args:
            scores: (B, K) log scores of the best path to each tag at one word.

        Returns:
            (B, K) log scores of the best path that goes on to each tag, and (B, K) the tags these paths come from; of
            equally good ones the first.
        """
        if not self.plain:
            reached = scores[:, None, :] + self.moves.T  # (B,K to,K from)
            origin = reached.argmax(-1)
            return np.take_along_axis(reached, origin[..., None], -1)[..., 0], origin
        top = scores.argmax(-1)[:, None]  # (B,1)
        found, origin = np.empty_like(scores), np.empty(scores.shape, dtype=np.int64)
        found[:], origin[:] = np.take_along_axis(scores, top, -1), top
        begun, inside = scores[:, BEGIN], scores[:, INSIDE]
        found[:, INSIDE] = np.maximum(begun, inside)
        origin[:, INSIDE] = np.arange(1, scores.shape[1], 2) + (inside > begun)
        return found, origin
