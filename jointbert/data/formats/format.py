"""Format: what the registry knows about one file format."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from jointbert.data.problem import Report
from jointbert.errors import DataError
from jointbert.utterance import Utterance

_logger = logging.getLogger("jointbert.data")


@dataclass(frozen=True)
class Format:
    """A file format: how to read it, write it and recognise it.

    Args:
        name: The name used for ``--from`` and ``--to``.
        about: One line for people.
        read: Yields the utterances of a path; every problem goes to the report, and an utterance with an error is
            left out.
        write: Writes utterances to a path; raises DataError for what the format cannot carry.
        sniff: Whether what is at a path looks like this format.
        is_folder: True when the writer makes a folder, not a file.
        suffix: The usual suffix of its files, with the dot; empty for a folder.
        parts: For a folder, the names of the files that belong to it.
    """

    name: str
    about: str
    read: Callable[[Path, Report], Iterator[Utterance]]
    write: Callable[[Path, Iterable[Utterance]], None]
    sniff: Callable[[Path], bool]
    is_folder: bool
    suffix: str
    parts: tuple[str, ...] = ()


def cannot_carry(
    name: str, utterance: Utterance, what: str, next_step: str = "Write jsonl, which carries all."
) -> DataError:
    """The error for an utterance that a format has no way to write."""
    where = utterance.where or f"utterance {utterance.text!r}"
    return DataError(where, f"{what}, which {name} cannot carry", None, next_step)


def warn_left_out(
    name: str, utterances: Iterable[Utterance], *, ids: bool, canonical: bool, tokens: bool, blanks: int = 0
) -> None:
    """Log one warning that counts what a format has no place for.

    Args:
        name: The format.
        utterances: What is written.
        ids: Whether the format carries ids.
        canonical: Whether it carries canonical values.
        tokens: Whether it carries token offsets.
        blanks: How many texts lost their outer blanks.
    """
    counts = {"ids": 0, "canonical values": 0, "confidences": 0, "token offsets": 0, "outer blanks": blanks}
    for utterance in utterances:
        counts["ids"] += not ids and utterance.id is not None
        counts["token offsets"] += not tokens and utterance.tokens is not None
        for span in utterance.spans:
            counts["canonical values"] += not canonical and span.canonical is not None
            counts["confidences"] += span.confidence is not None
    left_out = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
    if left_out:
        _logger.warning("%s has no place for them, so they were left out: %s. jsonl carries all.", name, left_out)


def check_encodable(name: str, utterance: Utterance) -> None:
    """Raise DataError when a string of the utterance cannot be written as UTF-8 (a lone surrogate)."""
    strings = [utterance.text, utterance.intent or "", utterance.id or "", *(span.slot for span in utterance.spans)]
    try:
        "".join(strings).encode("utf-8")
    except UnicodeEncodeError as error:
        what = f"{utterance.text!r} holds the lone surrogate {error.object[error.start]!r}"
        raise cannot_carry(name, utterance, what) from None


def check_one_line(name: str, utterance: Utterance) -> None:
    """Raise DataError when the text, the intent or the id would not survive on one line of their own."""
    if "\n" in utterance.text or "\r" in utterance.text:
        raise cannot_carry(name, utterance, f"the text {utterance.text!r} holds a line break")
    for what, value in (("intent", utterance.intent), ("id", utterance.id)):
        if value is not None and (not value or value != value.strip() or "\n" in value or "\r" in value):
            raise cannot_carry(
                name, utterance, f"the {what} {value!r} is empty, holds a line break or has outer blanks"
            )
