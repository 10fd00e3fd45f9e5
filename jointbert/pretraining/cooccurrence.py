"""Piece embeddings from counts: which pieces occur near which others, as vectors, in a minute instead of hours.

A masked language model spends the first million pieces on learning which pieces are alike. Counting tells the same at
once, so a run that starts from these vectors has its (short) time for what counting cannot tell.

Source:
    Levy and Goldberg 2014, "Neural Word Embedding as Implicit Matrix Factorization"; the smoothed contexts, the
    weighted window and the square root of the singular values are those of Levy, Goldberg and Dagan 2015, "Improving
    Distributional Similarity with Lessons Learned from Word Embeddings", TACL 3, sections 3.1 to 3.3.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array

if TYPE_CHECKING:
    from datasets import Dataset

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

WINDOW = 5
"""How far apart two pieces may stand to count as near; next neighbours count most."""

_SMOOTHING = 0.75
_PIECES = 1 << 21
"""Pieces that are counted at a time."""


def count_near(runs: Iterable[Ints], vocabulary: int, window: int = WINDOW) -> csr_array[Any]:
    """How often each piece stands near each other one, (V, V), symmetric.

    Args:
        runs: Documents as piece ids; pieces of different runs are never near.
        vocabulary: Number of pieces V.
        window: A pair d pieces apart counts ``(window + 1 - d) / window``, up to d = window.

    Example:
        >>> count_near([np.array([0, 1, 2])], 3, window=2).toarray().tolist()
        [[0.0, 1.0, 0.5], [1.0, 0.0, 1.0], [0.5, 1.0, 0.0]]
    """
    total: csr_array[Any] = csr_array((vocabulary, vocabulary), dtype=np.float64)
    for ids, owner in _chunks(runs):
        for distance in range(1, window + 1):
            together = owner[distance:] == owner[:-distance]
            keys = ids[:-distance][together] * vocabulary + ids[distance:][together]
            keys, counts = np.unique(keys, return_counts=True)
            weighted = counts * ((window + 1 - distance) / window)
            total = total + csr_array((weighted, divmod(keys, vocabulary)), shape=total.shape)
    return csr_array(total + total.T)


def embed_counts(near: csr_array[Any], hidden: int, seed: int = 0) -> Floats:
    """A vector of length 1 for each piece, (V, H); zero for pieces that were never counted.

    Positive pointwise mutual information, cut down to its H strongest directions.

    Args:
        near: (V, V) symmetric counts; V must be at least H.
        hidden: H.
        seed: Of the randomised decomposition (its result hardly depends on it).
    """
    from sklearn.utils.extmath import randomized_svd

    rows = np.maximum(near.sum(axis=1), 1e-12)
    contexts = np.asarray(rows) ** _SMOOTHING
    ratio = diags_array(1 / rows) @ near @ diags_array(contexts.sum() / contexts)
    ratio.data = np.maximum(np.log(ratio.data), 0.0)
    ratio.eliminate_zeros()
    left, strengths, _ = randomized_svd(csr_array(ratio), hidden, n_iter=2, random_state=seed)
    vectors = left * np.sqrt(strengths)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.where(lengths > 1e-9, vectors / np.maximum(lengths, 1e-9), 0.0).astype(np.float32)


def piece_runs(documents: Dataset, rows: Ints) -> Iterator[Ints]:
    """The documents of some rows as piece ids."""
    chosen = np.zeros(len(documents), bool)
    chosen[rows] = True
    place = 0
    for chunk in documents.data.column("ids").chunks:
        for item in chunk:
            if chosen[place]:
                yield item.values.to_numpy().astype(np.int64)
            place += 1


def _chunks(runs: Iterable[Ints]) -> Iterator[tuple[Ints, Ints]]:
    """Many runs laid end to end, and which run each piece is of."""
    held: list[Ints] = []
    size = 0
    for run in runs:
        held.append(run)
        size += len(run)
        if size >= _PIECES:
            yield _laid(held)
            held, size = [], 0
    if held:
        yield _laid(held)


def _laid(runs: list[Ints]) -> tuple[Ints, Ints]:
    return np.concatenate(runs), np.repeat(np.arange(len(runs)), [len(run) for run in runs])
