"""What the model of a fold learns from, apart from what its epoch is chosen and its confidences are fitted on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from jointbert.data.split import split
from jointbert.data.words import normalise
from jointbert.utterance import Utterance

MOST = 0.25
"""The share of what a fold could learn from that dev may take away."""


class Fold(NamedTuple):
    """The parts of one fold, but for the utterances that it parses.

    Args:
        train: To learn from.
        dev: To choose the epoch and to fit the confidences on.
        is_apart: Whether no text is in both.
    """

    train: list[Utterance]
    dev: list[Utterance]
    is_apart: bool


def lay_out(rest: Sequence[Utterance], dev: Sequence[Utterance], seed: int) -> Fold:
    """What a fold trains on and is chosen by, where dev and the training utterances may share texts.

    A model is right about what it has learned, and confidences fitted on that are wrong for all else. What dev shares
    is therefore not learned from, with two exceptions, which leave dev instead: what goes beyond a quarter of ``rest``,
    and what alone has an intent or a slot. Where that would leave dev without labels, both stay whole.

    Args:
        rest: The training utterances that the fold does not parse.
        dev: Of the config.
        seed: Chooses what leaves a dev that shares too much.

    Example:
        >>> call, mail = [Utterance(f"call {n}", "call") for n in range(8)], [Utterance("mail", "mail")]
        >>> found = lay_out(call + mail, call[:1] + mail, seed=1)
        >>> [item.text for item in found.train][:2], found.train[-1].text, [item.text for item in found.dev]
        (['call 1', 'call 2'], 'mail', ['call 0'])
    """
    shared = _texts(dev) & _texts(rest)
    aside = _least(rest, _at_most(rest, shared, seed))
    train = [item for item in rest if normalise(item.text) not in aside]
    learned = _texts(train)
    chosen = [item for item in dev if normalise(item.text) not in learned]
    if _kinds(chosen) == _kinds(dev):
        return Fold(train, chosen, True)
    return Fold(list(rest), list(dev), False)


def _at_most(rest: Sequence[Utterance], shared: set[str], seed: int) -> set[str]:
    """As many of the shared texts as dev may take away, stratified by intent."""
    theirs = [item for item in rest if normalise(item.text) in shared]
    share = MOST * len(rest) / max(len(theirs), 1)
    return shared if share >= 1 else _texts(split(theirs, (1 - share, share), seed)["test"])


def _least(rest: Sequence[Utterance], aside: set[str]) -> set[str]:
    """The texts to set aside, without those that alone have an intent or a slot."""
    known = {label for item in rest if normalise(item.text) not in aside for label in _labels(item)}
    return aside - _texts(item for item in rest if not known.issuperset(_labels(item)))


def _labels(utterance: Utterance) -> set[tuple[str, str]]:
    slots = {("slot", span.slot) for span in utterance.spans}
    return slots if utterance.intent is None else slots | {("intent", utterance.intent)}


def _kinds(utterances: Iterable[Utterance]) -> set[str]:
    """The kinds of labels that some of the utterances have."""
    return {kind for item in utterances for kind, _ in _labels(item)}


def _texts(utterances: Iterable[Utterance]) -> set[str]:
    return {normalise(item.text) for item in utterances}
