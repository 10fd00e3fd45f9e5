"""The search: the config itself first, then what Optuna draws, each trained on train and scored on dev."""

from __future__ import annotations

import json
import logging
import math
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from rich.console import Console

from jointbert.config import Config
from jointbert.config.space import Space, with_values
from jointbert.errors import ConfigError, JointBertError
from jointbert.training.corpus import Corpus, load_corpus
from jointbert.training.kept import run_print
from jointbert.tuning.bar import TrialBar
from jointbert.tuning.defaults import default_space
from jointbert.tuning.files import BEST, CSV, PICTURE, write_best, write_csv
from jointbert.tuning.follower import Follower
from jointbert.tuning.picture import draw_tuning, importances
from jointbert.tuning.records import RECORD, START, end_trial, read_trials, take_up
from jointbert.tuning.result import Tuned, best_of
from jointbert.tuning.sampling import distributions, sampler
from jointbert.tuning.storage import FOLDER, check_extra, open_study
from jointbert.tuning.trial import Pruned, Train, Trial, hushed, rounded, settings_of, train_trial, trial_config

if TYPE_CHECKING:
    from optuna import Study
    from optuna.trial import Trial as Asked

log = logging.getLogger("jointbert.tuning")

TRIALS = 30
SEED = 13


def tune(
    config: Config,
    output: Path | str,
    trials: int = TRIALS,
    minutes: float | None = None,
    space: Space | None = None,
    seed: int = SEED,
    *,
    resume: bool = False,
    command: str = "jointbert tune",
    train: Train = train_trial,
    console: Console | None = None,
) -> Tuned:
    """The best settings that a search finds for a config, by dev sentence accuracy; the test data is never read.

    The first trial is the config itself, so that the best one is never worse than it on dev. The others are drawn by
    Optuna's TPE sampler. ``study.db``, ``trials.csv`` and ``best.yaml`` are up to date after every trial, so a search
    that was stopped goes on with ``resume`` and draws what it would have drawn. No model is kept.

    Args:
        config: The checked config to start from.
        output: The folder to write.
        trials: How many in all, those of before a stop included.
        minutes: No trial but the first begins after that long; None for no limit.
        space: What to search (see :func:`jointbert.config.space.read_space`); None takes
            :func:`jointbert.tuning.defaults.default_space`.
        seed: Of what is drawn.
        resume: Go on with a search that was stopped, or that is to have more trials.
        command: What started it, for the head of ``best.yaml``.
        train: Trains a trial.
        console: Where the progress bar is shown; standard error when not given.

    Raises:
        MissingExtraError: Optuna is not installed.
        ConfigError, DataError, ModelError: Something is wrong, or the config itself cannot be trained.
    """
    check_extra()
    _check_limits(trials, minutes)
    output, corpus = Path(output), load_corpus(config.data)
    space = _default(config, corpus) if space is None else space
    with open_study(output, _name(config, space, seed, corpus), resume, (CSV, BEST, PICTURE)) as study:
        take_up(study, settings_of(space, config))
        search = _Search(study, config, corpus, output, space, seed, train, command)
        until = math.inf if minutes is None else time.monotonic() + 60 * minutes
        with TrialBar(trials, search.done, console) as bar:
            search.run(trials, until, bar)
        tuned = search.tuned(importances(study))
    draw_tuning(tuned, output / PICTURE)
    return tuned


def _check_limits(trials: int, minutes: float | None) -> None:
    if trials < 1:
        raise ConfigError("--trials", f"is {trials}", "1 at least", "30 is usual.")
    if minutes is not None and not (minutes > 0 and math.isfinite(minutes)):
        raise ConfigError("--timeout-minutes", f"is {minutes:g}", "a number above 0", "Leave it out for no limit.")


def _default(config: Config, corpus: Corpus) -> Space:
    labels = corpus.labels
    return default_space(config, intents=labels.intents is not None, slots=labels.slots is not None)


