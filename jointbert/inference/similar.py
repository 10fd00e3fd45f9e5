"""Utterances that say nearly the same, and the labelled utterances nearest to a text.

The vectors of many encoders all point in nearly the same direction, so that any two texts have a large cosine. What all
texts have in common is therefore taken off before they are compared (:mod:`jointbert.inference.centring`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from jointbert.errors import DataError
from jointbert.inference.centring import FEWEST, common_part, without
from jointbert.inference.nearest import Closest, Tile, Vectors, close_pairs, count_tiles, nearest
from jointbert.utterance import Utterance

THRESHOLD = 0.9
"""The cosine from which on two utterances are called near-duplicates, where nobody says otherwise."""

Progress = Callable[[str, int, int], None]
"""Told what is going on (``"embedding"``, ``"comparing"``), how much of it is done, and of how much."""

_logger = logging.getLogger("jointbert.inference")


class Embeds(Protocol):
    """What makes vectors of texts: an :class:`~jointbert.inference.encoder.Encoder`."""

    def embed(
        self, texts: Sequence[str], batch_size: int = 32, progress: Callable[[int], None] | None = None
    ) -> Vectors:
        """(n, H), rows of length 1."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two utterances that are alike.

    Args:
        first: The one that comes first in the data.
        second: The other.
        cosine: How alike they are (-1..1), beside what all texts of the search have in common.
    """

    first: Utterance
    second: Utterance
    cosine: float

    @property
    def conflict(self) -> bool:
        """Whether they are labelled with different intents."""
        intents = self.first.intent, self.second.intent
        return None not in intents and intents[0] != intents[1]


@dataclass(frozen=True, slots=True)
class NearDuplicates:
    """What a search for near-duplicates found.

    Args:
        pairs: The most alike, the most alike first.
        total: How many pairs reach the threshold.
        conflicts: How many of those have different intents.
    """

    pairs: tuple[Pair, ...]
    total: int
    conflicts: int


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A labelled utterance near a text.

    Args:
        utterance: Where it stands first.
        count: How often it occurs with this text and intent.
        cosine: How near it is (-1..1), beside what all utterances of the search have in common.
    """

    utterance: Utterance
    count: int
    cosine: float


def near_duplicates(
    utterances: Sequence[Utterance],
    encoder: Embeds,
    threshold: float = THRESHOLD,
    most: int = 10,
    *,
    conflicts_only: bool = False,
    progress: Progress | None = None,
) -> NearDuplicates:
    """Pairs of utterances that are nearly the same, across all that are given.

    An utterance that comes again with the same text and intent makes one pair, with its first occurrence, and no
    others: a text that stands there a thousand times makes 999 pairs and not half a million. Memory grows with the
    utterances and ``most``, not with the pairs. Below :data:`~jointbert.inference.centring.FEWEST` different texts the
    vectors are compared as they are, and one warning is logged.

    Args:
        utterances: Any number.
        encoder: What makes their vectors.
        threshold: The least cosine of a pair (-1..1).
        most: How many pairs are returned; all are counted.
        conflicts_only: Return only pairs with different intents.
        progress: Told how far it is.

    Raises:
        DataError: ``threshold`` is no cosine, or ``most`` is below 1.
    """
    if not -1.0 <= threshold <= 1.0:
        raise DataError("threshold", f"is {threshold}", "a cosine from -1 to 1", f"Leave it out for {THRESHOLD}.")
    _check_most(most)
    groups = _fold(utterances)
    vectors, _ = _embed([utterances[group[0]].text for group in groups], encoder, progress)
    firsts = np.array([group[0] for group in groups], np.int64)
    intents = _intent_ids([utterances[place].intent for place in firsts])
    closest = Closest(most)
    repeats = _repeats(groups)
    total, conflicts = len(repeats[0]), 0
    if not conflicts_only:
        closest.add(repeats)
    tiles = count_tiles(len(groups))
    for done, (left, right, cosines) in enumerate(close_pairs(vectors, threshold), start=1):
        differ = (intents[left] != intents[right]) & (intents[left] >= 0) & (intents[right] >= 0)
        total, conflicts = total + len(left), conflicts + int(differ.sum())
        wanted = differ if conflicts_only else slice(None)
        closest.add((firsts[left[wanted]], firsts[right[wanted]], cosines[wanted]))
        if progress is not None:
            progress("comparing", done, tiles)
    pairs = tuple(Pair(utterances[first], utterances[second], cosine) for first, second, cosine in closest)
    return NearDuplicates(pairs, total, conflicts)


def nearest_utterances(
    text: str, utterances: Sequence[Utterance], encoder: Embeds, most: int = 10, *, progress: Progress | None = None
) -> list[Neighbour]:
    """The labelled utterances nearest to a text, the nearest first; the same text and intent is listed once.

    What the utterances have in common is taken off the text too. Below
    :data:`~jointbert.inference.centring.FEWEST` different utterances all vectors are compared as they are, and one
    warning is logged.

    Args:
        text: Any text.
        utterances: What it is compared with.
        encoder: What makes the vectors.
        most: How many.
        progress: Told how far it is.

    Raises:
        DataError: ``most`` is below 1.
    """
    _check_most(most)
    groups = _fold(utterances)
    query = encoder.embed([text])  # (1,H)
    vectors, common = _embed([utterances[group[0]].text for group in groups], encoder, progress)
    found = nearest(vectors, without(common, query)[0], most)
    return [Neighbour(utterances[groups[place][0]], len(groups[place]), cosine) for place, cosine in found]


def _check_most(most: int) -> None:
    if most < 1:
        raise DataError("most", f"is {most}", "at least 1", "Leave it out for 10.")


def _fold(utterances: Sequence[Utterance]) -> list[list[int]]:
    """The places of the utterances, those with the same text and intent together."""
    groups: dict[tuple[str, str | None], list[int]] = {}
    for place, utterance in enumerate(utterances):
        groups.setdefault((utterance.text, utterance.intent), []).append(place)
    return list(groups.values())


def _repeats(groups: Sequence[Sequence[int]]) -> Tile:
    """The pairs of a first occurrence and each that is the same."""
    pairs = [(group[0], later) for group in groups for later in group[1:]]
    first, second = np.array(pairs, np.int64).reshape(-1, 2).T
    return first, second, np.ones(len(pairs), np.float32)


def _embed(texts: Sequence[str], encoder: Embeds, progress: Progress | None) -> tuple[Vectors, Vectors]:
    """The texts' vectors without their common part, (n, H), and that part, (H,).

    A text that stands there twice (with two intents) is computed once and counts once in the mean.
    """
    rows: dict[str, int] = {}
    index = [rows.setdefault(text, len(rows)) for text in texts]
    tell = None if progress is None else lambda done: progress("embedding", done, len(rows))
    vectors = encoder.embed(list(rows), progress=tell)
    if 0 < len(rows) < FEWEST:
        _logger.warning(
            "%d different texts are too few to tell what all have in common (it takes %d); their vectors are compared "
            "as they are, and with some encoders any two texts count as alike",
            len(rows), FEWEST,
        )  # fmt: skip
    common = common_part(vectors)
    vectors = without(common, vectors)
    return (vectors if len(rows) == len(texts) else vectors[index]), common


def _intent_ids(intents: Sequence[str | None]) -> np.ndarray:
    """A number for each intent; -1 where there is none."""
    known: dict[str, int] = {}
    return np.array([-1 if intent is None else known.setdefault(intent, len(known)) for intent in intents], np.int64)
