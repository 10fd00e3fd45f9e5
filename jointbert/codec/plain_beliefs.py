"""Forward-backward where nothing was learned: every legal move weighs 1, so one number a word and one a slot carry it.

Whatever tag a word has, all O and B- tags may follow; only I-x asks for B-x or I-x before it. So the messages of
forward-backward over K tags shrink to the mass inside each slot (going on) and the mass that leaves (coming back).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from jointbert.codec.steps import BEGIN, INSIDE, Floats, Ints, peaked


@dataclass(frozen=True)
class PlainBeliefs:
    """What a plain chain believes of B rows of up to W words; tags are O, B-x, I-x, B-y, I-y, ...

    Args:
        scores: (B, W, K) log scores of each tag at each word.
        lengths: (B,) number of real words.
        scaled: (B, W, K) tag weights, each word's divided by the mass that it lets through.
        within: (B, W, K // 2) probability of each I- tag given the words so far.
        partition: (B,) log of the sum over all legal paths.
    """

    scores: Floats
    lengths: Ints
    scaled: Floats
    within: Floats
    partition: Floats

    @classmethod
    def of(cls, scores: Floats, lengths: Ints) -> PlainBeliefs:
        """The forward pass (see :meth:`Chain.beliefs`)."""
        weights, peaks = peaked(scores)
        begin, inside = weights[..., BEGIN].copy(), weights[..., INSIDE].copy()  # (B,W,J)
        open_mass = weights[..., 0] + begin.sum(-1)  # (B,W)
        rows, words, slots = begin.shape
        within, through = np.zeros((rows, words, slots)), np.empty((rows, words))
        mass = np.zeros((rows, slots))  # within each slot, after the word before
        for word in range(words):
            entering = mass * inside[:, word]  # (B,J)
            total = open_mass[:, word] + np.add.reduce(entering, axis=-1)  # (B,)
            through[:, word] = total
            within[:, word] = entering
            mass = (begin[:, word] + entering) / total[:, None]
        real = np.arange(words) < lengths[:, None]  # (B,W)
        partition = np.where(real, np.log(through) + peaks, 0.0).sum(-1)
        return cls(scores, lengths, weights / through[..., None], within / through[..., None], partition)

    @cached_property
    def _back(self) -> tuple[Floats, Floats]:
        """(B, W) weight of leaving each word for an O or a B- tag, or of ending there; (B, W, J) of going on inside."""
        begin, inside = self.scaled[..., BEGIN].copy(), self.scaled[..., INSIDE].copy()
        open_mass = self.scaled[..., 0] + begin.sum(-1)  # (B,W)
        rows, words, slots = begin.shape
        leaving, going = np.ones((rows, words)), np.zeros((rows, words, slots))
        ragged = bool((self.lengths < words).any())
        left, on = np.ones(rows), np.zeros((rows, slots))
        for word in range(words - 1, 0, -1):
            before = left * open_mass[:, word] + np.add.reduce(begin[:, word] * on, axis=-1)  # (B,)
            on = inside[:, word] * (left[:, None] + on)  # (B,J)
            left = before
            if ragged:
                over = self.lengths <= word
                left, on = np.where(over, 1.0, left), np.where(over[:, None], 0.0, on)
            leaving[:, word - 1], going[:, word - 1] = left, on
        return leaving, going

    def marginals(self) -> Floats:
        """(B, W, K) probability of each tag at each word; the rows of real words sum to 1."""
        leaving, going = self._back
        found = self.scaled.copy()
        found[..., INSIDE] = self.within
        found *= leaving[..., None]
        found[..., BEGIN] += self.scaled[..., BEGIN] * going
        found[..., INSIDE] += self.within * going
        return found

    def log_paths(self, paths: Sequence[Ints]) -> Floats:
        """(B,) the log probability of each row's whole path among all legal ones; 0 for a row without words.

        Args:
            paths: B legal tag sequences, each of its row's length.
        """
        found = [row[np.arange(len(path)), path].sum() for row, path in zip(self.scores, paths, strict=True)]
        return np.minimum(np.array(found) - self.partition, 0.0)

    def span(self, row: int, first: int, last: int, begin: int, inside: int) -> float:
        """The probability that exactly the words [first, last) of a row are one span of a slot: no longer, no shorter.

        Args:
            row: The row.
            first: First word.
            last: One past the last word.
            begin: Id of the slot's ``B-`` tag.
            inside: Id of its ``I-`` tag.
        """
        chance = float(self.scaled[row, first, begin])
        for word in range(first + 1, last):
            chance *= float(self.scaled[row, word, inside])
        return min(1.0, chance * float(self._back[0][row, last - 1]))
