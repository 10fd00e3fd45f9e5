"""A slice of a stream of lines that is kept out of training, of bounded size and from all over the stream."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


class HeldOut:
    """Keeps every n-th line apart, and every 2n-th, 4n-th … once more has come together than is wanted.

    Args:
        every: Of so many lines with something in them, one is kept apart.
        most: So many characters are kept at most (a single line may be longer).

    Example:
        >>> held = HeldOut(every=3)
        >>> list(held.sift("a b c d e f g".split())), held.lines
        (['a', 'b', 'd', 'e', 'g'], ['c', 'f'])
    """

    def __init__(self, every: int, most: int = 1_000_000) -> None:
        self.lines: list[str] = []
        self._every, self._most, self._size = every, most, 0

    def sift(self, lines: Iterable[str]) -> Iterator[str]:
        """The lines to learn from, blank ones left out; :attr:`lines` holds the others when all are read."""
        number = 0
        for line in lines:
            if not line or line.isspace():
                continue
            number += 1
            if number % self._every:
                yield line
                continue
            self.lines.append(line)
            self._size += len(line)
            while self._size > self._most and len(self.lines) > 1:
                yield from self._thin()

    def _thin(self) -> list[str]:
        """Keep every second line only; the lines given up."""
        given_up, self.lines = self.lines[::2], self.lines[1::2]
        self._size = sum(map(len, self.lines))
        self._every *= 2
        return given_up
