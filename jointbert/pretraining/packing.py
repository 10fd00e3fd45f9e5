"""Packing: sentences of a document into inputs of a wanted length, half of the pairs consecutive.

Source:
    Devlin et al. 2019, "BERT", arXiv:1810.04805, section A.2. Unlike the published code, a pair is first decided to be
    consecutive or not and then made, so that the two are equally frequent whatever the corpus.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from jointbert.codec.pairs import Pieces

Sentences = Sequence[Pieces]
Other = Callable[[np.random.Generator], Sentences]
"""A random document that is not the present one."""


@dataclass(frozen=True, slots=True)
class Packing:
    """How long inputs are.

    Args:
        length: Most pieces of an input, special ones included.
        short_share: Share of the inputs that are aimed at a random shorter length (0..1).
    """

    length: int
    short_share: float

    def target(self, special: int, rng: np.random.Generator) -> int:
        """How many pieces the next input should have besides its special ones."""
        most = self.length - special
        return int(rng.integers(2, most + 1)) if rng.random() < self.short_share else most


def pack_single(document: Sentences, packing: Packing, rng: np.random.Generator) -> Iterator[Pieces]:
    """A document as single segments, none longer than the packing says. Nothing of it is lost."""
    whole = joined(document)
    begin = 0
    while begin < len(whole):
        end = begin + packing.target(2, rng)
        yield whole_slice(whole, begin, end)
        begin = end


def pack_pairs(
    document: Sentences, other: Other, packing: Packing, rng: np.random.Generator
) -> Iterator[tuple[Pieces, Pieces, bool]]:
    """A document as pairs (A, B, whether B follows A).

    A random B takes as much of another document as is free; what A's document loses to it begins the next pair. A last
    sentence without a successor makes no pair, for it could only make a random one.

    Args:
        document: Sentences, none of them empty.
        other: Gives another document.
        packing: How long.
        rng: Decides everything.
    """
    at = 0
    while at < len(document) - 1:
        target = packing.target(3, rng)
        follows = bool(rng.random() < 0.5)
        taken = _fill(document, at, target, least=2)
        cut = at + int(rng.integers(1, taken))
        first = joined(document[at:cut])
        if follows:
            second = joined(document[cut : at + taken])
            at += taken
        else:
            elsewhere = other(rng)
            begin = int(rng.integers(len(elsewhere)))
            second = joined(elsewhere[begin : begin + _fill(elsewhere, begin, target - len(first), least=1)])
            at = cut
        yield *trim(first, second, target, rng), follows


def trim(first: Pieces, second: Pieces, target: int, rng: np.random.Generator) -> tuple[Pieces, Pieces]:
    """Both segments cut to ``target`` pieces together: the longer one loses from its front or back, by chance."""
    if len(first) + len(second) <= target:
        return first, second
    small = min(len(first), len(second), target // 2)
    sizes = (small, target - small) if len(first) <= len(second) else (target - small, small)
    return _cut(first, sizes[0], rng), _cut(second, sizes[1], rng)


def joined(sentences: Sentences) -> Pieces:
    """Sentences as one."""
    return Pieces(
        np.concatenate([sentence.ids for sentence in sentences]),
        np.concatenate([sentence.starts for sentence in sentences]),
    )


def whole_slice(pieces: Pieces, begin: int, end: int) -> Pieces:
    """A part of some pieces; a word that the cut went through begins anew in it."""
    starts = pieces.starts[begin:end].copy()
    starts[:1] = True
    return Pieces(pieces.ids[begin:end], starts)


def _fill(document: Sentences, begin: int, target: int, least: int) -> int:
    """How many sentences from ``begin`` on reach the target, at least ``least``; never beyond the document's end."""
    length = 0
    for number, sentence in enumerate(document[begin:]):
        if number >= least and length >= target:
            return number
        length += len(sentence)
    return len(document) - begin


def _cut(pieces: Pieces, size: int, rng: np.random.Generator) -> Pieces:
    """``size`` pieces from the front or from the back."""
    if len(pieces) == size:
        return pieces
    begin = 0 if rng.random() < 0.5 else len(pieces) - size
    return whole_slice(pieces, begin, begin + size)
