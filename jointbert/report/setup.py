"""How a model was made, as far as that is known: nothing is advised that was done already, or cannot be done."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from jointbert.config.origin import Origin
from jointbert.labels import Labels, LabelSet
from jointbert.report.training import Training


@dataclass(frozen=True, slots=True)
class Setup:
    """What is known of a model besides its parses.

    Args:
        labels: What it can say; None where that is not known.
        origin: What its folder says of its training; None where that is not known.
        pieces: The longest input that it reads, in pieces; None where that is not known.
        room: The longest one that its encoder has room for; None likewise.
    """

    labels: Labels | None = None
    origin: Origin | None = None
    pieces: int | None = None
    room: int | None = None

    def lacks_intent(self, name: str, training: Training | None) -> bool:
        """Whether the model cannot have said an intent: training never had it, or it is none of the model's."""
        if training is not None and not training.intents[name]:
            return True
        return self.labels is not None and _lacks(self.labels.intents, name)

    def lacks_slot(self, name: str, training: Training | None) -> bool:
        """The same of a slot."""
        if training is not None and not training.slots[name]:
            return True
        return self.labels is not None and _lacks(self.labels.slots, name)

    @property
    def can_read_more(self) -> bool | None:
        """Whether a model with this encoder could read longer texts; None where that is not known."""
        if self.origin is not None and self.origin.from_scratch:
            return True
        return None if self.pieces is None or self.room is None else self.pieces < self.room


UNKNOWN = Setup()
"""Nothing is known."""


def _lacks(known: LabelSet | None, name: str) -> bool:
    return known is None or name not in known


def read_lengths(folder: Path) -> tuple[int, int]:
    """The longest input that a model folder's model reads, and the longest that its encoder has room for, in pieces.

    Args:
        folder: The folder of a model that was loaded, and so was checked.
    """
    from jointbert.model.encoder import max_positions

    settings = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    encoder: Any = SimpleNamespace(**({"pad_token_id": None} | settings["encoder"]))
    return int(settings["max_pieces"]), max_positions(encoder)
