"""What a user can choose about a check."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from jointbert.data.problem import Problem
from jointbert.errors import ConfigError
from jointbert.utterance import Utterance

Splits = Mapping[str, Sequence[Utterance]]
"""Name of a split -> its utterances."""


@dataclass(frozen=True, slots=True)
class Options:
    """Thresholds and choices of a check.

    Args:
        format: The format of every path; None to recognise it.
        encoder: A ``tokenizer.json``, a folder that holds one, or a hub id, to count unknown pieces with; or None.
        min_count: An intent with fewer training utterances is reported.
        max_chars: A text with more characters is reported.

    Raises:
        ConfigError: A threshold is not positive.
    """

    format: str | None = None
    encoder: str | None = None
    min_count: int = 5
    max_chars: int = 500

    def __post_init__(self) -> None:
        for name in ("min_count", "max_chars"):
            if (value := getattr(self, name)) < 1:
                raise ConfigError(name, f"is {value}", "a number from 1 on", "Choose a larger one.")


Rule = Callable[[Splits, Options], Iterator[Problem]]
"""A family of rules: finds problems in splits."""


def place(utterance: Utterance) -> str:
    """Where an utterance stands, for a finding."""
    return utterance.where or "utterance"


def listing(places: Sequence[str], most: int = 3) -> str:
    """The first places, and how many more there are.

    Example:
        >>> listing(["a:1", "a:2", "b:9", "b:10"])
        'a:1, a:2, b:9 and 1 more'
    """
    more = len(places) - most
    return ", ".join(places[:most]) + (f" and {more} more" if more > 0 else "")


def times(count: int) -> str:
    """How often, in words.

    Example:
        >>> times(1), times(3)
        ('once', '3 times')
    """
    return "once" if count == 1 else f"{count} times"


def quote(text: str, most: int = 120) -> str:
    """A text in quotation marks, its end left out when it is long.

    Example:
        >>> quote("go now"), quote("go now", most=2)
        ("'go now'", "'go'…")
    """
    return repr(text) if len(text) <= most else f"{text[:most]!r}…"
