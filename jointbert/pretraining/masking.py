"""Masking: which pieces the model must guess, and what it sees in their place.

Source:
    Devlin et al. 2019, "BERT", arXiv:1810.04805, sections 3.1 and A.1; whole words: Cui et al. 2019, arXiv:1906.08101.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jointbert.codec.pairs import Pair, PairCodec

Ints = NDArray[np.int64]

HIDDEN, REPLACED = 0.8, 0.1
"""Of the chosen pieces: the share shown as [MASK], and that shown as a random piece; the rest is shown as it is."""


@dataclass(frozen=True, slots=True)
class Masked:
    """An input with chosen pieces.

    Args:
        input_ids: (T,) what the model sees.
        chosen: (M,) indices of the chosen pieces, sorted.
        labels: (M,) the pieces that stood there.
    """

    input_ids: Ints
    chosen: Ints
    labels: Ints


@dataclass(frozen=True)
class Masking:
    """How pieces are chosen and shown.

    Args:
        share: Share of the pieces that are chosen (0..1); special pieces never are. One piece (or word) is chosen
            always, so that of an input of fewer than 1 / share pieces it is a larger share.
        whole_words: Choose words, and all the pieces of each.
        mask_id: The [MASK] piece.
        ordinary_ids: Pieces that a random one is drawn from: all but the special ones.
        special_ids: Pieces that are never chosen.
    """

    share: float
    whole_words: bool
    mask_id: int
    ordinary_ids: Ints
    special_ids: Ints

    @classmethod
    def of(cls, codec: PairCodec, share: float, whole_words: bool) -> Masking:
        """How the pieces of a codec are chosen and shown."""
        return cls(share, whole_words, codec.mask_id, codec.ordinary_ids, codec.special_ids)

    def apply(self, pair: Pair, rng: np.random.Generator) -> Masked:
        """One input with pieces chosen by ``rng``; another generator state chooses others."""
        candidates = np.flatnonzero(~np.isin(pair.input_ids, self.special_ids))
        wanted = int(self.share * len(candidates) + rng.random())  # the expected number is exact
        wanted = min(max(wanted, 1), len(candidates))  # but for inputs so short that it is below one
        if self.whole_words:
            chosen = _words(candidates, pair.starts, wanted, rng)
        else:
            chosen = np.sort(rng.permutation(candidates)[:wanted])
        return self._show(pair.input_ids, chosen, rng)

    def _show(self, input_ids: Ints, chosen: Ints, rng: np.random.Generator) -> Masked:
        shown = input_ids.copy()
        fate = rng.random(len(chosen))
        shown[chosen[fate < HIDDEN]] = self.mask_id
        replaced = chosen[(fate >= HIDDEN) & (fate < HIDDEN + REPLACED)]
        shown[replaced] = self.ordinary_ids[rng.integers(len(self.ordinary_ids), size=len(replaced))]
        return Masked(shown, chosen, input_ids[chosen])


def _words(candidates: Ints, starts: NDArray[np.bool_], wanted: int, rng: np.random.Generator) -> Ints:
    """The pieces of random words, ``wanted`` of them or as near as whole words allow.

    The word that would overshoot is taken with the chance that makes the expected number right; one is taken always.
    """
    words = np.cumsum(starts[candidates])
    lengths = np.bincount(words)
    order = rng.permutation(np.flatnonzero(lengths))
    totals = np.cumsum(lengths[order])
    taken = int(np.searchsorted(totals, wanted, side="right"))
    if taken < len(order):
        missing = wanted - (int(totals[taken - 1]) if taken else 0)
        taken += bool(rng.random() < missing / lengths[order[taken]])
    chosen: Ints = candidates[np.isin(words, order[: max(taken, 1)])]
    return chosen
