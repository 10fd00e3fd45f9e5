"""From text files to packed examples, in two passes: documents as pieces, then pairs (or single segments) of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from jointbert.codec.pairs import Pair, PairCodec, Pieces
from jointbert.codec.pretrained import load_tokenizer
from jointbert.config import ObjectiveConfig, PretrainConfig, TextSource
from jointbert.pretraining.documents import read_share
from jointbert.pretraining.packing import Packing, pack_pairs, pack_single, whole_slice
from jointbert.pretraining.segmenter import load_segmenter
from jointbert.pretraining.shards import SHARDS, build_shards
from jointbert.pretraining.soundness import check_documents, warn_of_losses
from jointbert.pretraining.sources import fingerprint, hold_out

if TYPE_CHECKING:
    from datasets import Dataset

_NO_PAIR = -1


@dataclass(frozen=True)
class Examples:
    """What a run learns from and what it is measured on.

    Args:
        train: Packed examples.
        held_out: Packed examples of documents that ``train`` has nothing of.
        documents: All documents as pieces.
        learned: (D,) which of them ``train`` is made of.
        pieces: How many pieces ``train`` holds.
    """

    train: Dataset
    held_out: Dataset
    documents: Dataset
    learned: np.ndarray[Any, np.dtype[np.int64]]
    pieces: int


def build_examples(config: PretrainConfig, tokenizer: str, folder: Path) -> Examples:
    """The examples of a corpus; what an earlier run with the same settings and files built is taken again.

    What share of the corpus teaches nothing is logged where it is notable.

    Args:
        config: The checked config; its files are there.
        tokenizer: A tokenizer's folder.
        folder: Where the Arrow files go.

    Raises:
        DataError: A file cannot be read, or the corpus is too small for what is asked of it.
    """
    objective, seed = config.objective, config.training.seed
    read = ReadDocuments(config.corpus.sources, tokenizer, objective.segmenter, objective.length // 2)
    place = folder / fingerprint(config.corpus, objective, seed, tokenizer)
    documents = build_shards(place, "documents", read, config.corpus.processes)
    sizes = np.asarray(documents.data.column("sentences").to_numpy())
    held = hold_out(len(documents), config.corpus.held_out, pairs=objective.nsp)
    check_documents(sizes, held, objective.nsp)
    if _speaks():
        warn_of_losses(documents, sizes, load_tokenizer(tokenizer).unk_token_id, objective.nsp)
    parts = []
    for name, rows in (("held-out", np.flatnonzero(held)), ("train", np.flatnonzero(~held))):
        pack = PackExamples(documents, rows, tokenizer, objective, seed)
        parts.append(build_shards(place, f"{name} examples", pack, config.corpus.processes))
    held_out, train = parts
    pieces = int(np.sum(train.data.column("length").to_numpy()))
    return Examples(train, held_out, documents, np.flatnonzero(~held), pieces)


@dataclass(frozen=True)
class ReadDocuments:
    """First pass: a shard of the documents as pieces.

    Args:
        sources: The files.
        tokenizer: A tokenizer's folder.
        segmenter: Finds words where the writing does not show them, by name.
        longest: Sentences of more pieces come in parts of this many.
    """

    sources: Sequence[TextSource]
    tokenizer: str
    segmenter: str | None
    longest: int

    def __call__(self, shard: int) -> Iterator[dict[str, Any]]:
        codec = PairCodec(load_tokenizer(self.tokenizer), load_segmenter(self.segmenter))
        for _, sentences in read_share(self.sources, shard, SHARDS):
            found = [part for piece in codec.pieces(sentences) for part in self._parts(piece)]
            if found:
                yield {
                    "ids": np.concatenate([part.ids for part in found]).astype(np.int32),
                    "starts": np.concatenate([part.starts for part in found]),
                    "ends": np.cumsum([len(part) for part in found], dtype=np.int32),
                    "sentences": len(found),
                }

    def _parts(self, sentence: Pieces) -> Iterator[Pieces]:
        for begin in range(0, len(sentence), self.longest):
            yield whole_slice(sentence, begin, begin + self.longest)


@dataclass(frozen=True)
class PackExamples:
    """Second pass: a shard of the examples.

    Args:
        documents: All documents as pieces.
        rows: (D,) which of them to pack.
        tokenizer: A tokenizer's folder.
        objective: Pairs or single segments, and how long.
        seed: Decides every pair.
    """

    documents: Dataset
    rows: np.ndarray[Any, np.dtype[np.int64]]
    tokenizer: str
    objective: ObjectiveConfig
    seed: int

    def __call__(self, shard: int) -> Iterator[dict[str, Any]]:
        codec = PairCodec(load_tokenizer(self.tokenizer))
        packing = Packing(self.objective.length, self.objective.short_share)
        for row in self.rows[shard::SHARDS]:
            rng = np.random.default_rng([self.seed, int(row)])
            for pair in self._pairs(int(row), codec, packing, rng):
                yield {
                    "input_ids": pair.input_ids.astype(np.int32),
                    "starts": pair.starts,
                    "segment_b": pair.segment_b,
                    "follows": _NO_PAIR if pair.follows is None else int(pair.follows),
                    "length": len(pair.input_ids),
                }

    def _pairs(self, row: int, codec: PairCodec, packing: Packing, rng: np.random.Generator) -> Iterator[Pair]:
        document = self._document(row)
        if not self.objective.nsp:
            yield from (codec.join(part) for part in pack_single(document, packing, rng))
            return

        def other(rng: np.random.Generator) -> list[Pieces]:
            place = int(rng.integers(len(self.rows) - 1))
            return self._document(int(self.rows[place if self.rows[place] < row else place + 1]))

        for first, second, follows in pack_pairs(document, other, packing, rng):
            yield codec.join(first, second, follows)

    def _document(self, row: int) -> list[Pieces]:
        stored = self.documents[row]
        ids, starts = stored["ids"].astype(np.int64), stored["starts"].astype(bool)
        begins = [0, *stored["ends"][:-1]]
        return [Pieces(ids[a:b], starts[a:b]) for a, b in zip(begins, stored["ends"], strict=True)]


def pair_of(row: dict[str, Any]) -> Pair:
    """The pair that a row of the examples stands for."""
    follows = int(row["follows"])
    return Pair(
        row["input_ids"].astype(np.int64),
        int(row["segment_b"]),
        row["starts"].astype(bool),
        None if follows == _NO_PAIR else bool(follows),
    )


def _speaks() -> bool:
    """Whether this process is the one of several that says things. The library is not loaded by those that read."""
    from accelerate import PartialState

    return bool(PartialState().is_main_process)
