"""Split utterances into train, dev and test, or into folds: stratified by intent, seeded, no text in two parts."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence

from jointbert.data.words import normalise
from jointbert.errors import DataError
from jointbert.utterance import Utterance

PARTS = {2: ("train", "test"), 3: ("train", "dev", "test")}


def split(
    utterances: Iterable[Utterance], ratios: Sequence[float] = (0.8, 0.1, 0.1), seed: int = 13
) -> dict[str, list[Utterance]]:
    """The utterances as train, dev and test, each in the order they came in.

    Each intent is shared out by the ratios. Utterances with the same text (but for case and white space) stay
    together, so that nothing in dev or test was seen in train. The same input, ratios and seed give the same split
    on every machine.

    Args:
        utterances: What to split.
        ratios: The shares of train, dev and test, or of train and test; they sum to 1.
        seed: Chooses among the splits that are equally good.

    Raises:
        DataError: The ratios are not two or three shares that sum to 1.

    Example:
        >>> parts = split([Utterance(f"call {n}", "call") for n in range(10)])
        >>> {name: len(part) for name, part in parts.items()}
        {'train': 8, 'dev': 1, 'test': 1}
    """
    check_ratios(ratios)
    everything = list(utterances)
    chosen = _choose(everything, ratios, seed)
    names = PARTS[len(ratios)]
    return {name: [everything[i] for i in sorted(chosen[index])] for index, name in enumerate(names)}


def folds(utterances: Iterable[Utterance], count: int, seed: int = 13) -> list[list[int]]:
    """The positions of the utterances in each of ``count`` folds, which share them all out evenly.

    Each intent is spread over the folds; one with fewer texts than folds is in some of them only. Utterances with the
    same text (but for case and white space) stay together. The same input gives the same folds on every machine.

    Args:
        utterances: What to share out.
        count: How many folds; 2 at least.
        seed: Chooses among the foldings that are equally good.

    Raises:
        DataError: The count is below 2, or there are not enough different texts to fill every fold.

    Example:
        >>> folds([Utterance(f"call {n}", "call") for n in range(4)], 2)
        [[1, 3], [0, 2]]
    """
    everything = list(utterances)
    if count < 2:
        raise DataError("folds", f"are {count}", "2 at least", "5 and 10 are usual.")
    chosen = _choose(everything, [1 / count] * count, seed)
    if not all(chosen):
        texts = len({normalise(utterance.text) for utterance in everything})
        raise DataError("folds", f"are {count}, for {texts} different texts", "fewer folds than that", "Add data.")
    return [sorted(fold) for fold in chosen]


def check_ratios(ratios: Sequence[float]) -> None:
    """Raise DataError unless the ratios are two or three shares that sum to 1."""
    fine = len(ratios) in PARTS and all(math.isfinite(ratio) and ratio >= 0 for ratio in ratios) and ratios[0] > 0
    if not fine or abs(sum(ratios) - 1) > 1e-6:
        raise DataError(
            "ratios",
            f"are {', '.join(f'{ratio:g}' for ratio in ratios)}",
            "the shares of train, dev and test (or of train and test), none negative, that sum to 1",
            "For example 0.8,0.1,0.1.",
        )


def _choose(everything: Sequence[Utterance], ratios: Sequence[float], seed: int) -> list[list[int]]:
    """The positions of the utterances that go into each part."""
    owed_in_all = [ratio * len(everything) for ratio in ratios]
    chosen: list[list[int]] = [[] for _ in ratios]
    for intent, groups in sorted(_strata(everything).items()):
        random.Random(f"{seed} {intent}").shuffle(groups)
        groups.sort(key=len, reverse=True)  # what is hardest to place comes first
        size = sum(map(len, groups))
        owed = [ratio * size for ratio in ratios]
        for group in groups:
            part = max(range(len(ratios)), key=lambda p, o=owed: (round(o[p], 9), owed_in_all[p]))  # type: ignore[misc]
            chosen[part] += group
            owed[part] -= len(group)
            owed_in_all[part] -= len(group)
    return chosen


def _strata(everything: Sequence[Utterance]) -> dict[str, list[list[int]]]:
    """Intent -> groups of positions that share a text; a group goes by the intent of its first utterance."""
    groups: dict[str, list[int]] = defaultdict(list)
    for position, utterance in enumerate(everything):
        groups[normalise(utterance.text)].append(position)
    strata: dict[str, list[list[int]]] = defaultdict(list)
    for group in groups.values():
        strata[everything[group[0]].intent or ""].append(group)
    return strata
