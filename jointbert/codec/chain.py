"""The linear chain that turns tag scores into a legal tag sequence and into probabilities, in numpy.

One implementation serves both heads: a softmax head is a chain whose legal moves cost nothing, a CRF head is a chain
with learned costs. Illegal BIO moves cost minus infinity in both, so a decoded sequence is always legal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jointbert.labels import LabelSet
from jointbert.tags import split_tag

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_FLOOR = -600.0
"""Log scores are kept within this of the best, so that exp() never underflows to an all-zero row (exp(-745) = 0)."""


@dataclass(frozen=True)
class Chain:
    """A first-order chain over K tags, in log space.

    Args:
        start: (K,) score of beginning with each tag.
        moves: (K, K) score of going from tag i to tag j; -inf where the move is illegal.
        end: (K,) score of ending with each tag.
        learned: Whether the scores come from a CRF (False: zeros and -inf only).

    Source:
        Viterbi and forward-backward as in Rabiner 1989, "A tutorial on hidden Markov models", section III, with the
        scaling of section V.A; the CRF as in Lafferty, McCallum and Pereira 2001.
    """

    start: Floats
    moves: Floats
    end: Floats
    learned: bool

    @classmethod
    def of_tags(cls, tags: LabelSet, learned: tuple[Floats, Floats, Floats] | None = None) -> Chain:
        """The chain over BIO tags: legal moves only, with a CRF's (start, moves, end) scores where given."""
        split = [split_tag(tag) for tag in tags]
        inside = np.array([prefix == "I" for prefix, _ in split])
        slots = np.array([slot for _, slot in split])
        legal = ~inside[None, :] | (slots[:, None] == slots[None, :])
        count = len(tags)
        start, moves, end = learned or (np.zeros(count), np.zeros((count, count)), np.zeros(count))
        return cls(
            np.where(inside, -np.inf, start),
            np.where(legal, moves, -np.inf),
            np.asarray(end, dtype=np.float64),
            learned is not None,
        )

    def viterbi(self, scores: Floats, lengths: Ints) -> list[Ints]:
        """The best legal tag sequence of each row.

        Args:
            scores: (B, W, K) log scores of each tag at each word.
            lengths: (B,) number of real words, left-aligned; 0 gives an empty path.

        Returns:
            B arrays of tag ids, each of its row's length.
        """
        greedy = scores.argmax(-1)  # (B,W)
        paths = [row[:length] for row, length in zip(greedy, lengths, strict=True)]
        todo = [index for index, path in enumerate(paths) if len(path) and (self.learned or not self._legal(path))]
        if todo:
            for index, path in zip(todo, self._search(scores[todo], lengths[todo]), strict=True):
                paths[index] = path
        return paths

    def _legal(self, path: Ints) -> bool:
        moves = self.moves[path[:-1], path[1:]]
        return bool(np.isfinite(self.start[path[0]]) and np.isfinite(moves).all())

    def _search(self, scores: Floats, lengths: Ints) -> list[Ints]:
        rows, words, _ = scores.shape
        best = self.start + scores[:, 0]  # (B,K)
        back = np.zeros(scores.shape, dtype=np.int64)
        for word in range(1, words):
            reach = best[:, :, None] + self.moves  # (B,K,K)
            back[:, word] = reach.argmax(1)
            going = (word < lengths)[:, None]
            best = np.where(going, reach.max(1) + scores[:, word], best)  # (B,K)
        last = (best + self.end).argmax(-1)  # (B,)
        paths = []
        for row in range(rows):
            path = [int(last[row])]
            for word in range(int(lengths[row]) - 1, 0, -1):
                path.append(int(back[row, word, path[-1]]))
            paths.append(np.array(path[::-1], dtype=np.int64))
        return paths

    def path_chances(self, scores: Floats, lengths: Ints, paths: Sequence[Ints]) -> Floats:
        """The probability of each row's whole path among all legal paths.

        Args:
            scores: (B, W, K) log scores of each tag at each word.
            lengths: (B,) number of real words, left-aligned.
            paths: B legal tag sequences, each of its row's length.

        Returns:
            (B,) 0..1; 1 for a row without words.
        """
        if not scores.shape[1]:
            return np.ones(len(scores))
        moves, end = np.exp(self.moves), np.exp(self.end)
        peaks = scores.max(-1, keepdims=True)  # (B,W,1)
        weights = np.exp(np.maximum(scores - peaks, _FLOOR))  # (B,W,K)
        message, partition = np.exp(self.start), np.zeros(len(scores))
        forward = np.ones_like(weights[:, 0])  # (B,K)
        for word in range(scores.shape[1]):
            going = word < lengths  # (B,)
            reached = message * weights[:, word]  # (B,K)
            scale = reached.sum(-1, keepdims=True)
            forward = np.where(going[:, None], reached / scale, forward)
            partition += np.where(going, np.log(scale[:, 0]) + peaks[:, word, 0], 0.0)
            message = forward @ moves
        partition += np.where(lengths > 0, np.log(forward @ end), 0.0)
        found = [self._score(row, path) for row, path in zip(scores, paths, strict=True)]
        chances: Floats = np.exp(np.minimum(np.array(found) - partition, 0.0))
        return chances

    def _score(self, scores: Floats, path: Ints) -> float:
        """The log score of one path."""
        if not len(path):
            return 0.0
        words = scores[np.arange(len(path)), path].sum()
        return float(self.start[path[0]] + words + self.moves[path[:-1], path[1:]].sum() + self.end[path[-1]])

    def beliefs(self, scores: Floats) -> Beliefs:
        """Forward-backward over one row.

        Args:
            scores: (W, K) log scores of each tag at each word; W >= 1.
        """
        weights = np.exp(np.maximum(scores - scores.max(-1, keepdims=True), _FLOOR))  # (W,K)
        moves, end = np.exp(self.moves), np.exp(self.end)
        words = len(weights)
        forward, backward = np.zeros_like(weights), np.zeros_like(weights)
        scale = np.zeros(words)
        message = np.exp(self.start)
        for word in range(words):
            forward[word] = message * weights[word]
            scale[word] = forward[word].sum()
            forward[word] /= scale[word]
            message = forward[word] @ moves
        finish = forward[-1] @ end
        backward[-1] = end / finish
        for word in range(words - 2, -1, -1):
            backward[word] = moves @ (weights[word + 1] * backward[word + 1]) / scale[word + 1]
        return Beliefs(weights / scale[:, None], moves, forward, backward, end / finish)


