"""The linear chain that turns tag scores into a legal tag sequence, in numpy (its probabilities are in beliefs.py).

One implementation serves both heads: a softmax head is a chain whose legal moves cost nothing, a CRF head is a chain
with learned costs. Illegal BIO moves cost minus infinity in both, so a decoded sequence is always legal.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from jointbert.codec.beliefs import Beliefs
from jointbert.codec.plain_beliefs import PlainBeliefs
from jointbert.codec.steps import Floats, Ints, Steps
from jointbert.labels import LabelSet
from jointbert.tags import split_tag


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
    def of_tags(cls, tags: LabelSet, learned: tuple[Floats, Floats, Floats] | None = None, heat: float = 1.0) -> Chain:
        """The chain over BIO tags: legal moves only.

        Args:
            tags: The tags.
            learned: A CRF's (start (K,), moves (K, K), end (K,)) scores; None for a softmax head.
            heat: The temperature that they are divided by, as the tag scores of the words must be.
        """
        split = [split_tag(tag) for tag in tags]
        inside = np.array([prefix == "I" for prefix, _ in split])
        slots = np.array([slot for _, slot in split])
        legal = ~inside[None, :] | (slots[:, None] == slots[None, :])
        count = len(tags)
        start, moves, end = learned or (np.zeros(count), np.zeros((count, count)), np.zeros(count))
        return cls(
            np.where(inside, -np.inf, start / heat),
            np.where(legal, moves / heat, -np.inf),
            np.asarray(end / heat, dtype=np.float64),
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

    @cached_property
    def _allowed(self) -> tuple[list[bool], list[list[bool]]]:
        """Which tags may begin, and which may follow which."""
        return np.isfinite(self.start).tolist(), np.isfinite(self.moves).tolist()

    def _legal(self, path: Ints) -> bool:
        begins, follows = self._allowed
        tags = path.tolist()
        return begins[tags[0]] and all(follows[one][other] for one, other in pairwise(tags))

    def _search(self, scores: Floats, lengths: Ints) -> list[Ints]:
        rows, words, _ = scores.shape
        best = self.start + scores[:, 0]  # (B,K)
        back = np.zeros(scores.shape, dtype=np.int64)
        for word in range(1, words):
            reached, back[:, word] = self._steps.best(best)  # (B,K)
            best = np.where((word < lengths)[:, None], reached + scores[:, word], best)  # (B,K)
        last = (best + self.end).argmax(-1)  # (B,)
        paths = []
        for row in range(rows):
            path = [int(last[row])]
            for word in range(int(lengths[row]) - 1, 0, -1):
                path.append(int(back[row, word, path[-1]]))
            paths.append(np.array(path[::-1], dtype=np.int64))
        return paths

    @cached_property
    def _steps(self) -> Steps:
        """How probability moves from word to word."""
        return Steps.of(self.start, self.moves, self.end)

    def beliefs(self, scores: Floats, lengths: Ints) -> Beliefs | PlainBeliefs:
        """Forward-backward: what the chain believes of each row.

        Args:
            scores: (B, W, K) log scores of each tag at each word; W >= 1.
            lengths: (B,) number of real words, left-aligned.
        """
        if self._steps.plain:
            return PlainBeliefs.of(scores, lengths)
        return Beliefs.of(self._steps, scores, lengths)
