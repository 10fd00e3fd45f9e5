"""The utterances of a run: read, checked against each other, and every oddity counted with its place."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from jointbert.codec import Notice
from jointbert.config import DataConfig
from jointbert.data import read
from jointbert.errors import DataError
from jointbert.labels import Labels
from jointbert.utterance import Utterance

log = logging.getLogger("jointbert.training")


@dataclass(frozen=True)
class Corpus:
    """What a run trains on and chooses by.

    Args:
        train: Training utterances.
        dev: Utterances that the best checkpoint is chosen on.
        labels: The labels that occur in training.
    """

    train: list[Utterance]
    dev: list[Utterance]
    labels: Labels


def load_corpus(config: DataConfig) -> Corpus:
    """Read both splits and report what training cannot learn from them.

    Raises:
        DataError: A file is wrong, a split is empty, only some training utterances have an intent, or dev has
            no label of any kind that the model will have.
    """
    splits = {}
    for name, path in (("train", config.train), ("dev", config.dev)):
        splits[name] = read(Path(path), config.format)
        if not splits[name]:
            raise DataError(
                path, "holds no utterance", f"{name} utterances", "Check the file with: jointbert data check"
            )
    return make_corpus(splits["train"], splits["dev"], config.dev)


def make_corpus(train: list[Utterance], dev: list[Utterance], dev_name: str) -> Corpus:
    """The corpus of utterances that are read already.

    Args:
        train: To train on.
        dev: To choose the best checkpoint on.
        dev_name: Where dev comes from, for messages.

    Raises:
        DataError: As :func:`load_corpus`.
    """
    labels = Labels.from_utterances(train)
    _check_intents(train, labels)
    _check_dev(dev, labels, dev_name)
    report_unseen(dev, labels, dev_name)
    return Corpus(train, dev, labels)


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
