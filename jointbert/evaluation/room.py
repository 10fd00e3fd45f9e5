"""The table that a terminal has the room for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions
    from rich.table import Table

ENDLESS = 100_000
"""More columns than any table needs."""


@dataclass(frozen=True, slots=True)
class Fitting:
    """A table for any terminal: the wide one where it fits uncut, else the narrow one.

    Args:
        wide: With all there is to show.
        narrow: With what matters most.
    """

    wide: Table
    narrow: Table

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Table]:
        """What rich prints."""
        needed = console.measure(self.wide, options=options.update(max_width=ENDLESS)).maximum
        yield self.wide if needed <= options.max_width else self.narrow