@dataclass(frozen=True)
class Beliefs:
    """What the chain believes of one row of W words, after forward-backward (see :meth:`Chain.beliefs`).

    Args:
        weights: (W, K) scaled tag weights.
        moves: (K, K) move weights.
        forward: (W, K) probability of each tag given the words so far.
        backward: (W, K) factor that the words to come add.
        end: (K,) scaled weight of ending.
    """

    weights: Floats
    moves: Floats
    forward: Floats
    backward: Floats
    end: Floats

    def marginals(self) -> Floats:
        """(W, K) probability of each tag at each word; rows sum to 1."""
        return self.forward * self.backward

    def span(self, first: int, last: int, begin: int, inside: int) -> float:
        """The probability that exactly the words [first, last) are one span of a slot: no longer, no shorter.

        Args:
            first: First word.
            last: One past the last word.
            begin: Id of the slot's ``B-`` tag.
            inside: Id of its ``I-`` tag.
        """
        chance = float(self.forward[first, begin])
        tag = begin
        for word in range(first + 1, last):
            chance *= float(self.moves[tag, inside] * self.weights[word, inside])
            tag = inside
        if last == len(self.weights):
            return min(1.0, chance * float(self.end[tag]))
        after = self.moves[tag] * self.weights[last] * self.backward[last]  # (K,)
        return min(1.0, chance * float(after.sum() - after[inside]))
