"""Sentence vectors without what all of them have in common, so that a cosine tells what two of them share."""

from __future__ import annotations

import numpy as np

from jointbert.inference.nearest import Vectors

FEWEST = 20
"""How many texts it takes for their mean to say more of what all share than of the single ones. Taken from 20 texts of
the demo sets, it leaves two near-duplicates a cosine about 0.02 below that by the mean of all texts; from 10, 0.05
below; from 5, 0.12 (mini-en, mini-zh and MiniLM alike)."""

_ALL_THE_SAME = 1e-5
"""The mean squared distance from their mean up to which vectors count as one and the same: the rest is rounding."""


def common_part(vectors: Vectors) -> Vectors:
    """The mean of vectors of different texts; zero where there is no telling what is common and what is their own.

    That is where there are fewer than :data:`FEWEST` of them, and where all are the same.

    Args:
        vectors: (n, H), rows of length 1; rows of length 0 are left out.

    Returns:
        Float32, shape (H,).

    Source:
        Mu and Viswanath 2018, *All-but-the-Top* (arXiv:1702.01417), algorithm 1, its first step.

    Example:
        >>> common_part(np.array([[1, 0], [0, 1]] * 10, np.float32)).tolist()
        [0.5, 0.5]
    """
    nothing = np.zeros(vectors.shape[1], np.float32)
    real = vectors.any(axis=1)  # (n,)
    rows = vectors if real.all() else vectors[real]
    if len(rows) < FEWEST:
        return nothing
    mean = rows.mean(axis=0, dtype=np.float64)  # (H,)
    spread = 1.0 - mean @ mean  # of rows of length 1: the mean squared distance from their mean
    return nothing if spread <= _ALL_THE_SAME else mean.astype(np.float32)


def without(common: Vectors, vectors: Vectors) -> Vectors:
    """The vectors less their common part, scaled to length 1; a vector of length 0 stays as it is.

    No other becomes zero: the mean of vectors of length 1 is shorter than each of them unless all are the same.

    Args:
        common: (H,), from :func:`common_part`.
        vectors: (n, H), rows of length 1 or 0.

    Returns:
        Float32, shape (n, H), rows of length 1 or 0.

    Example:
        >>> without(np.array([0, 0.8], np.float32), np.array([[0.6, 0.8], [0, 0]], np.float32)).tolist()
        [[1.0, 0.0], [0.0, 0.0]]
    """
    left = vectors - common  # (n,H)
    left[~vectors.any(axis=1)] = 0.0
    lengths = np.sqrt(np.einsum("nh,nh->n", left, left))  # (n,)
    left /= np.where(lengths > 0.0, lengths, 1.0)[:, None]
    return left
