"""A run's folder: all that is known of a training run, as files that the run and the app read and write.

run.json        what was started, written once         process.json    the process that does it
train.jsonl ... the snapshot                           run.log         what it printed
config.yaml     the training config                    model/          the model folder; progress.jsonl in it
stopped.json    that somebody stopped it               result.json     how it ended, written last
scores.json     part -> scores                         parses.jsonl    gold utterances of dev with their parses
cv/             of a cross-validation: what `jointbert cv` writes
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from jointbert.data.out_of_fold import OutOfFold, read_out_of_fold, to_line
from jointbert.errors import DataError, StoreError
from jointbert.utterance import Parse, Utterance

RUN, PROCESS, STOPPED, RESULT, SCORES = "run", "process", "stopped", "result", "scores"
DEV_SCORES = ("intent_accuracy", "slot_f1", "sentence_accuracy")
"""What a journal says of dev after each epoch; a curve has them under ``eval_<score>``."""

_LOG_END = 65536


class RunFolder:
    """One run's folder.

    Args:
        path: Where it is.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.config = path / "config.yaml"
        self.log = path / "run.log"
        self.model = path / "model"
        self.cv = path / "cv"
        self._parses = path / "parses.jsonl"

    def part(self, name: str) -> Path:
        """The file of a part of the snapshot: ``train``, ``dev`` or ``test``."""
        return self.path / f"{name}.jsonl"

    def write(self, name: str, value: dict[str, Any]) -> None:
        """Keep a JSON object; it appears whole or not at all.

        Raises:
            StoreError: The system refuses.
        """
        self.write_text(self.path / f"{name}.json", json.dumps(value, indent=1) + "\n")

    def read(self, name: str) -> dict[str, Any] | None:
        """A JSON object that was kept; None where there is none, or something else."""
        try:
            value = json.loads((self.path / f"{name}.json").read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return None
        return value if isinstance(value, dict) else None

    def write_text(self, path: Path, content: str) -> None:
        """Write a file of the folder; it appears whole or not at all.

        Raises:
            StoreError: The system refuses.
        """
        scratch = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            with scratch.open("w", encoding="utf-8", newline="\n") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(scratch, path)
        except OSError as error:
            scratch.unlink(missing_ok=True)
            hint = "Check the disk and the folder's permissions."
            raise StoreError(str(path), f"cannot be written ({error.strerror})", None, hint) from error

    def write_parses(self, pairs: Iterable[tuple[Utterance, Parse]]) -> None:
        """Keep gold utterances with their parses, in the shape of out-of-fold parses; their fold is 0."""
        self.write_text(self._parses, "".join(to_line(OutOfFold(gold, parse, 0)) for gold, parse in pairs))

    def read_parses(self) -> list[tuple[Utterance, Parse]]:
        """The gold utterances with their parses; empty while there are none.

        Raises:
            StoreError: The file is damaged.
        """
        for path in (self._parses, self.cv / "out_of_fold.jsonl"):
            if path.is_file():
                try:
                    return [(item.gold, item.parse) for item in read_out_of_fold(path)]
                except DataError as error:
                    raise StoreError(
                        str(path), f"is damaged ({error.what})", "what a run wrote", "Train again."
                    ) from error
        return []

    def curve(self) -> list[dict[str, Any]]:
        """The journal of the training so far, dev scores under ``eval_<score>``.

        Of a cross-validation it is that of the present fold. A last line that is still being written is left
        for the next look.
        """
        fold = self.fold()
        return _journal((self.model if fold is None else self.cv / f"fold-{fold}") / "progress.jsonl")

    def fold(self) -> int | None:
        """The number of the fold whose model is being trained; None where there is none."""
        numbers = (path.name.removeprefix("fold-") for path in self.cv.glob("fold-*"))
        return max((int(number) for number in numbers if number.isdecimal()), default=None)

    def last_lines(self, count: int) -> str:
        """The end of the log."""
        try:
            with self.log.open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - _LOG_END))
                lines = file.read().decode("utf-8", "replace").splitlines()
        except OSError:
            return ""
        return "\n".join([line for line in lines if line.strip()][-count:])

    def last_change(self) -> float:
        """When the run last left a trace, in seconds since 1970."""
        traces = (self.log, *self.path.glob("*/**/progress.jsonl"), self.path / f"{RUN}.json")
        return max((path.stat().st_mtime for path in traces if path.is_file()), default=0.0)


def _journal(path: Path) -> list[dict[str, Any]]:
    records = []
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").split("\n")[:-1]
    except OSError:
        return []
    for line in lines:
        try:
            record = json.loads(line)
        except ValueError:
            continue  # cut off by a kill; a run that goes on writes its journal anew
        if isinstance(record, dict):
            records.append({f"eval_{name}" if name in DEV_SCORES else name: value for name, value in record.items()})
    return records
