"""The sign beside a number that was aimed at."""

from __future__ import annotations


def mark(reached: bool) -> str:
    """Whether it was reached, as a sign."""
    return "✓" if reached else "✗"
