"""What a form was opened with, so that nobody saves over what somebody else saved meanwhile without having seen it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

Value = TypeVar("Value")


@dataclass
class Opened(Generic[Value]):
    """A value that somebody is changing in a form.

    Args:
        base: What was stored when the form was opened, or saved from it last.
        shown: What of the store the form's user has been shown last.

    Example:
        >>> form = Opened("old", "old")
        >>> form.moved_on("Bob's", "mine"), form.show("Bob's"), form.show("Bob's")
        (True, False, True)
    """

    base: Value
    shown: Value

    def map(self, change: Callable[[Value], Value]) -> Opened[Value]:
        """The same for a value that goes by another name now."""
        return Opened(change(self.base), change(self.shown))

    def moved_on(self, stored: Value, mine: Value) -> bool:
        """Whether somebody else has saved something since, and not the same as stands in the form."""
        return stored not in (self.base, mine)

    def show(self, stored: Value) -> bool:
        """Whether this had been shown before; from now on it has."""
        known, self.shown = self.shown == stored, stored
        return known
