"""Forward-backward over a batch of rows: the probability of paths, of tags and of spans, in numpy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from jointbert.codec.steps import Floats, Ints, Steps, peaked


@dataclass(frozen=True)
class Beliefs:
    """What a chain believes of B rows of up to W words.

    Args:
        steps: The chain.
        scores: (B, W, K) log scores of each tag at each word.
        lengths: (B,) number of real words.
        weights: (B, W, K) tag weights, scaled so that they sum up to probabilities.
        forward: (B, W, K) probability of each tag given the words so far.
        partition: (B,) log of the sum over all legal paths.
        finish: (B, K) scaled weight of ending with each tag.

    Source:
        Rabiner 1989, "A tutorial on hidden Markov models", section III, with the scaling of section V.A.
    """

    steps: Steps
    scores: Floats
    lengths: Ints
    weights: Floats
    forward: Floats
    partition: Floats
    finish: Floats

    @classmethod
    def of(cls, steps: Steps, scores: Floats, lengths: Ints) -> Beliefs:
        """The forward pass; the backward one is made when it is first needed (see :meth:`Chain.beliefs`)."""
        rows, words, tags = scores.shape
        weights, peaks = peaked(scores)
        forward, scale = np.empty_like(weights), np.empty((rows, words, 1))
        message = np.exp(steps.start)
        for word in range(words):
            reached = message * weights[:, word]  # (B,K)
            scale[:, word] = total = np.add.reduce(reached, axis=-1, keepdims=True)
            forward[:, word] = probabilities = reached / total
            message = probabilities @ steps.weights
        real = np.arange(words) < lengths[:, None]  # (B,W)
        partition = np.where(real, np.log(scale[..., 0]) + peaks, 0.0).sum(-1)
        finish = np.ones((rows, tags))
        if words:
            last = forward[np.arange(rows), np.maximum(lengths - 1, 0)]  # (B,K)
            total = (last * np.exp(steps.end)).sum(-1)
            partition += np.where(lengths > 0, np.log(total), 0.0)
            finish = np.exp(steps.end) / total[:, None]
        return cls(steps, scores, lengths, weights / scale, forward, partition, finish)

    @cached_property
    def backward(self) -> Floats:
        """(B, W, K) factor that the words to come add to the probability of each tag."""
        backward = np.empty_like(self.forward)
        words = backward.shape[1]
        following = self.finish  # (B,K)
        for word in range(words - 1, -1, -1):
            last = (self.lengths == word + 1)[:, None]
            backward[:, word] = following = np.where(last, self.finish, following)
            following = (self.weights[:, word] * following) @ self.steps.weights.T
        return backward

    def marginals(self) -> Floats:
        """(B, W, K) probability of each tag at each word; the rows of real words sum to 1."""
        return self.forward * self.backward

    def log_paths(self, paths: Sequence[Ints]) -> Floats:
        """(B,) the log probability of each row's whole path among all legal ones; 0 for a row without words.

        Args:
            paths: B legal tag sequences, each of its row's length.
        """
        found = np.array([self._score(row, path) for row, path in zip(self.scores, paths, strict=True)])
        return np.minimum(found - self.partition, 0.0)

    def _score(self, scores: Floats, path: Ints) -> float:
        """The log score of one path."""
        if not len(path):
            return 0.0
        words = scores[np.arange(len(path)), path].sum()
        moves = self.steps.moves[path[:-1], path[1:]].sum()
        return float(self.steps.start[path[0]] + words + moves + self.steps.end[path[-1]])

    def span(self, row: int, first: int, last: int, begin: int, inside: int) -> float:
        """The probability that exactly the words [first, last) of a row are one span of a slot: no longer, no shorter.

        Args:
            row: The row.
            first: First word.
            last: One past the last word.
            begin: Id of the slot's ``B-`` tag.
            inside: Id of its ``I-`` tag.
        """
        weights, moves = self.weights[row], self.steps.weights
        chance = float(self.forward[row, first, begin])
        if last > first + 1:
            chance *= float(moves[begin, inside] * moves[inside, inside] ** (last - first - 2))
            chance *= float(weights[first + 1 : last, inside].prod())
        tag = begin if last == first + 1 else inside
        if last == self.lengths[row]:
            return min(1.0, chance * float(self.finish[row, tag]))
        after = moves[tag] * weights[last] * self.backward[row, last]  # (K,)
        return min(1.0, chance * float(after.sum() - after[inside]))
