"""Training utterances that differ from epoch to epoch: other slot values, slips of the fingers."""

from __future__ import annotations

import random
from collections.abc import Sequence

from jointbert.codec import Codec, Encoded
from jointbert.training.substitution import substitute, values_of
from jointbert.training.typos import mistype
from jointbert.training.value_lists import ValueLists
from jointbert.utterance import Utterance


class Augmentation:
    """The training utterances of any epoch, encoded; the seed and the epoch decide what is changed.

    Args:
        utterances: Training utterances.
        codec: Text → arrays.
        seed: Of what is changed.
        substitution: Chance of each span to hold another value of its slot (0..1).
        typos: Chance of each utterance to have a mistyped word (0..1).
        more: Further values by slot, from lists.
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
    ) -> None:
        self._utterances = utterances
        self._codec = codec
        self._seed = seed
        self._substitution = substitution
        self._typos = typos
        self._values = values_of(utterances, more)

    def epoch(self, number: int) -> list[Encoded]:
        """The encoded utterances of an epoch, as many as there are and in their order."""
        generator = random.Random(self._seed * 100_003 + number)
        changed = list(self._utterances)
        if self._substitution:
            changed = [substitute(item, self._values, self._substitution, generator) for item in changed]
        if self._typos:
            changed = [mistype(item, generator) if generator.random() < self._typos else item for item in changed]
        return self._codec.encode(changed)[0]
