"""What a search leaves for people: its trials as CSV, and the best config."""

from __future__ import annotations

import csv
import io
import shlex
from collections.abc import Sequence
from pathlib import Path

from jointbert.config.space import Space, Value
from jointbert.errors import ModelError
from jointbert.evaluation.render import percent
from jointbert.tuning.result import Tuned
from jointbert.tuning.trial import Trial
from jointbert.visible import visible

CSV, BEST, PICTURE = "trials.csv", "best.yaml", "tuning.png"
"""The names of what a search leaves beside its study."""


def write_csv(trials: Sequence[Trial], space: Space, path: Path) -> None:
    """Write a row for each trial: number, state, value (dev sentence accuracy, 0..1), epochs, seconds, settings, error.

    Args:
        trials: Those that have ended.
        space: Its keys are columns.
        path: The file; it is replaced at once or stays as it was.
    """
    text = io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["number", "state", "value", "epochs", "seconds", *space, "error"])
    for trial in trials:
        value = "" if trial.score is None else f"{trial.score:.6f}"
        settings = [written(trial.settings.get(key, "")) for key in space]
        rows.writerow(
            [trial.number, trial.state, value, trial.epochs, f"{trial.seconds:.1f}", *settings, trial.error or ""]
        )
    _replace(path, text.getvalue())


def write_best(tuned: Tuned, wanted: int, command: str, path: Path) -> None:
    """Write the best trial's config, whole, so that ``jointbert train`` takes it; its head says where it is from.

    Args:
        tuned: What was found so far.
        wanted: How many trials the search is to have.
        command: What started the search.
        path: The file; it is replaced at once or stays as it was.
    """
    best = tuned.best
    which = "the config itself" if best.is_start else f"trial {best.number}"
    head = [
        f"Best of {len(tuned.done)} trials (of {wanted}) of a search on dev: {which}, with a dev sentence accuracy of "
        f"{percent(best.score)} % on {visible(tuned.dev)} ({percent(tuned.start.score)} % before).",
        f"Found by: {visible(command)}",
        f"Train it: {visible(train_command(tuned))}",
    ]
    _replace(path, "".join(f"# {line}\n" for line in head) + tuned.config.to_yaml())


def train_command(tuned: Tuned) -> str:
    """The command that trains the best config."""
    return shlex.join(["jointbert", "train", str(tuned.folder / BEST), "--output", f"models/{tuned.folder.name}"])


def written(value: Value) -> str:
    """A value as a config writes it.

    Example:
        >>> written(True), written(2e-05), written(6)
        ('true', '2e-05', '6')
    """
    return str(value).lower() if isinstance(value, bool) else str(value)


def _replace(path: Path, text: str) -> None:
    """Write a file whole, or raise ModelError and leave it as it was."""
    scratch = path.with_name(f"{path.name}.part")
    try:
        scratch.write_bytes(text.encode("utf-8", "backslashreplace"))
        scratch.replace(path)
    except OSError as error:
        what = f"cannot be written ({error.strerror or error})"
        raise ModelError(str(path), what, None, "Check its permissions and the disk.") from error
