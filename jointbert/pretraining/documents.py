"""Documents: runs of sentences that belong together, read from text files in which blank lines part them."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from jointbert.config import TextSource
from jointbert.pretraining.sentences import split_sentences
from jointbert.pretraining.text import read_lines

log = logging.getLogger("jointbert.pretraining")

MOST_LINES = 10_000
"""A document is cut after so many lines, unless ``document_lines`` is set, for it is held in memory whole."""

CORPORA_VARIABLE = "JOINTBERT_CORPORA"
"""A folder that text files are looked up in when they are not where the config says."""

Document = list[str]
"""The sentences of a document, in order."""


def located(path: str) -> str:
    """Where a text file is: as named, else under ``$JOINTBERT_CORPORA``; as named again where it is in neither."""
    shelf = os.environ.get(CORPORA_VARIABLE)
    if not Path(path).is_file() and shelf and (Path(shelf) / Path(path).name).is_file():
        return str(Path(shelf) / Path(path).name)
    return path


def read_share(sources: Sequence[TextSource], shard: int, shards: int) -> Iterator[tuple[int, Document]]:
    """Every ``shards``-th document from the ``shard``-th on, with its number over all sources.

    Which documents a shard holds does not depend on how many processes read them. That a source has a document longer
    than :data:`MOST_LINES` is logged once, by the first shard.

    Raises:
        DataError: A file cannot be read.
    """
    number = 0
    for source in sources:
        for place, lines in enumerate(_paragraphs(source, tell=shard == 0)):
            if int((place + 1) * source.share) == int(place * source.share):
                continue
            if number % shards == shard:
                yield number, [sentence for line in lines for sentence in split_sentences(line)]
            number += 1


def _paragraphs(source: TextSource, tell: bool) -> Iterator[list[str]]:
    """The lines of each document of one source, ``document_lines`` or :data:`MOST_LINES` at the most."""
    most, lines = source.document_lines or MOST_LINES, list[str]()
    for number, line in enumerate(read_lines(source.path), 1):
        blank = not line.strip()
        if lines and (blank or len(lines) == most):
            if tell and not blank and source.document_lines is None:
                _tell_cut(source.path, number)
                tell = False
            yield lines
            lines = []
        if not blank:
            lines.append(line)
    if lines:
        yield lines


def _tell_cut(path: str, number: int) -> None:
    what = f"a document goes on after {MOST_LINES:,} lines and is cut there"
    hint = "Set document_lines on this source, as for any log without blank lines."
    log.warning("%s:%d: %s; expected blank lines between documents. %s", path, number, what, hint)
