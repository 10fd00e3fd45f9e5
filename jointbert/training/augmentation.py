"""Training utterances that differ from epoch to epoch: other slot values, slips of the fingers."""

from __future__ import annotations

import logging
import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from jointbert.codec import Codec, Encoded, Notice
from jointbert.codec.encode import OnMisfit
from jointbert.training.substitution import substitute, values_of
from jointbert.training.typos import mistype
from jointbert.training.value_lists import ValueLists
from jointbert.utterance import Utterance

log = logging.getLogger("jointbert.training")

_STAY = (
    "data.substitution and data.typos: in epoch %d, %d of %d utterances stay as they are, because they would not fit "
    "once changed, the first at %s (%s); other epochs do the same, and are not counted"
)


class Augmentation:
    """The training utterances of any epoch, encoded; the seed and the epoch decide what is changed.

    One that fits, and would not if it were changed (its text too long, a span lost, or one that cuts a word where that
    is an error), stays as it is. The first epoch with such ones says so.

    Args:
        utterances: Training utterances.
        codec: Text → arrays.
        seed: Of what is changed.
        substitution: Chance of each span to hold another value of its slot (0..1).
        typos: Chance of each utterance to have a mistyped word (0..1).
        more: Further values by slot, from lists.
        on_misfit: Whether a span that cuts a word is widened, or an error.
    """

    def __init__(
        self,
        utterances: Sequence[Utterance],
        codec: Codec,
        seed: int,
        *,
        substitution: float = 0.0,
        typos: float = 0.0,
        more: ValueLists | None = None,
        on_misfit: OnMisfit = "widen",
    ) -> None:
        self._places = [item.where or repr(item.text[:60]) for item in utterances]
        self._utterances = [replace(item, where=str(number)) for number, item in enumerate(utterances)]
        self._codec = codec
        self._seed = seed
        self._substitution = substitution
        self._typos = typos
        self._values = values_of(utterances, more)
        self._refused = {"lost", "truncated"} | ({"widened"} if on_misfit == "error" else set())
        self._has_told = False

    def epoch(self, number: int) -> list[Encoded]:
        """The encoded utterances of an epoch, as many as there are and in their order."""
        generator = random.Random(self._seed * 100_003 + number)
        changed = self._utterances
        if self._substitution:
            changed = [substitute(item, self._values, self._substitution, generator) for item in changed]
        if self._typos:
            changed = [mistype(item, generator) if generator.random() < self._typos else item for item in changed]
        encoded, notices = self._codec.encode(changed)
        if misfits := self._by_number(notices):
            self._take_back(encoded, misfits, number)
        return encoded

    def _take_back(self, encoded: list[Encoded], misfits: Mapping[int, Sequence[Notice]], epoch: int) -> None:
        """Put those that fit only without their change back as they were.

        Args:
            encoded: The utterances of an epoch; changed in place.
            misfits: An utterance's number → what of it does not fit.
            epoch: The epoch's number.
        """
        plain, notices = self._codec.encode([self._utterances[number] for number in misfits])
        before, taken = self._by_number(notices), []
        for number, item in zip(misfits, plain, strict=True):
            if _kinds(misfits[number]) - _kinds(before[number]):  # more of a kind than it had
                encoded[number] = item
                taken.append(number)
        if taken and not self._has_told:
            self._has_told = True
            place, what = self._places[taken[0]], ", ".join(sorted(_kinds(misfits[taken[0]])))
            log.warning(_STAY, epoch + 1, len(taken), len(encoded), place, what)

    def _by_number(self, notices: Sequence[Notice]) -> defaultdict[int, list[Notice]]:
        """An utterance's number → what of it does not fit."""
        found: defaultdict[int, list[Notice]] = defaultdict(list)
        for notice in notices:
            if notice.kind in self._refused:
                found[int(notice.where)].append(notice)
        return found


def _kinds(notices: Sequence[Notice]) -> Counter[str]:
    return Counter(notice.kind for notice in notices)
