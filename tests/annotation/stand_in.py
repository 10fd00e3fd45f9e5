"""A project that lives in memory, for what only reads gold utterances."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from jointbert.annotation.views import ProjectInfo
from jointbert.utterance import Span, Utterance


def calls(count: int) -> list[Utterance]:
    """Utterances of two intents, half of them with a slot; every text is another one."""
    made = []
    for number in range(count):
        name = f"{('Ann', 'Bob', 'Eve', 'Joe')[number % 4]}{number}"
        if number % 2:
            text = f"please call {name} now"
            made.append(Utterance(text, "call", (Span.of(text, "name", 12, 12 + len(name)),)))
        else:
            made.append(Utterance(f"read my mail number {number}", "mail"))
    return made


class StandIn:
    """A project with gold utterances.

    Args:
        id: Its number.
        language: ``en`` or ``zh``.
        splits: Split -> its gold utterances; they get ids, and texts that differ between splits.
    """

    def __init__(self, id: int = 1, language: str = "en", **splits: Iterable[Utterance]) -> None:
        self.id = id
        self.made = datetime(2026, 1, 1, 12, tzinfo=UTC)
        self._language = language
        self._gold: dict[str, list[Utterance]] = {}
        number = 0
        for name, utterances in splits.items():
            self._gold[name] = []
            for utterance in utterances:
                number += 1
                text = f"{utterance.text} {name}"
                self._gold[name].append(replace(utterance, text=text, id=str(number), where=f"utterance {number}"))

    def info(self) -> ProjectInfo:
        """The project at a glance."""
        size = len(self.labelled())
        return ProjectInfo(self.id, "stand-in", self._language, "", None, self.made, size, size)

    def labelled(self, split: str | None = None) -> list[Utterance]:
        """The gold utterances, of one split or all."""
        return [item for name, gold in self._gold.items() if split in (None, name) for item in gold]