def _name(config: Config, space: Space, seed: int, corpus: Corpus) -> str:
    """A name for all that decides what is drawn and what it scores."""
    shape = json.dumps({key: dimension.model_dump() for key, dimension in space.items()})
    tried = space["encoder.name"].choices if "encoder.name" in space else None
    return run_print(config, corpus, f"{seed}\n{shape}", map(str, tried or ()))


@dataclass
class _Search:
    """A search at work.

    Args:
        study: Optuna's.
        config: What it started from.
        corpus: Train and dev.
        output: Its folder.
        space: What each key may be.
        seed: Of what is drawn.
        train: Trains a trial.
        command: What started it.
        trials: What became of those that have ended.
    """

    study: Study
    config: Config
    corpus: Corpus
    output: Path
    space: Space
    seed: int
    train: Train
    command: str
    trials: tuple[Trial, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.trials = read_trials(self.study)

    @property
    def done(self) -> int:
        """How many trials count."""
        return sum(trial.counts for trial in self.trials)

    def run(self, wanted: int, until: float, bar: TrialBar) -> None:
        """Try until there are as many trials as wanted, or the time is over."""
        try:
            if self.done:
                self._show(wanted, bar)
            while self.done < wanted and (self.done == 0 or time.monotonic() < until):
                self._try(bar)
                self._show(wanted, bar)
        except KeyboardInterrupt:
            kept = f"{self.done} of {wanted} trials are kept" if self.done else "no trial had ended"
            log.warning("%s: stopped; %s", self.output, kept)
            raise

    def _show(self, wanted: int, bar: TrialBar) -> None:
        """Bring the bar and the files up to date, which a kill may have left behind the study."""
        bar.end(self.done, best_of(self.trials))
        write_csv(self.trials, self.space, self.output / CSV)
        write_best(self.tuned({}), wanted, self.command, self.output / BEST)

    def tuned(self, found: Mapping[str, float]) -> Tuned:
        """What was found so far."""
        config = with_values(self.config, best_of(self.trials).settings)
        return Tuned(self.output, self.config.data.dev, judged(self.corpus), config, self.trials, found)

    def _try(self, bar: TrialBar) -> None:
        """One trial, from what is drawn to what is noted."""
        self.study.sampler = sampler(self.seed, self.done)
        asked = self.study.ask(distributions(self.space))
        is_start = bool(asked.user_attrs.get(START))
        settings = settings_of(self.space, self.config) if is_start else rounded(self.space, asked.params)
        wanted = trial_config(self.config, settings)
        follower, began = Follower(asked, wanted.training.epochs, bar), time.perf_counter()
        record: dict[str, Any] = {"state": "complete", "settings": settings}
        try:
            self._train(wanted, follower)
        except Pruned:
            record["state"] = "pruned"
        except (JointBertError, torch.OutOfMemoryError) as error:
            record |= {"state": "failed", "error": str(error)}
            if is_start:
                self._end(asked, record)
                raise
            log.warning("trial %d failed: %s", asked.number, error)
        except BaseException:
            self._end(asked, {"state": "stopped"})
            raise
        record |= {"score": follower.best, "epochs": follower.epoch, "seconds": time.perf_counter() - began}
        self._end(asked, record)

    def _train(self, config: Config, follower: Follower) -> None:
        """Train in a folder of its own, of which nothing stays."""
        folder = self.output / FOLDER
        shutil.rmtree(folder, ignore_errors=True)
        try:
            with hushed(self.done > 0):
                self.train(config, folder, self.corpus, follower.hear)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _end(self, asked: Asked, record: Mapping[str, Any]) -> None:
        asked.set_user_attr(RECORD, dict(record))
        end_trial(self.study, asked.number, record)
        self.trials = read_trials(self.study)


def judged(corpus: Corpus) -> int:
    """How many dev utterances sentence accuracy is counted over: those with an intent, where intents are judged."""
    with_intent = sum(utterance.intent is not None for utterance in corpus.dev)
    return with_intent if corpus.labels.intents is not None and with_intent else len(corpus.dev)
