"""Training runs of projects, each a process of its own. Everything is read from the runs' folders, so that a run goes
on, and is found again, when the app is closed and opened."""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import yaml

from jointbert.annotation.process import spawn
from jointbert.annotation.recipes import Recipe, recipe_for
from jointbert.annotation.run import Run, process_of, read_run
from jointbert.annotation.run_folder import PROCESS, RUN, STOPPED, RunFolder
from jointbert.annotation.snapshot import Labelled, Snapshot, for_cross_validation, for_training
from jointbert.errors import StoreError

GRACE = 5.0
"""Seconds that a run has to end after it was asked to."""

_ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{4}")


class Runs:
    """The training runs in a folder.

    Args:
        folder: Where their folders are; made when the first run starts.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder).absolute()

    def start(self, project: Labelled, recipe: str, who: str, seed: int = 13) -> Run:
        """Start to train on what is labelled now.

        Args:
            project: The project; its gold utterances are copied.
            recipe: A name in ``RECIPES``.
            who: Who starts it.
            seed: Of everything random.

        Raises:
            StoreError: Too little is labelled, a run of this project is going on, or the recipe cannot be trained.
        """
        snapshot = for_training(project, seed)
        return self._start(project, snapshot, recipe, {"kind": "train", "who": who, "seed": seed, "folds": None})

    def start_cv(self, project: Labelled, recipe: str, who: str, folds: int = 3, seed: int = 13) -> Run:
        """Start a cross-validation: every gold utterance is parsed by a model that never saw it.

        Args:
            project, recipe, who, seed: As in :meth:`start`.
            folds: How many models are trained, each on all but one part.

        Raises:
            StoreError: As in :meth:`start`.
        """
        snapshot = for_cross_validation(project, folds, seed)
        return self._start(project, snapshot, recipe, {"kind": "cv", "who": who, "seed": seed, "folds": folds})

    def list(self, project_id: int, made: datetime | None = None) -> list[Run]:
        """The runs of a project, the newest first.

        Args:
            project_id: Its number, which a project of another database may have as well.
            made: When the project was made; None takes the runs of every project of that number.
        """
        folders = [RunFolder(path) for path in self.folder.glob("*") if _ID.fullmatch(path.name)]
        found = [run for run in map(read_run, folders) if run is not None and run.project_id == project_id]
        if made is not None:
            found = [run for run in found if run.project_made in (None, made)]
        return sorted(found, key=lambda run: run.started, reverse=True)

    def get(self, run_id: str) -> Run:
        """A run as it stands now.

        Raises:
            StoreError: There is none with that id.
        """
        run = read_run(RunFolder(self.folder / run_id)) if _ID.fullmatch(run_id) else None
        if run is None:
            raise StoreError(f"run {run_id!r}", "does not exist", "the id of a run", "Look at the list of runs.")
        return run

    def stop(self, run_id: str, who: str = "") -> Run:
        """Stop a run; one that has ended stays as it is.

        Args:
            run_id: Which.
            who: Who stops it.

        Raises:
            StoreError: There is no such run, or it belongs to another user of this machine.
        """
        run = self.get(run_id)
        folder = RunFolder(run.folder)
        process = process_of(folder)
        if run.state == "running" and process is not None:
            folder.write(STOPPED, {"who": who, "at": _now().isoformat()})
            process.stop(GRACE)
        return self.get(run_id)

    def _start(self, project: Labelled, snapshot: Snapshot, recipe: str, facts: dict[str, object]) -> Run:
        language = project.info().language
        chosen = recipe_for(recipe, language)
        with self._alone():
            self._check_free(project)
            folder = self._new_folder()
            about = {"id": folder.path.name, "project": project.id, "recipe": recipe, "started": _now().isoformat()}
            about["project_made"] = project.info().created.isoformat()
            about |= {"sizes": snapshot.sizes(), "notes": list(snapshot.notes), **facts}
            try:
                snapshot.write(folder.path)
                folder.write_text(folder.config, _config(chosen, language, snapshot, facts))
                folder.write(RUN, about)
                process = spawn(_command(folder.path), folder.log, _environment())
            except BaseException:
                shutil.rmtree(folder.path)
                raise
            folder.write(PROCESS, {"pid": process.pid, "born": process.born})
        return self.get(folder.path.name)

    def _check_free(self, project: Labelled) -> None:
        for run in self.list(project.id, project.info().created):
            if run.state == "running":
                what = f"run {run.id} of this project, started by {run.who or 'somebody'}, is still going on"
                raise StoreError("training", what, "one run at a time", "Wait for its end, or stop it.")

    def _new_folder(self) -> RunFolder:
        while True:
            path = self.folder / f"{_now():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
            try:
                path.mkdir()
                return RunFolder(path)
            except FileExistsError:
                continue
            except OSError as error:
                raise _unwritable(path, error) from error

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody else, in this process or another, starts a run in this folder while the block runs."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = os.open(self.folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise _unwritable(self.folder, error) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


def _unwritable(path: Path, error: OSError) -> StoreError:
    hint = "Check the disk and the folder's permissions."
    return StoreError(str(path), f"cannot be written ({error.strerror})", "a folder to write to", hint)


def _now() -> datetime:
    return datetime.now(UTC)


def _config(recipe: Recipe, language: str, snapshot: Snapshot, facts: dict[str, object]) -> str:
    """The recipe for so many utterances, with the run's own files (relative to its folder) and its seed."""
    sections = yaml.safe_load(recipe.yaml(language, len(snapshot.train)))
    files = {"train": "train.jsonl", "dev": "dev.jsonl", "format": "jsonl"}
    sections["data"] = {**sections.get("data", {}), **files}
    sections["training"] = {**sections.get("training", {}), "seed": facts["seed"]}
    return f"# Recipe {recipe.name!r}; paths are relative to this file's folder.\n{yaml.safe_dump(sections)}"


def _command(folder: Path) -> list[str]:
    # -P: a folder that happens to hold a jointbert.py must not stand in for the package
    return [sys.executable, "-P", "-m", "jointbert.cli.main", "work", str(folder)]


def _environment() -> dict[str, str]:
    """This process's environment, with a thread for each core it may use and no buffer before the log."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    defaults = {"OMP_NUM_THREADS": str(cores), "TOKENIZERS_PARALLELISM": "false"}
    environment = defaults | dict(os.environ) | {"PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}
    shelf = environment.get("JOINTBERT_ENCODERS")
    return environment | ({"JOINTBERT_ENCODERS": str(Path(shelf).absolute())} if shelf else {})
