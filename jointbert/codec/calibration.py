"""Calibration: what makes probabilities that hold of raw confidences. Fitted on dev, kept in the model folder."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from jointbert.errors import ModelError

FILE = "calibration.json"
_EDGE = 1e-9


@dataclass(frozen=True, slots=True)
class Calibration:
    """Temperatures for the two heads, and a line through the frame's log-odds. None of them changes what is predicted.

    Args:
        intent: Temperature of the intent logits; above 1 makes them less sure.
        slot: Temperature of the tag chain: of the tag logits and, with a CRF, of its learned scores.
        frame_slope: Slope on the log-odds that everything is right.
        frame_bias: Added to these.

    Raises:
        ValueError: A temperature or the slope is not a positive number, or the bias is none.

    Source:
        Guo, Pleiss, Sun and Weinberger 2017, "On Calibration of Modern Neural Networks", arXiv:1706.04599, section 4.2
        (temperature scaling); Platt 1999, "Probabilistic Outputs for Support Vector Machines" (the line).

    Example:
        >>> Calibration(frame_slope=0.5).frame(0.99) < 0.99
        True
    """

    intent: float = 1.0
    slot: float = 1.0
    frame_slope: float = 1.0
    frame_bias: float = 0.0

    def __post_init__(self) -> None:
        if not all(math.isfinite(value) and value > 0 for value in (self.intent, self.slot, self.frame_slope)):
            raise ValueError(f"{self} has a temperature or a slope that is no positive number")
        if not math.isfinite(self.frame_bias):
            raise ValueError(f"{self} has a bias that is no number")

    def frame(self, chance: float, most: float = 1.0) -> float:
        """The probability (0..1) that everything is right.

        Args:
            chance: The product of the intent's probability and the whole tag sequence's, 0..1.
            most: What it cannot exceed, 0..1: the probability of the least sure part.

        Example:
            >>> Calibration(frame_slope=0.5, frame_bias=1.0).frame(0.8, most=0.82)
            0.82
        """
        if (self.frame_slope, self.frame_bias) == (1.0, 0.0):
            return min(chance, most)
        odds = self.frame_slope * log_odds(chance) + self.frame_bias
        bent = 1.0 / (1.0 + math.exp(-odds)) if odds > 0 else math.exp(odds) / (1.0 + math.exp(odds))
        return min(bent, most)

    def to_json(self) -> str:
        """The content of a model folder's ``calibration.json``."""
        return json.dumps(asdict(self), indent=1) + "\n"

    @classmethod
    def load(cls, path: Path) -> Calibration:
        """The calibration of a model folder.

        Raises:
            ModelError: The file is missing or is not what :meth:`to_json` gives.
        """
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            return cls(**{item.name: float(content[item.name]) for item in fields(cls)})
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            what = f"cannot be read as a calibration ({type(error).__name__}: {error})"
            hint = "Copy the whole model folder again, or train anew."
            raise ModelError(str(path), what, "four numbers by name", hint) from error


def log_odds(chance: float) -> float:
    """The logarithm of a probability's odds, kept finite.

    Example:
        >>> log_odds(0.5)
        0.0
    """
    chance = min(max(chance, _EDGE), 1.0 - _EDGE)
    return math.log(chance) - math.log1p(-chance)
