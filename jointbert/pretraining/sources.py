"""The text files of a run: where they are, what names their content, which documents are held out."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from jointbert.config import CorpusConfig, Section
from jointbert.errors import DataError
from jointbert.pretraining.documents import located


def locate_sources(corpus: CorpusConfig) -> CorpusConfig:
    """The same corpus with the paths that its files were found at.

    Raises:
        DataError: One is not there.
    """
    sources = [source.model_copy(update={"path": located(source.path)}) for source in corpus.sources]
    for source in sources:
        if not Path(source.path).is_file():
            raise DataError(source.path, "is not there", "a text file", "Look at corpus.sources in the config.")
    return corpus.model_copy(update={"sources": sources})


def text_print(corpus: CorpusConfig) -> str:
    """SHA-256 in hexadecimal of what the files hold, in their order, packed as they are.

    Raises:
        DataError: One cannot be read.
    """
    whole = hashlib.sha256()
    for source in corpus.sources:
        try:
            with Path(source.path).open("rb") as file:
                whole.update(hashlib.file_digest(file, "sha256").digest())
        except OSError as error:
            raise DataError(source.path, f"cannot be read ({error.strerror})", "a text file") from error
    return whole.hexdigest()


def hold_out(documents: int, share: float, *, pairs: bool = False) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """(D,) which documents are kept for measuring: one in so many, from the second on.

    Args:
        documents: D.
        share: The share to keep.
        pairs: Whether next-sentence pairs are made, which take a second document: two are kept then wherever as many
            are left to learn from.

    Example:
        >>> hold_out(5, 0.005).nonzero()[0], hold_out(5, 0.005, pairs=True).nonzero()[0]
        (array([1]), array([1, 4]))
    """
    every = max(round(1 / share), 2)
    if pairs:
        every = max(min(every, documents - 2), 2)
    held: np.ndarray[Any, np.dtype[np.bool_]] = np.arange(documents) % every == 1
    return held


def fingerprint(corpus: CorpusConfig, objective: Section, seed: int, tokenizer: str) -> str:
    """Names what examples depend on: settings, files, tokenizer.

    Args:
        corpus: What is read.
        objective: What is made of it.
        seed: Of everything random in it.
        tokenizer: A tokenizer's folder.
    """
    stated = [corpus.model_dump_json(exclude={"processes"}), objective.model_dump_json(), str(seed)]
    for source in corpus.sources:
        about = Path(source.path).stat()
        stated.append(f"{about.st_size} {about.st_mtime_ns}")
    stated.append(hashlib.sha256((Path(tokenizer) / "tokenizer.json").read_bytes()).hexdigest())
    return hashlib.sha256("\n".join(stated).encode()).hexdigest()[:16]
