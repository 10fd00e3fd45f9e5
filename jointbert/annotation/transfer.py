"""Files in, files out; what a format cannot carry is said."""

from __future__ import annotations

import logging
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.orm import Session

from jointbert.annotation.gold import settled, to_utterance
from jointbert.annotation.views import Exported
from jointbert.data.registry import write
from jointbert.errors import DataError
from jointbert.utterance import Utterance

_logger = logging.getLogger("jointbert.data")


def collect(session: Session, project_id: int, split: str | None) -> tuple[list[Utterance], Counter[str]]:
    """Gold, and for the utterances that have none: reason -> how many."""
    kept, left_out = [], Counter[str]()
    for row, said in settled(session, project_id, split):
        if isinstance(said, str):
            left_out[said] += 1
        else:
            kept.append(to_utterance(row.id, row.text, row.tokens, said))
    return kept, left_out


def export(path: Path | str, utterances: Sequence[Utterance], left_out: Counter[str], format: str | None) -> Exported:
    """Write utterances; those that the format cannot carry are left out and counted.

    Raises:
        DataError: The format is unknown, the path cannot be written, or no utterance can be carried.
    """
    counts, notes, kept = Counter(left_out), [], list(utterances)
    with _overheard() as said:
        try:
            write(path, kept, format)
        except DataError as error:
            kept = _carried(path, kept, format, error)
            lost = len(utterances) - len(kept)
            counts["that the format cannot carry"] += lost
            notes.append(str(error))
            said.clear()
            write(path, kept, format)
    return Exported(len(kept), dict(counts), (*notes, *said))


def _carried(
    path: Path | str, utterances: Sequence[Utterance], format: str | None, error: DataError
) -> list[Utterance]:
    """Those that can be written one by one.

    Raises:
        DataError: The error that was met, when it is not about single utterances.
    """
    kept = []
    with tempfile.TemporaryDirectory() as folder:
        probe = Path(folder) / f"probe{Path(path).suffix}"
        for utterance in utterances:
            try:
                write(probe, [utterance], format)
            except DataError:
                continue
            kept.append(utterance)
    if not kept or len(kept) == len(utterances):
        raise error
    return kept


@contextmanager
def _overheard() -> Iterator[list[str]]:
    """What the writers warn of in this thread, collected."""
    said: list[str] = []
    here = threading.get_ident()

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.thread == here and record.levelno >= logging.WARNING:
                said.append(record.getMessage())

    ear = Ear()
    _logger.addHandler(ear)
    try:
        yield said
    finally:
        _logger.removeHandler(ear)
