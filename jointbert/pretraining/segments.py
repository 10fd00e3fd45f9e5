"""From text files to segments of raw text: runs of sentences of one document, as two encoders read them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from jointbert.codec.pairs import PairCodec
from jointbert.codec.pretrained import load_tokenizer
from jointbert.config import CorpusConfig, DistillObjectiveConfig, TextSource
from jointbert.data.words import is_unspaced
from jointbert.errors import DataError
from jointbert.pretraining.documents import read_share
from jointbert.pretraining.packing import Packing
from jointbert.pretraining.shards import SHARDS, build_shards
from jointbert.pretraining.sources import fingerprint, hold_out

if TYPE_CHECKING:
    from datasets import Dataset

Ints = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class Segments:
    """What a run learns from and what it is measured on.

    Args:
        rows: ``text``, its ``pieces`` on the student's tokenizer (special ones included, never above the longest
            input), and the number of its ``document``.
        train: (N,) rows to learn from.
        held_out: (M,) rows of documents that ``train`` has nothing of.
        documents: How many documents the corpus has.
        pieces: How many pieces ``train`` holds.
    """

    rows: Dataset
    train: Ints
    held_out: Ints
    documents: int
    pieces: int


def build_segments(
    corpus: CorpusConfig, objective: DistillObjectiveConfig, seed: int, tokenizer: str, folder: Path
) -> Segments:
    """The segments of a corpus; what an earlier run with the same settings and files built is taken again.

    Args:
        corpus: What to read; its files are there.
        objective: How long segments are, and whether pairs are made of them.
        seed: Decides where they are cut.
        tokenizer: The folder of the student's tokenizer, which measures them.
        folder: Where the Arrow files go.

    Raises:
        DataError: A file cannot be read, or the corpus is too small to hold a part of it out.
    """
    read = ReadSegments(corpus.sources, tokenizer, Packing(objective.length, objective.short_share), seed)
    place = folder / fingerprint(corpus, objective, seed, tokenizer)
    rows = build_shards(place, "segments", read, corpus.processes)
    numbers, documents = np.unique(rows.data.column("document").to_numpy(), return_inverse=True)
    held = hold_out(len(numbers), corpus.held_out, pairs=objective.nsp_pairs > 0)[documents]
    if not held.any():
        what = f"hold {len(numbers)} documents, none of them for the held-out part"
        hint = "Give more text, part it by blank lines, or set document_lines on its source."
        raise DataError("corpus.sources", what, "a few hundred documents", hint)
    train = np.flatnonzero(~held)
    pieces = int(np.sum(rows.data.column("pieces").to_numpy()[train]))
    return Segments(rows, train, np.flatnonzero(held), len(numbers), pieces)


@dataclass(frozen=True)
class ReadSegments:
    """A shard of the segments.

    Args:
        sources: The files.
        tokenizer: A tokenizer's folder.
        packing: How long segments are.
        seed: Decides that.
    """

    sources: Sequence[TextSource]
    tokenizer: str
    packing: Packing
    seed: int

    def __call__(self, shard: int) -> Iterator[dict[str, Any]]:
        codec = PairCodec(load_tokenizer(self.tokenizer))
        for number, sentences in read_share(self.sources, shard, SHARDS):
            sizes = [len(pieces) for pieces in codec.pieces(sentences)]
            rng = np.random.default_rng([self.seed, number])
            for begin, end in cut_segments(sizes, self.packing, rng):
                pieces = min(sum(sizes[begin:end]) + 2, self.packing.length)
                yield {"text": join_sentences(sentences[begin:end]), "pieces": pieces, "document": number}


def cut_segments(sizes: Sequence[int], packing: Packing, rng: np.random.Generator) -> Iterator[tuple[int, int]]:
    """Where a document's sentences are parted: runs that reach no further than a target, one sentence at the least.

    Sentences without any piece make no run of their own.

    Args:
        sizes: Pieces of each sentence.
        packing: Gives the targets.
        rng: Decides them.

    Example:
        >>> list(cut_segments([5, 4, 0, 30, 2], Packing(12, 0.0), np.random.default_rng(0)))
        [(0, 3), (3, 4), (4, 5)]
    """
    begin = 0
    while begin < len(sizes):
        target, end, length = packing.target(2, rng), begin + 1, sizes[begin]
        while end < len(sizes) and length + sizes[end] <= target:
            length += sizes[end]
            end += 1
        if length:
            yield begin, end
        begin = end


def join_sentences(sentences: Sequence[str]) -> str:
    """Sentences as running text: a space between two, but none beside a script that writes none, or its signs.

    Example:
        >>> join_sentences(["Why not?", "Yes.", "你好。", "今天去吗？", "OK."])
        'Why not? Yes.你好。今天去吗？OK.'
        >>> join_sentences(["안녕", "반가워", "i love it", "😀 great"])
        '안녕 반가워 i love it 😀 great'
    """
    text = ""
    for sentence in sentences:
        wide = not text or _is_wide(text[-1]) or _is_wide(sentence[:1])
        text += sentence if wide else f" {sentence}"
    return text


def _is_wide(character: str) -> bool:
    """Whether no space is written beside a character: one of an unspaced script, or a sign as wide as those."""
    return is_unspaced(character) or (character > "\u2e7f" and unicodedata.category(character)[0] == "P")
