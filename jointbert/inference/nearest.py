"""Vectors that lie close together, found block by block: no n x n matrix is ever there."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Places = NDArray[np.int64]
Cosines = NDArray[np.float32]

BLOCK = 2048
"""Rows of a block; a product of two takes 16 MiB."""

ROUNDING = 1e-6
"""Cosines that differ by less count as equal: fp32 has no more to say."""

Tile = tuple[Places, Places, Cosines]
"""The pairs of a tile: first places, second places (each above its first), cosines."""


def count_tiles(rows: int, block: int = BLOCK) -> int:
    """How many tiles :func:`close_pairs` yields.

    Example:
        >>> count_tiles(5000, block=2048), count_tiles(0)
        (6, 0)
    """
    blocks = -(-rows // block)
    return blocks * (blocks + 1) // 2


def close_pairs(vectors: Vectors, threshold: float, block: int = BLOCK) -> Iterator[Tile]:
    """Every pair of rows whose cosine reaches the threshold, a tile at a time; tiles without pairs come too.

    Args:
        vectors: (n, H), rows of length 1.
        threshold: The least cosine (-1..1).
        block: How many rows are multiplied with how many.
    """
    for top in range(0, len(vectors), block):
        rows = vectors[top : top + block]
        for left in range(top, len(vectors), block):
            products = rows @ vectors[left : left + block].T  # (block, block)
            first, second = np.nonzero(products >= threshold - ROUNDING)
            if left == top:
                upper = first < second
                first, second = first[upper], second[upper]
            yield first + top, second + left, np.clip(products[first, second], -1.0, 1.0)


class Closest:
    """The closest of many pairs, the closest first; of equals those that stand first.

    Args:
        most: How many are kept.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: Tile = (np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float32))

    def add(self, tile: Tile) -> None:
        """Let further pairs compete."""
        first = np.concatenate([self._kept[0], tile[0]])
        second = np.concatenate([self._kept[1], tile[1]])
        cosines = np.concatenate([self._kept[2], tile[2]])
        if len(cosines) > self._most:  # sorting is dear: what is surely too far goes before
            least = np.partition(cosines, -self._most)[-self._most]
            near = cosines >= least - 2 * ROUNDING
            first, second, cosines = first[near], second[near], cosines[near]
        order = np.lexsort((second, first, -np.round(cosines.astype(np.float64), 6)))[: self._most]
        self._kept = first[order], second[order], cosines[order]

    def __iter__(self) -> Iterator[tuple[int, int, float]]:
        first, second, cosines = self._kept
        return zip(first.tolist(), second.tolist(), cosines.tolist(), strict=True)


def nearest(vectors: Vectors, query: Vectors, most: int) -> list[tuple[int, float]]:
    """The rows nearest to a vector with their cosines, the nearest first; of equals the first.

    Args:
        vectors: (n, H), rows of length 1.
        query: (H,), of length 1.
        most: How many.

    Example:
        >>> nearest(np.eye(3, dtype=np.float32), np.array([0, 0.8, 0.6], np.float32), 2) == [(1, 0.8), (2, 0.6)]
        True
    """
    cosines = np.round(np.clip(vectors @ query, -1.0, 1.0).astype(np.float64), 6)
    order = np.argsort(-cosines, kind="stable")[:most]
    return list(zip(order.tolist(), cosines[order].tolist(), strict=True))
