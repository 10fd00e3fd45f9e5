"""One trial: its settings, what became of it, and the training that it is."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from transformers import TrainerCallback, TrainerControl, TrainerState
from transformers import TrainingArguments as Arguments

from jointbert.config import Config
from jointbert.config.space import Space, Value, value_of, with_values
from jointbert.training.corpus import Corpus
from jointbert.training.run import train

State = Literal["complete", "pruned", "failed", "stopped"]

Hear = Callable[[int, float], None]
"""Called after each epoch with its number, from 1, and its dev sentence accuracy, 0..1; may raise :class:`Pruned`."""

Train = Callable[[Config, Path, Corpus, Hear], None]
"""Trains a config into a folder, and lets hear of every epoch."""


class Pruned(Exception):
    """A trial that is not worth going on with."""


@dataclass(frozen=True)
class Trial:
    """What became of one trial.

    Args:
        number: Its number in the study, from 0.
        state: ``complete``; ``pruned``, because it did worse than others at the same share of their epochs; ``failed``,
            because its settings cannot be trained; ``stopped`` from outside, and done again under another number.
        score: The best dev sentence accuracy of its epochs, 0..1, or None where it had none.
        settings: What it trained with, for each key of the space.
        epochs: How many epochs it saw.
        seconds: Wall time.
        is_start: Whether it trained the config itself.
        error: Why it failed.
    """

    number: int
    state: State
    score: float | None
    settings: Mapping[str, Value]
    epochs: int = 0
    seconds: float = 0.0
    is_start: bool = False
    error: str | None = None

    @property
    def counts(self) -> bool:
        """Whether it is one of the trials that were asked for; one that is done again is not."""
        return self.state != "stopped"


def rounded(space: Space, drawn: Mapping[str, Any]) -> dict[str, Value]:
    """The settings of a trial: what was drawn, real numbers with four digits, so that a config with them can be read.

    Args:
        space: What each key may be.
        drawn: A value for each of its keys.

    Example:
        >>> from jointbert.config.space import Dimension
        >>> rounded({"training.warmup": Dimension(low=0.0, high=0.3)}, {"training.warmup": 0.123456789})
        {'training.warmup': 0.1235}
    """
    found: dict[str, Value] = {}
    for key, dimension in space.items():
        value = drawn[key]
        if dimension.low is not None and dimension.high is not None and isinstance(value, float):
            value = min(max(float(f"{value:.4g}"), dimension.low), dimension.high)
        found[key] = value
    return found


def settings_of(space: Space, config: Config) -> dict[str, Value]:
    """What a config says of each key of a space."""
    return {key: value_of(config, key) for key in space}


def trial_config(config: Config, settings: Mapping[str, Value]) -> Config:
    """The config that a trial trains; scope is left out, for nothing that is maximised depends on it."""
    return with_values(config, {**settings, "scope.scorer": "none"})


class _Listener(TrainerCallback):
    """Passes on each epoch's dev score."""

    def __init__(self, hear: Hear) -> None:
        self._hear = hear

    def on_evaluate(self, args: Arguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Pass it on."""
        self._hear(round(state.epoch or 0.0), float(kwargs["metrics"]["eval_sentence_accuracy"]))


def train_trial(config: Config, folder: Path, corpus: Corpus, hear: Hear) -> None:
    """Train as ``jointbert train`` does, and let hear of every epoch.

    Args:
        config: What to train.
        folder: Where; nobody needs it afterwards.
        corpus: What to train on and choose by.
        hear: Called after each epoch.
    """
    train(config, folder, corpus=corpus, followers=[_Listener(hear)])


@contextmanager
def hushed(wanted: bool) -> Iterator[None]:
    """Keep back what training says of its data, for as long as the block runs: the first trial has said it all."""
    logger = logging.getLogger("jointbert.training")
    before = logger.level
    if wanted:
        logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)
