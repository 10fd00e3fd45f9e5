"""The study on disk: a SQLite file that Optuna keeps, opened by one search at a time."""

from __future__ import annotations

import fcntl
import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from jointbert.errors import MissingExtraError, ModelError
from jointbert.tuning.sampling import pruner

if TYPE_CHECKING:
    from optuna import Study

log = logging.getLogger("jointbert.tuning")

STUDY, FOLDER = "study.db", "trial"
"""The names of the study and of the folder that a trial trains in, inside the folder of a search."""

_NAME = "jointbert"
_FINGERPRINT = "fingerprint"


@contextmanager
def open_study(output: Path, fingerprint: str, resume: bool, others: tuple[str, ...] = ()) -> Iterator[Study]:
    """The study of a folder, for one search alone.

    Args:
        output: The folder of the search; it is made if missing.
        fingerprint: Names all that decides the search; only an equal one may go on with it.
        resume: Whether to go on with a study that is there.
        others: Names of what a search writes besides; files of such names without a study are somebody else's.

    Raises:
        MissingExtraError: Optuna is not installed.
        ModelError: The folder cannot be used, holds what must not be overwritten, or another search is at work.
    """
    check_extra()
    with ExitStack() as stack:
        try:
            output.mkdir(parents=True, exist_ok=True)
            stack.callback(os.close, _hold(output))
            known = _check_place(output, resume, others)
        except OSError as error:
            hint = "Choose another folder to write to."
            raise ModelError(str(output), f"cannot be used ({error.strerror})", "a folder of your own", hint) from error
        yield _checked(stack.enter_context(_study(output / STUDY)), output, fingerprint, known)


def check_extra() -> None:
    """Raise MissingExtraError unless Optuna is installed."""
    try:
        import optuna  # noqa: F401
    except ImportError:
        raise MissingExtraError("tune", "jointbert tune") from None


def _hold(output: Path) -> int:
    """A folder held for this process alone; the system lets go of it when the process ends, however it ends.

    Raises:
        ModelError: Another one holds it.
    """
    held = os.open(output, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(held)
        hint = "Wait for it, or choose another output folder."
        raise ModelError(str(output), "another search is at work in it", "one at a time", hint) from None
    return held


def _check_place(output: Path, resume: bool, others: tuple[str, ...]) -> bool:
    """Whether there is a study to go on with; an empty one of ours is removed.

    Raises:
        ModelError: What is there must not be overwritten.
    """
    path = output / STUDY
    if not path.exists():
        foreign = [name for name in (FOLDER, *others) if (output / name).exists()]
        if foreign:
            hint = "Choose another output folder, or move this one away."
            raise ModelError(str(output / foreign[0]), "was not written by jointbert tune", "a free place", hint)
        if resume:
            log.warning("%s: there is no search to resume; starting anew", output)
        return False
    finished = _finished(path)
    if finished and not resume:
        hint = "Go on with it: --resume; or choose another output folder."
        raise ModelError(str(output), f"holds a search with {finished} finished trials", "a new folder", hint)
    if not finished:
        if resume:
            log.warning("%s: was stopped before its first trial had ended; starting anew", output)
        path.unlink()
    return finished > 0


def _finished(path: Path) -> int:
    """How many trials of a study of ours have finished, read without changing the file.

    Raises:
        ModelError: It is no study of ours.
    """
    hint = "Choose another output folder, or move this one away."
    foreign = ModelError(str(path), "was not written by jointbert tune", "a free place", hint)
    if path.is_file() and path.stat().st_size == 0:
        return 0
    try:
        with closing(sqlite3.connect(path)) as connection:
            names = [name for (name,) in connection.execute("SELECT study_name FROM studies")]
            states = [state for (state,) in connection.execute("SELECT state FROM trials")]
    except sqlite3.Error:
        raise foreign from None
    if names not in ([], [_NAME]):
        raise foreign
    return sum(state in ("COMPLETE", "PRUNED") for state in states)


@contextmanager
def _study(path: Path) -> Iterator[Study]:
    """The study in a file, made if missing; Optuna tells only what goes wrong."""
    import optuna
    from sqlalchemy.exc import SQLAlchemyError

    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        # the path is given by hand: Optuna would read braces in an address as a template
        storage = optuna.storages.RDBStorage(
            f"sqlite:///{STUDY}", engine_kwargs={"creator": lambda: sqlite3.connect(path)}
        )
        study = optuna.create_study(
            storage=storage, study_name=_NAME, direction="maximize", pruner=pruner(), load_if_exists=True
        )
    except (SQLAlchemyError, RuntimeError) as error:  # RuntimeError: written by another version of Optuna
        optuna.logging.set_verbosity(verbosity)
        what = f"cannot be opened ({str(error).splitlines()[0]})"
        raise ModelError(
            str(path), what, "a study of this version of Optuna", "Choose another output folder."
        ) from error
    try:
        yield study
    finally:
        optuna.logging.set_verbosity(verbosity)
        storage.remove_session()
        storage.engine.dispose()


def _checked(study: Study, output: Path, fingerprint: str, known: bool) -> Study:
    """The study with its fingerprint noted.

    Raises:
        ModelError: It is of another search.
    """
    if known and study.user_attrs.get(_FINGERPRINT) != fingerprint:
        hint = "Resume with the same config, --set, --space, --seed and data, or choose another output folder."
        raise ModelError(str(output / STUDY), "is of another search", "the search to resume", hint)
    study.set_user_attr(_FINGERPRINT, fingerprint)
    return study
