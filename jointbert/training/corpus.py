"""The utterances of a run: read, checked against each other, and every oddity counted with its place."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from jointbert.codec import Notice
from jointbert.config import DataConfig
from jointbert.data import read
from jointbert.errors import ConfigError, DataError
from jointbert.evaluation.scope import part, unmarked
from jointbert.labels import Labels
from jointbert.utterance import Utterance

log = logging.getLogger("jointbert.training")

_EXPECTED = 5
"""Dev utterances with slots, going by training's share of them, from which on a dev without any is refused."""


@dataclass(frozen=True)
class Outside:
    """Utterances that are out of scope, and how data says so.

    Args:
        intent: The intent that marks them, or None.
        train: To fit scorers of scope with.
        dev: To choose among them by.
    """

    intent: str | None = None
    train: tuple[Utterance, ...] = ()
    dev: tuple[Utterance, ...] = ()


@dataclass(frozen=True)
class Corpus:
    """What a run trains on and chooses by.

    Args:
        train: Training utterances.
        dev: Utterances that the best checkpoint is chosen on.
        labels: The labels that occur in training.
        outside: What is out of scope; no part of the other two, but where its intent is trained like any other.
    """

    train: list[Utterance]
    dev: list[Utterance]
    labels: Labels
    outside: Outside = Outside()


def load_corpus(config: DataConfig) -> Corpus:
    """Read both splits and report what training cannot learn from them.

    Raises:
        DataError: A file is wrong, a split is empty, only some training utterances have an intent, dev has no label
            of any kind that the model will have, or no slots where training has many.
    """
    train, dev, outside = read_splits(config)
    if config.out_of_scope_as_intent:
        train, dev = train + named(outside.train, outside.intent), dev + named(outside.dev, outside.intent)
    report_unmarked(config, train, dev, outside)
    return make_corpus(train, dev, config.dev, outside)


def read_splits(config: DataConfig) -> tuple[list[Utterance], list[Utterance], Outside]:
    """The utterances in scope of both splits, and those out of scope.

    Raises:
        ConfigError: An intent is to be trained that is not named (a config that was changed after its check).
        DataError: A file is wrong, or a split has nothing in scope.
    """
    marker = config.out_of_scope_intent
    if config.out_of_scope_as_intent and marker is None:
        hint = "Name it: data.out_of_scope_intent: oos"
        raise ConfigError(
            "data.out_of_scope_as_intent", "is true, and no intent marks what is out of scope", None, hint
        )
    inside, outside = [], []
    for name, path, more in (
        ("train", config.train, config.out_of_scope_train),
        ("dev", config.dev, config.out_of_scope_dev),
    ):
        ours, others = part(read(Path(path), config.format), marker)
        if not ours:
            what = "holds no utterance" + (" in scope" if others else "")
            raise DataError(path, what, f"{name} utterances", "Check the file with: jointbert data check")
        inside.append(ours)
        outside.append(tuple(others + (read(Path(more), config.format) if more else [])))
    return inside[0], inside[1], Outside(marker, *outside)


def report_unmarked(
    config: DataConfig,
    train: Sequence[Utterance],
    dev: Sequence[Utterance],
    outside: Outside,
    known: Iterable[str] = (),
) -> None:
    """Warn of an intent that is to mark what is out of scope and that no utterance of either split has.

    Args:
        config: Where the splits come from.
        train, dev, outside: What was read; one split may rightly lack the intent.
        known: Names that are right although no utterance may have them, such as a model's own.
    """
    warning = unmarked((*train, *dev, *outside.train, *outside.dev), outside.intent, known)
    if warning is not None:
        log.warning("%s and %s: %s", config.train, config.dev, warning)


def named(utterances: Iterable[Utterance], intent: str | None) -> list[Utterance]:
    """The utterances, all with one intent."""
    return [replace(utterance, intent=intent) for utterance in utterances]


def make_corpus(train: list[Utterance], dev: list[Utterance], dev_name: str, outside: Outside = Outside()) -> Corpus:
    """The corpus of utterances that are read already.

    Args:
        train: To train on.
        dev: To choose the best checkpoint on.
        dev_name: Where dev comes from, for messages.
        outside: What is out of scope.

    Raises:
        DataError: As :func:`load_corpus`.
    """
    labels = Labels.from_utterances(train)
    _check_intents(train, labels)
    _check_dev(dev, labels, dev_name)
    _check_dev_slots(train, dev, dev_name)
    report_unseen(dev, labels, dev_name)
    return Corpus(train, dev, labels, outside)


def _check_intents(train: Sequence[Utterance], labels: Labels) -> None:
    bare = [utterance for utterance in train if utterance.intent is None]
    if labels.intents is not None and bare:
        where = bare[0].where or repr(bare[0].text)
        what = f"{len(bare)} of {len(train)} training utterances have no intent, this one first"
        raise DataError(where, what, "an intent on every utterance, or on none", "Label them, or leave them out.")


def _check_dev(dev: Sequence[Utterance], labels: Labels, where: str) -> None:
    with_intents = labels.intents is not None and any(utterance.intent is not None for utterance in dev)
    with_slots = labels.slots is not None and any(utterance.spans for utterance in dev)
    if not with_intents and not with_slots:
        kinds = [name for name, known in (("intents", labels.intents), ("slots", labels.slots)) if known is not None]
        hint = "Label the dev utterances: the best epoch is chosen on them."
        raise DataError(where, f"has no {' and no '.join(kinds)}", "the kinds of labels that training has", hint)


def _check_dev_slots(train: Sequence[Utterance], dev: Sequence[Utterance], where: str) -> None:
    """See that dev's slots are labelled: what is bare counts as without a slot, and would teach that nothing is one.

    A dev without any may be right where slots are rare; where :data:`_EXPECTED` utterances with some were to be
    expected, by training's share of them, none at all (a chance below 1 %) is an oversight.
    """
    share = sum(bool(utterance.spans) for utterance in train) / max(len(train), 1)
    if any(utterance.spans for utterance in dev) or share * len(dev) < _EXPECTED:
        return
    what = f"has no slot in any of its {len(dev)} utterances; {share:.0%} of the training utterances have some"
    hint = "Label its slots, or take dev off the training data: jointbert data split"
    raise DataError(where, what, "the kinds of labels that training has", hint)


def report_unseen(utterances: Iterable[Utterance], labels: Labels, where: str) -> None:
    """Warn of labels that training has not seen: such utterances can only count as wrong."""
    known_intents, known_slots = labels.intents or (), labels.slots or ()
    unseen: Counter[str] = Counter()
    for utterance in utterances:
        if utterance.intent is not None and utterance.intent not in known_intents:
            unseen[f"intent {utterance.intent}"] += 1
        unseen.update({f"slot {span.slot}" for span in utterance.spans if span.slot not in known_slots})
    if unseen:
        listing = ", ".join(f"{name} ({count})" for name, count in unseen.most_common(5))
        more = f" and {len(unseen) - 5} more" if len(unseen) > 5 else ""
        log.warning("%s: labels unseen in training count as wrong: %s%s", where, listing, more)


def report_notices(notices: Sequence[Notice]) -> None:
    """Say how many spans or texts did not fit, by kind, with the first place of each."""
    kinds = Counter(notice.kind for notice in notices)
    for kind, count in kinds.items():
        first = next(notice for notice in notices if notice.kind == kind)
        log.warning("%d %s, the first at %s: %s", count, kind, first.where, first.message)
