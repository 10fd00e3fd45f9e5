"""Findings as a page needs them: rows cut to a bound, shares of bars and cells, dots of the diagram."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jointbert.evaluation.reliability import Held, Reliability
from jointbert.evaluation.reliability_view import KINDS
from jointbert.evaluation.score import LabelScores
from jointbert.report.findings import Matrix, SlotRow

MOST_ROWS = 150
"""Labels that a table lists."""

SIDE = 200
"""The side of a reliability diagram, in its own units."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the confusion matrix: how often, and its share of the row in whole percent."""

    count: int
    share: int
    right: bool


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a slot's bar: its kind, how many spans, and its share of the bar in percent."""

    kind: str
    count: int
    share: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One slot with the parts of its bar."""

    row: SlotRow
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Dot:
    """One bin of a reliability diagram, in the diagram's units, and what it stands for."""

    x: float
    y: float
    radius: float
    title: str


@dataclass(frozen=True, slots=True)
class Diagram:
    """The reliability of one kind of confidence: a set of dots for raw and for calibrated ones."""

    title: str
    lines: tuple[tuple[str, float, tuple[Dot, ...]], ...]


def cells(matrix: Matrix) -> tuple[tuple[str, tuple[Cell, ...]], ...]:
    """The rows of the matrix with their names.

    Example:
        >>> cells(Matrix(("a", "b"), ((3, 1), (0, 0)), 2))[0][1][1]
        Cell(count=1, share=25, right=False)
    """
    rows = []
    for place, (name, counts) in enumerate(zip(matrix.names, matrix.counts, strict=True)):
        total = sum(counts) or 1
        found = (Cell(count, round(100 * count / total), place == column) for column, count in enumerate(counts))
        rows.append((name, tuple(found)))
    return tuple(rows)


def bars(rows: Sequence[SlotRow]) -> tuple[Bar, ...]:
    """The first slots with their bars; a slot that is only predicted has no parts.

    Example:
        >>> [part.share for part in bars([SlotRow("city", 3, 0, 1, 0, 0, 0.8)])[0].parts]
        [75.0, 25.0]
    """
    found = []
    for row in rows[:MOST_ROWS]:
        counts = {"right": row.right, "boundary": row.boundary, "label": row.label, "missed": row.missed}
        parts = (Part(kind, count, round(100 * count / row.gold, 2)) for kind, count in counts.items() if count)
        found.append(Bar(row, tuple(parts)))
    return tuple(found)


def first_rows(rows: Sequence[LabelScores]) -> Sequence[LabelScores]:
    """The rows that a table lists."""
    return rows[:MOST_ROWS]


def diagrams(held: Held) -> tuple[Diagram, ...]:
    """A diagram for each kind of confidence."""
    kinds = list(next(iter(held.values()), ()))
    return tuple(
        Diagram(KINDS[kind], tuple((name, found[kind].ece, _dots(found[kind])) for name, found in held.items()))
        for kind in kinds
    )


def _dots(found: Reliability) -> tuple[Dot, ...]:
    return tuple(
        Dot(
            round(SIDE * each.confidence, 1),
            round(SIDE * (1 - each.accuracy), 1),
            round(2 + 10 * (each.count / found.count) ** 0.5, 1),
            f"{each.count:,} at {100 * each.confidence:.1f} %: {100 * each.accuracy:.1f} % right",
        )
        for each in found.bins
    )
