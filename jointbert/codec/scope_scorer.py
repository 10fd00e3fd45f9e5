"""What a scorer of scope is: a number that is high for an utterance of the kind a model was trained on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Evidence:
    """What scorers are fitted on: a trained model's [CLS] states of its training utterances.

    Args:
        states: (n, H) of utterances in scope, n at least 1.
        classes: (n,) the intent's id of each; all the same for a model without an intent head.
        outside: (m, H) of training utterances that are known to be out of scope; m may be 0.
    """

    states: Floats
    classes: NDArray[np.int64]
    outside: Floats


class ScopeScorer(Protocol):
    """One way to score; what it learned is in its arrays."""

    name: ClassVar[str]
    needs_state: ClassVar[bool]
    needs_intents: ClassVar[bool]
    needs_outside: ClassVar[bool]

    @classmethod
    def fit(cls, evidence: Evidence) -> Self:
        """The scorer that training utterances ask for."""

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """The scorer of which :meth:`arrays` made these; KeyError or ValueError where they are others."""

    def arrays(self) -> Arrays:
        """What it learned, by name."""

    def score(self, logits: Floats | None, states: Floats | None, outside_id: int | None = None) -> Floats:
        """(B,) scores of B utterances; the higher, the more in scope.

        Args:
            logits: (B, N) raw intent logits; None where it does not need them.
            states: (B, H) [CLS] states; None where it does not need them.
            outside_id: The intent that stands for what is out of scope, where the model was trained to give one.
        """


def given(values: Floats | None) -> Floats:
    """The values; a scorer that is asked without what it needs is a defect."""
    assert values is not None
    return values
