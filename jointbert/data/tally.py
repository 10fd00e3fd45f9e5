"""Tally: the report of a reader that nobody else listens to."""

from __future__ import annotations

import logging
from pathlib import Path

from jointbert.data.problem import Problem

_logger = logging.getLogger("jointbert.data")

_PLACES = 5
"""How many places of a rule a line of the log names."""


class Tally:
    """A report that raises the first error and sums up the rest in a few lines of the log.

    Args:
        path: What is read.
        rewritten: Whether it is read to be written elsewhere. What the reader skips (its infos) would be lost there
            in silence, so that each rule's are a warning; otherwise each is logged as it is.

    Example:
        >>> tally = Tally(Path("nlu.yml"))
        >>> tally(Problem("nlu.yml:4", "no-dash", "error", "the example 'hi' has no dash", "Add it."))
        Traceback (most recent call last):
        jointbert.errors.DataError: nlu.yml:4: the example 'hi' has no dash. Add it.
    """

    def __init__(self, path: Path, rewritten: bool = False) -> None:
        self._path = path
        self._rewritten = rewritten
        self._warnings: dict[str, list[Problem]] = {}
        self._skipped: dict[str, list[Problem]] = {}

    def __call__(self, problem: Problem) -> None:
        if problem.severity == "error":
            raise problem.to_error()
        if problem.severity == "warning":
            self._warnings.setdefault(problem.rule, []).append(problem)
        elif self._rewritten:
            self._skipped.setdefault(problem.rule, []).append(problem)
        else:
            _logger.info("%s", problem)

    def log(self) -> None:
        """Log what was found: all warnings in one line, and each rule by which something was left out in another."""
        if self._warnings:
            by_count = sorted(self._warnings.items(), key=lambda item: -len(item[1]))
            counts = ", ".join(f"{rule} {len(found)}" for rule, found in by_count)
            total = sum(map(len, self._warnings.values()))
            first = next(iter(self._warnings.values()))[0]
            _logger.warning("%s: %d warnings (%s). The first: %s", self._path, total, counts, first)
        for rule, found in self._skipped.items():
            places = ", ".join(problem.where for problem in found[:_PLACES])
            more = f" and {len(found) - _PLACES} more" if len(found) > _PLACES else ""
            message = "%s: %d left out (%s: %s%s). The first: %s."
            _logger.warning(message, self._path, len(found), rule, places, more, found[0].message)
