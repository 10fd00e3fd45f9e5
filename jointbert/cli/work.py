"""``jointbert work``: what the process of a training run does. Hidden, for the app starts it."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from jointbert.annotation.run_folder import RunFolder
    from jointbert.config import Config
    from jointbert.evaluation.score import Scores
    from jointbert.utterance import Parse, Utterance

NICENESS = 5
"""Trainings make way for the app, whose users wait after every click."""


def work(folder: Annotated[Path, typer.Argument(help="The run's folder.")]) -> None:
    """Do the training run in a folder: train, score, and write into the folder how it ended.

    \b
    Example:
      jointbert work jointbert-workspace/runs/20260131-120000-0a1b
    """
    from jointbert.annotation.run_folder import RUN, RunFolder
    from jointbert.cli.logs import plain_logs
    from jointbert.errors import JointBertError, StoreError, first_line

    run = RunFolder(folder.absolute())
    about = run.read(RUN)
    if about is None:
        raise StoreError(str(folder), "holds no run", "the folder of a run", "Start runs in the app.")
    _sign_on(run)
    try:
        with contextlib.chdir(run.path), plain_logs():
            message = _do(run, about)
    except JointBertError as error:
        _end(run, about, "failed", str(error))
        raise
    except Exception as error:
        _end(run, about, "failed", f"The training broke off: {type(error).__name__}: {first_line(error)}")
        raise
    _end(run, about, "done", message)


def _sign_on(run: RunFolder) -> None:
    """Note this process in the folder, should whoever started it have been killed before doing so; make way."""
    from jointbert.annotation.process import Process
    from jointbert.annotation.run_folder import PROCESS

    process = Process.of(os.getpid())
    if process is not None:
        run.write(PROCESS, {"pid": process.pid, "born": process.born})
    with contextlib.suppress(OSError, AttributeError):  # where there is no niceness, there is none
        os.nice(NICENESS)


def _end(run: RunFolder, about: dict[str, Any], state: str, message: str) -> None:
    from jointbert.annotation.run_folder import RESULT

    seconds = max(0.0, time.time() - datetime.fromisoformat(about["started"]).timestamp())
    run.write(RESULT, {"state": state, "message": message, "seconds": seconds})


def _do(run: RunFolder, about: dict[str, Any]) -> str:
    """Do what was asked for; what there is to say of it."""
    from jointbert.config import load_config

    config = load_config(run.config)
    return _train(run, config) if about["kind"] == "train" else _cross_validate(run, config, about["folds"])


def _train(run: RunFolder, config: Config) -> str:
    from jointbert.evaluation.render import headline
    from jointbert.evaluation.score import evaluate
    from jointbert.inference.nlu import NLU
    from jointbert.training.run import train

    result = train(config, run.model)
    nlu = NLU.load(run.model)
    found: dict[str, Scores] = {}
    for name in ("dev", "test"):
        if run.part(name).is_file():
            gold, parses = _parse(nlu, run.part(name))
            found[name] = evaluate(gold, parses)
            if name == "dev":
                run.write_parses(zip(gold, parses, strict=True))
    _keep(run, found)
    return f"Trained in {result.seconds:.0f} s over {result.epochs:.0f} epochs. On dev: {headline(found['dev'])}"


def _parse(nlu: Any, path: Path) -> tuple[Sequence[Utterance], Sequence[Parse]]:
    from jointbert.data import read

    gold = read(path, "jsonl")
    return gold, nlu.parse_many([utterance.text for utterance in gold])


def _cross_validate(run: RunFolder, config: Config, folds: int) -> str:
    from jointbert.evaluation.render import headline
    from jointbert.evaluation.score import evaluate
    from jointbert.training.crossval import cross_validate

    items = cross_validate(config, run.cv, folds)
    scores = evaluate([item.gold for item in items], [item.parse for item in items])
    _keep(run, {"dev": scores})
    return f"{len(items)} utterances parsed out of {folds} folds: {headline(scores)}"


def _keep(run: RunFolder, found: dict[str, Scores]) -> None:
    from jointbert.annotation.run_folder import SCORES

    run.write(SCORES, {name: scores.to_dict() for name, scores in found.items()})
