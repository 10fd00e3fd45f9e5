"""Which utterances to label so that few of them tell much: an order that covers the data, and batches without twins."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans, MiniBatchKMeans

from jointbert.annotation.text_vectors import Vectors

Indices = NDArray[np.intp]
Floats = NDArray[np.floating[Any]]

GROUPS = 300
FIT_ON = 12_000
PREFILTER = 10
TWINS = 1e-4
"""Two texts whose cosine distance is below this are the same for our purpose."""
MOST_STEPS = 1_000


def covering_order(vectors: Vectors) -> Indices:
    """All rows, ordered so that the first of them stand for the whole and near-duplicates come last.

    First one typical row of each k-means group, chosen greedily for how much of the data it is close to (each group
    counts by its size). Then the others, the farthest from all that stand before them in their group first: farthest-
    first traversal, also called greedy k-center. (K-center alone would begin with the outliers.)

    Args:
        vectors: Float, shape (n, D), rows of length 1 (or 0).

    Returns:
        A permutation of 0..n-1; the same for the same vectors.

    Source:
        Hacohen, Dekel and Weinshall 2022, *Active Learning on a Budget* (arXiv:2202.02794): typical members of
        clusters first. Sener and Savarese 2018, *Active Learning for CNNs: A Core-Set Approach* (arXiv:1708.00489),
        algorithm 1: greedy k-center. The greedy choice among groups is facility location.

    Example:
        >>> twins_and_a_third = np.array([[1, 0], [1, 0], [0, 1]], np.float32)
        >>> covering_order(twins_and_a_third).tolist()[-1]
        1
    """
    count = len(vectors)
    if count == 0:
        return np.empty(0, np.intp)
    members = _groups(vectors, min(GROUPS, max(1, count // 4)))
    typical = [_most_typical(vectors, group) for group in members]
    sizes = np.array([len(group) for group in members], np.float32)
    first = [typical[place] for place in _facility_location(vectors[typical], sizes)]
    rest, distances = [], []
    for group, start in zip(members, typical, strict=True):
        order, far = farthest_first(vectors[group], int(np.flatnonzero(group == start)[0]))
        rest.append(group[order[1:]])
        distances.append(far[1:])
    others, far = np.concatenate(rest), np.concatenate(distances)
    return np.concatenate([np.array(first, np.intp), others[np.lexsort((others, -far))]])


def _groups(vectors: Vectors, count: int) -> list[Indices]:
    """The rows of each k-means group, none empty."""
    sample = vectors[:: max(1, len(vectors) // FIT_ON)]
    count = min(count, len(np.unique(sample.round(4), axis=0)))
    clusters = MiniBatchKMeans(count, random_state=0, n_init=1, batch_size=2048, max_iter=10).fit(sample)
    labels = clusters.predict(vectors)
    groups = (np.flatnonzero(labels == label) for label in range(count))
    return [group for group in groups if len(group)]


def _most_typical(vectors: Vectors, group: Indices) -> int:
    """The row nearest to the mean of its group; of equal ones the first."""
    rows = vectors[group]
    return int(group[np.argmin(np.square(rows - rows.mean(0)).sum(1).round(6))])


def _facility_location(centres: Vectors, weights: NDArray[np.float32]) -> list[int]:
    """The rows in the order in which each adds most weighted similarity to what those before it give."""
    alike = np.maximum(centres @ centres.T, 0)
    given = np.zeros(len(centres), np.float32)
    open_ = np.ones(len(centres), bool)
    order: list[int] = []
    while len(order) < len(centres):
        gain = np.maximum(alike - given, 0) @ weights
        best = int(np.argmax(np.where(open_, gain, -1)))
        open_[best] = False
        order.append(best)
        given = np.maximum(given, alike[best])
    return order


def farthest_first(vectors: Vectors, start: int) -> tuple[Indices, NDArray[np.float32]]:
    """All rows, each the farthest from those before it, with that distance (1 - cosine; the start's is infinite).

    Twins of earlier rows end the search: they follow by their distance. So do those left after 1,000 steps.

    Example:
        >>> order, distances = farthest_first(np.array([[1, 0], [1, 0], [0, 1]], np.float32), 0)
        >>> order.tolist(), distances.tolist()
        ([0, 2, 1], [inf, 1.0, 0.0])
    """
    distance = (1 - vectors @ vectors[start]).clip(0)
    distance[start] = -1
    order, distances = [start], [np.inf]
    while len(order) < min(len(vectors), MOST_STEPS):
        best = int(np.argmax(distance))
        if distance[best] < TWINS:
            break
        order.append(best)
        distances.append(float(distance[best]))
        distance = np.minimum(distance, (1 - vectors @ vectors[best]).clip(0))
        distance[order] = -1
    left = np.flatnonzero(distance >= 0)
    left = left[np.argsort(-distance[left], kind="stable")]
    return np.concatenate([np.array(order, np.intp), left]), np.concatenate(
        [np.array(distances, np.float32), distance[left].astype(np.float32)]
    )


def pick(uncertainty: Floats, vectors: Vectors, count: int) -> Indices:
    """A batch of rows that are uncertain and unlike each other.

    Of the ``PREFILTER * count`` most uncertain rows, k-means with uncertainty as weight makes ``count`` groups; the row
    nearest to each centre is taken. A batch of the most uncertain alone is full of near-duplicates.

    Args:
        uncertainty: Float, shape (n,), 0..1; rows of uncertainty 0 are taken only when there are too few others.
        vectors: Float, shape (n, D).
        count: How many; fewer come back when there are not so many rows.

    Returns:
        Indices of rows, the most uncertain first; the same for the same arguments.

    Source:
        Zhdanov 2019, *Diverse mini-batch Active Learning* (arXiv:1901.05954).

    Example:
        >>> alike = np.array([[1, 0], [1, 0], [0, 1]], np.float32)
        >>> pick(np.array([0.9, 0.8, 0.5]), alike, 2).tolist()
        [0, 2]
    """
    ranked = np.argsort(-uncertainty, kind="stable")[: max(0, PREFILTER * count)].astype(np.intp)
    if len(ranked) <= count:
        return ranked
    rows, weights = vectors[ranked], np.maximum(uncertainty[ranked], 1e-6)
    groups = min(count, len(np.unique(rows.round(4), axis=0)))
    clusters = KMeans(groups, n_init=1, random_state=0).fit(rows, sample_weight=weights)
    distances = np.square(rows - clusters.cluster_centers_[clusters.labels_]).sum(1).round(6)
    members = [np.flatnonzero(clusters.labels_ == label) for label in range(groups)]
    chosen = sorted(int(group[np.argmin(distances[group])]) for group in members if len(group))
    left = [place for place in range(len(ranked)) if place not in set(chosen)]
    return ranked[np.sort(np.array(chosen + left[: count - len(chosen)], np.intp))]
