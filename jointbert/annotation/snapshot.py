"""A snapshot: the labelled utterances of a project as the files that one training run reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from jointbert.annotation.views import ProjectInfo
from jointbert.data.registry import write
from jointbert.data.split import split
from jointbert.errors import StoreError
from jointbert.utterance import Utterance

LEAST = 20
"""Fewer labelled utterances than this cannot be trained on."""
LEAST_DEV = 10
"""A project's own dev split is used from this many labelled utterances on."""
DEV_SHARE = 0.15
"""The share of the training utterances that becomes dev where the project has no dev split."""


class Labelled(Protocol):
    """What a run needs of a project."""

    @property
    def id(self) -> int:
        """The project's number."""

    def info(self) -> ProjectInfo:
        """The project at a glance."""

    def labelled(self, split: str | None = None) -> list[Utterance]:
        """The gold utterances, of one split or all."""


@dataclass(frozen=True)
class Snapshot:
    """What a run trains on, chooses by and is tested on.

    Args:
        train: Training utterances.
        dev: Utterances that the best epoch is chosen on.
        test: Utterances of the project's test split; may be empty.
        notes: What was left out or done otherwise, as sentences for people.
    """

    train: Sequence[Utterance]
    dev: Sequence[Utterance]
    test: Sequence[Utterance]
    notes: tuple[str, ...] = ()

    def sizes(self) -> dict[str, int]:
        """Part -> how many utterances."""
        return {"train": len(self.train), "dev": len(self.dev), "test": len(self.test)}

    def write(self, folder: Path) -> None:
        """Write each part that is not empty as ``<part>.jsonl``."""
        for name, part in (("train", self.train), ("dev", self.dev), ("test", self.test)):
            if part:
                write(folder / f"{name}.jsonl", part, "jsonl")


def for_training(project: Labelled, seed: int) -> Snapshot:
    """A snapshot to train on: dev is the project's own, or a stratified part of what it would train on.

    Args:
        project: Whose gold utterances.
        seed: Of the split into train and dev.

    Raises:
        StoreError: Too little is labelled.
    """
    everything, notes = _gold(project)
    test_ids = {item.id for item in project.labelled("test")}
    rest = [item for item in everything if item.id not in test_ids]
    _check_enough(len(rest), "outside the test split")
    train, dev = _set_aside(project, rest, seed, notes)
    _check_parts(train, dev)
    return Snapshot(train, dev, [item for item in everything if item.id in test_ids], tuple(notes))


def for_cross_validation(project: Labelled, folds: int, seed: int) -> Snapshot:
    """A snapshot whose train part is every gold utterance, so that each is parsed by a model that never saw it.

    The dev part, which the best epoch of each fold is chosen and its confidences are fitted on, is a copy of some of
    them. Folds do without these when they learn, where others have their labels. A label that is looked into may weigh
    in that choice, but the model that parses its utterance has never learned from it.

    Raises:
        StoreError: Too little is labelled, or the number of folds makes no sense.
    """
    if not 2 <= folds <= 20:
        raise StoreError("cross-validation", f"{folds} folds", "from 2 to 20", "Three are a good start.")
    everything, notes = _gold(project)
    _check_enough(len(everything), "in the project")
    _, dev = _set_aside(project, everything, seed, [])
    _check_parts(everything, dev)
    return Snapshot(everything, dev, (), tuple(notes))


def _set_aside(
    project: Labelled, utterances: Sequence[Utterance], seed: int, notes: list[str]
) -> tuple[list[Utterance], list[Utterance]]:
    """Train and dev; adds a note when dev is not the project's own."""
    dev_ids = {item.id for item in project.labelled("dev")}
    dev = [item for item in utterances if item.id in dev_ids]
    if len(dev) >= LEAST_DEV:
        return [item for item in utterances if item.id not in dev_ids], dev
    parts = split(utterances, (1 - DEV_SHARE, DEV_SHARE), seed)
    notes.append(
        f"The project's dev split has {len(dev)} labelled utterances, fewer than {LEAST_DEV}; {len(parts['test'])} of "
        f"{len(utterances)} were set aside to choose the best epoch on."
    )
    return parts["train"], parts["test"]


def _gold(project: Labelled) -> tuple[list[Utterance], list[str]]:
    """The gold utterances that one model can learn from, and a note on those that it cannot."""
    everything = project.labelled()
    bare = sum(item.intent is None for item in everything)
    if not 0 < bare < len(everything):
        return everything, []
    kept = [item for item in everything if item.intent is not None]
    return kept, [f"{bare} labelled utterances without an intent were left out, because the others have one."]


def _check_enough(count: int, where: str) -> None:
    if count < LEAST:
        raise StoreError(
            "training",
            f"{count} labelled utterances {where} are too few",
            f"at least {LEAST}",
            f"Label {LEAST - count} more; some hundred make a useful model.",
        )


def _check_parts(train: Sequence[Utterance], dev: Sequence[Utterance]) -> None:
    """Raise StoreError when a part would leave nothing to learn or to choose by."""
    if not dev:
        hint = "Label more utterances of each intent, or put some labelled ones into the dev split."
        raise StoreError("training", "no utterance can be set aside as dev", "several utterances an intent", hint)
    if len(train) < LEAST // 2:
        what = f"{len(train)} labelled utterances in the train split are too few"
        raise StoreError("training", what, f"at least {LEAST // 2}", "Label more, or move some from dev to train.")
    if all(item.intent is None and not item.spans for item in train):
        hint = "Give utterances an intent, or mark slots in them."
        raise StoreError("training", "no labelled utterance has an intent or a slot", "labels to learn", hint)
