"""Problem: one thing that is wrong with data, with its place and what to do about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from jointbert.errors import DataError

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding about data.

    Args:
        where: ``file:line``, or the file or folder where no line can be named.
        rule: The short name of the rule that was broken, for example ``"orphan-i"``.
        severity: ``"error"``: the utterance cannot be used; ``"warning"``: it was repaired, look at it;
            ``"info"``: worth knowing.
        message: What is wrong, with the offending value, and what was expected.
        suggestion: One sentence that says what to do next; may be empty.

    Example:
        >>> print(Problem("seq.out:41", "tags-per-word", "error", "9 tags for 10 words; expected one tag per word",
        ...               "Look for a doubled space in seq.in line 41."))
        seq.out:41: 9 tags for 10 words; expected one tag per word. Look for a doubled space in seq.in line 41.
    """

    where: str
    rule: str
    severity: Severity
    message: str
    suggestion: str

    @classmethod
    def from_error(cls, error: DataError, rule: str, where: str) -> Problem:
        """The error as a problem of severity ``"error"`` at ``where``; the error's own place goes into the message."""
        what = error.what if error.where == where else f"{error.where} {error.what}"
        message = f"{what}; expected {error.expected}" if error.expected else what
        return cls(where, rule, "error", message, error.next_step or "")

    def to_error(self) -> DataError:
        """A DataError that reads like this problem."""
        return DataError(self.where, self.message, None, self.suggestion or None)

    def __str__(self) -> str:
        return str(self.to_error())


Report = Callable[[Problem], None]
"""Called once for every problem that a reader or a check finds."""
