"""What training had to learn from: labels, values and lengths of its utterances, counted."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from jointbert.data.words import normalise
from jointbert.utterance import Utterance


@dataclass(frozen=True, slots=True)
class Training:
    """The training utterances with what is looked up in them.

    Args:
        utterances: The utterances themselves.
        intents: Intent -> utterances.
        slots: Slot -> spans.
        slots_of: Value -> slot -> how often it is so labelled; case and white space do not tell values apart.
        texts: The texts, likewise.
    """

    utterances: tuple[Utterance, ...]
    intents: Counter[str] = field(default_factory=Counter)
    slots: Counter[str] = field(default_factory=Counter)
    slots_of: dict[str, Counter[str]] = field(default_factory=dict)
    texts: frozenset[str] = frozenset()

    @classmethod
    def of(cls, utterances: Sequence[Utterance]) -> Training:
        """The utterances, counted.

        Example:
            >>> training = Training.of([Utterance("hi", "greet"), Utterance("Hi ", "greet")])
            >>> training.intents["greet"], training.knows("HI")
            (2, True)
        """
        slots: Counter[str] = Counter()
        slots_of: dict[str, Counter[str]] = defaultdict(Counter)
        for utterance in utterances:
            for span in utterance.spans:
                slots[span.slot] += 1
                slots_of[normalise(span.value)][span.slot] += 1
        intents = Counter(utterance.intent for utterance in utterances if utterance.intent is not None)
        texts = frozenset(normalise(utterance.text) for utterance in utterances)
        return cls(tuple(utterances), intents, slots, dict(slots_of), texts)

    def knows(self, text: str) -> bool:
        """Whether a text is among the training texts."""
        return normalise(text) in self.texts

    def uses(self, value: str) -> Counter[str]:
        """How often training labels a value with each slot."""
        return self.slots_of.get(normalise(value), Counter())
