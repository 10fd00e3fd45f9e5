"""Run: a training run as it stands at one moment, read from its folder."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from jointbert.annotation.process import Process
from jointbert.annotation.run_folder import PROCESS, RESULT, RUN, SCORES, STOPPED, RunFolder
from jointbert.evaluation.pairing import pair_up
from jointbert.utterance import Parse, Utterance

State = Literal["running", "done", "failed", "stopped"]

STARTING = 30.0
"""Seconds after its start in which a run may still be without a process on record."""


@dataclass(frozen=True, slots=True)
class Run:
    """A training run.

    Args:
        id: Its id, which sorts by time.
        project_id: The project it trains on.
        recipe: The recipe's name.
        kind: ``train``, or ``cv`` for a cross-validation.
        state: ``running``, ``done``, ``failed`` or ``stopped``.
        who: Who started it.
        started: When.
        seconds: How long it has run, or ran, in seconds.
        sizes: ``train``, ``dev`` and ``test`` -> how many utterances.
        notes: What was left out of the snapshot or done otherwise, as sentences.
        folds: Of a cross-validation, how many models it trains; else None.
        progress: The share that is done, 0..1; None before the first step is logged.
        curve: What the training said of itself so far, in order: ``step``, ``steps`` and ``loss`` of steps,
            ``eval_intent_accuracy``, ``eval_slot_f1`` and ``eval_sentence_accuracy`` of epochs.
        message: Where it is, how it ended, or what went wrong, in plain words.
        scores: On dev (for a cross-validation on all that was parsed out of fold), as ``Scores.to_dict`` gives them;
            None before it is done.
        test_scores: The same on the project's test split; None where it has none.
        folder: The run's folder.
        model: The model folder, once it is done; None for a cross-validation.
        project_made: When the project was made, which tells it from one of another database with its number; None for a
            run of before that was written down.
    """

    id: str
    project_id: int
    recipe: str
    kind: Literal["train", "cv"]
    state: State
    who: str
    started: datetime
    seconds: float
    sizes: dict[str, int]
    notes: tuple[str, ...]
    folds: int | None
    progress: float | None
    curve: list[dict[str, Any]]
    message: str
    scores: dict[str, Any] | None
    test_scores: dict[str, Any] | None
    folder: Path
    model: Path | None
    project_made: datetime | None = None

    def parses(self) -> list[tuple[Utterance, Parse]]:
        """The gold dev utterances with their parses; for a cross-validation all of them, parsed out of fold.

        An utterance's ``id`` is its number in the project.
        """
        return RunFolder(self.folder).read_parses()

    def errors(self) -> list[tuple[Utterance, Parse]]:
        """Those of :meth:`parses` that are wrong in their intent (where gold has one) or in a slot."""
        pairs = self.parses()
        if not pairs:
            return []
        sides = pair_up([gold for gold, _ in pairs], [parse for _, parse in pairs])
        return [
            pair
            for pair, side in zip(pairs, sides, strict=True)
            if side.gold_places != side.predicted_places
            or (side.gold_intent is not None and side.gold_intent != side.predicted_intent)
        ]

    def suggestions(self) -> list[tuple[int, Parse]]:
        """The parses by their utterances' numbers, as ``Project.add_suggestions`` takes them."""
        return [(int(gold.id), parse) for gold, parse in self.parses() if gold.id is not None]

    def log(self, lines: int = 40) -> str:
        """The last lines that the run printed."""
        return RunFolder(self.folder).last_lines(lines)


def read_run(folder: RunFolder) -> Run | None:
    """The run in a folder as it stands now; None where no run was started."""
    about = folder.read(RUN)
    if about is None:
        return None
    started = datetime.fromisoformat(about["started"])
    curve = folder.curve()
    state, message, seconds = _standing(folder, started.timestamp())
    if state == "running":
        message = _whereabouts(curve, folder.fold(), about["folds"])
    scores = (folder.read(SCORES) or {}) if state == "done" else {}
    return Run(
        id=about["id"],
        project_id=about["project"],
        recipe=about["recipe"],
        kind=about["kind"],
        state=state,
        who=about["who"],
        started=started,
        seconds=seconds,
        sizes=about["sizes"],
        notes=tuple(about["notes"]),
        folds=about["folds"],
        progress=1.0 if state == "done" else _progress(curve, folder.fold(), about["folds"]),
        curve=curve,
        message=message,
        scores=scores.get("dev"),
        test_scores=scores.get("test"),
        folder=folder.path,
        model=folder.model if state == "done" and about["kind"] == "train" else None,
        project_made=datetime.fromisoformat(about["project_made"]) if "project_made" in about else None,
    )


def process_of(folder: RunFolder) -> Process | None:
    """The process that a run was given to, whether or not it still runs."""
    record = folder.read(PROCESS)
    return None if record is None else Process(record["pid"], record["born"])


def _standing(folder: RunFolder, started: float) -> tuple[State, str, float]:
    """A run's state, what there is to say of it once it has ended, and its seconds."""
    running = _runs(folder, started)  # asked first: a run that ends right after has written its result by then
    result = folder.read(RESULT)
    if result is not None:
        return result["state"], result["message"], result["seconds"]
    if running:
        return "running", "", max(0.0, time.time() - started)
    stopped = folder.read(STOPPED)
    if stopped is not None:
        by = f" by {stopped['who']}" if stopped["who"] else ""
        ended = datetime.fromisoformat(stopped["at"]).timestamp()
        return "stopped", f"Stopped{by} before its end.", max(0.0, ended - started)
    said = folder.last_lines(5)
    message = "The process ended without a result" + (f"; its last lines:\n{said}" if said else " and said nothing.")
    return "failed", message, max(0.0, folder.last_change() - started)


def _runs(folder: RunFolder, started: float) -> bool:
    process = process_of(folder)
    return process.alive() if process is not None else 0 <= time.time() - started < STARTING


def _last(curve: list[dict[str, Any]], key: str) -> dict[str, Any] | None:
    """The newest line of a journal that has a value under a key."""
    return next((row for row in reversed(curve) if row.get(key) is not None), None)


def _progress(curve: list[dict[str, Any]], fold: int | None, folds: int | None) -> float | None:
    """The share of the steps that are done; folds count the same each."""
    row = _last(curve, "step")
    if row is None:
        return None if fold is None or folds is None or fold == 1 else (fold - 1) / folds
    share = min(1.0, float(row["step"]) / float(row["steps"]))
    return share if fold is None or folds is None else (fold - 1 + share) / folds


def _whereabouts(curve: list[dict[str, Any]], fold: int | None, folds: int | None) -> str:
    """Where a running training is, in plain words."""
    step, scored = _last(curve, "step"), _last(curve, "eval_sentence_accuracy")
    if step is None and fold is None:
        return "Starting: reading the utterances and building the model."
    parts = [] if fold is None else [f"part {fold} of {folds}"]
    parts += [] if step is None else [f"step {step['step']} of {step['steps']}"]
    if scored is not None:
        parts.append(f"dev sentence accuracy {100 * scored['eval_sentence_accuracy']:.1f} %")
    return ", ".join(parts).capitalize() + "."
