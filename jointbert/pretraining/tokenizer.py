"""A tokenizer learned from text files, in a folder of its own, with a report on text it has not seen."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from jointbert.codec.fertility import Fertility, measure
from jointbert.codec.scratch import learn_tokenizer
from jointbert.errors import ConfigError, DataError
from jointbert.pretraining.documents import located
from jointbert.pretraining.held_out import HeldOut
from jointbert.pretraining.text import read_lines
from jointbert.pretraining.tokenizer_folder import check_place, save_tokenizer

FEWEST, MOST = 300, 100_000
"""The pieces a vocabulary may have: below, the keyboard's characters leave no room; above, an encoder has none."""
_TICK = 1000

Progress = Callable[[str, int, int], None]
"""Takes what is being done, the lines read so far, and their bytes."""


@dataclass(frozen=True, slots=True)
class TokenizerReport:
    """What came of learning a tokenizer.

    Args:
        folder: Where it lies.
        language: ``en`` or ``zh``.
        vocabulary: Its pieces, special ones included; fewer than asked for where the text gives no more.
        lines: Lines read, blank ones and held-out ones too.
        learned: Lines learned from: those with text that were not held out.
        bytes: Their size as UTF-8.
        held_out: How it takes the held-out lines apart.
        seconds: What it took, reading included.
    """

    folder: Path
    language: str
    vocabulary: int
    lines: int
    learned: int
    bytes: int
    held_out: Fertility
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON values; shares are 0 to 1, a number that cannot be had is null."""
        held_out = self.held_out
        return {
            "folder": str(self.folder),
            "language": self.language,
            "vocabulary": self.vocabulary,
            "lines": self.lines,
            "bytes": self.bytes,
            "held_out": {
                "lines": held_out.texts,
                "characters": held_out.characters,
                "words": held_out.words,
                "pieces": held_out.pieces,
                "pieces_per_word": held_out.per_word,
                "pieces_per_character": held_out.per_character,
                "unknown_share": held_out.unknown_share,
                "unknown_characters": dict(held_out.unknown_characters),
            },
            "seconds": round(self.seconds, 1),
        }


def train_tokenizer(
    paths: Sequence[Path | str],
    output: Path | str,
    language: Literal["en", "zh"] = "en",
    vocabulary: int = 8000,
    *,
    held_out: int = 100,
    progress: Progress | None = None,
) -> TokenizerReport:
    """The report on a tokenizer learned from text files and saved as a folder that ``AutoTokenizer`` opens.

    The files are read once, a line at a time. The same files, in the same order, give the same bytes.

    Args:
        paths: UTF-8 text files, plain or packed (.xz, .gz, .zst); one that is not there is looked up in the folder that
            JOINTBERT_CORPORA names.
        output: The folder to write; an older tokenizer in it is replaced, and anything else refused.
        language: ``en``: uncased WordPiece without accents. ``zh``: each common CJK character is a piece, WordPiece for
            the rest.
        vocabulary: The most pieces, 300 to 100,000.
        held_out: Of so many lines one is not learned from but measured on; at most a million characters in all.
        progress: Told every thousand lines how far it is.

    Raises:
        ConfigError: The vocabulary or the held-out rate cannot work.
        DataError: A file cannot be read, no file holds text, or the folder cannot be written. Nothing is left behind.
    """
    start, output, tell = time.perf_counter(), Path(output), progress or (lambda step, lines, size: None)
    _check_settings(vocabulary, held_out)
    check_place(output)
    sieve, reading = HeldOut(held_out), _Reading([located(str(path)) for path in paths], tell)
    tokenizer = learn_tokenizer(sieve.sift(reading), language, vocabulary, corpus=True)
    tell("measuring", reading.lines, reading.bytes)
    report = measure(tokenizer.backend_tokenizer, sieve.lines)
    save_tokenizer(tokenizer, output)
    seconds = time.perf_counter() - start
    learned = reading.filled - len(sieve.lines)
    return TokenizerReport(output, language, len(tokenizer), reading.lines, learned, reading.bytes, report, seconds)


class _Reading:
    """The lines of files one after the other, counted; those with text must be two at least: one could be held out."""

    def __init__(self, paths: Sequence[Path | str], tell: Progress) -> None:
        self.lines = self.filled = self.bytes = 0
        self._paths, self._tell = paths, tell

    def __iter__(self) -> Iterator[str]:
        for path in self._paths:
            step = f"reading {Path(path).name}"
            self._tell(step, self.lines, self.bytes)
            for line in read_lines(path):
                self.lines += 1
                self.bytes += len(line.encode()) + 1
                self.filled += bool(line.strip())
                if self.lines % _TICK == 0:
                    self._tell(step, self.lines, self.bytes)
                yield line
        if not self.filled:
            where = ", ".join(map(str, self._paths)) or "the corpus"
            raise DataError(where, f"{self.lines} lines without text", "a paragraph or a turn a line")
        self._tell("learning", self.lines, self.bytes)


def _check_settings(vocabulary: int, held_out: int) -> None:
    if not FEWEST <= vocabulary <= MOST:
        hint = "8,000 to 30,000 suit an encoder; a small one needs few."
        raise ConfigError("vocabulary", f"{vocabulary:,} pieces", f"{FEWEST} to {MOST:,}", hint)
    if held_out < 2:
        hint = "100 keeps a line of each hundred out of training."
        raise ConfigError("held out", f"one line of {held_out}", "one of 2 or more", hint)
