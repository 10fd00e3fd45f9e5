"""Labels: the names a model knows and their ids, kept in one place and saved beside the weights."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from jointbert.errors import DataError, ModelError
from jointbert.tags import OUTSIDE
from jointbert.utterance import Utterance


@dataclass(frozen=True)
class LabelSet:
    """An ordered set of names; a name's id is its place.

    Args:
        kind: What the names are, for error messages: ``"intent"``, ``"slot"`` or ``"tag"``.
        names: The names in the order of their ids, without repetition.

    Raises:
        DataError: A name is blank or appears twice.

    Example:
        >>> LabelSet("intent", ("book", "cancel")).id("cancel")
        1
    """

    kind: str
    names: tuple[str, ...]
    _ids: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        ids = {name: index for index, name in enumerate(self.names)}
        if len(ids) != len(self.names) or any(not name.strip() for name in ids):
            raise DataError(f"{self.kind} labels", f"{self.names!r} repeat or are blank", "distinct names", "")
        object.__setattr__(self, "_ids", ids)

    def __len__(self) -> int:
        return len(self.names)

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __contains__(self, name: object) -> bool:
        return name in self._ids

    def __getitem__(self, index: int) -> str:
        return self.names[index]

    def id(self, name: str, where: str | None = None) -> int:
        """The id of a name.

        Raises:
            DataError: The name is unknown; the nearest known one is suggested.
        """
        try:
            return self._ids[name]
        except KeyError:
            near = difflib.get_close_matches(name, self.names, n=1)
            hint = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(self.names[:10])}."
            raise DataError(
                where or self.kind, f"{self.kind} {name!r} is not known", f"one of {len(self)} names", hint
            ) from None


@dataclass(frozen=True)
class Labels:
    """All a model can say: its intents and its slots; either may be absent, and its head is then absent too.

    Args:
        intents: The intents, or None for data without intents.
        slots: The slots, or None for data without slots.

    Raises:
        DataError: Both are absent.

    Example:
        >>> labels = Labels.from_utterances([Utterance("hi", "greet")])
        >>> labels.intents.names, labels.slots
        (('greet',), None)
        >>> Labels(None, LabelSet("slot", ("city",))).tags.names
        ('O', 'B-city', 'I-city')
    """

    intents: LabelSet | None
    slots: LabelSet | None

    def __post_init__(self) -> None:
        if self.intents is None and self.slots is None:
            raise DataError(
                "labels", "the data has neither intents nor slots", "at least one of them", "Label some utterances."
            )

    @classmethod
    def from_utterances(cls, utterances: Iterable[Utterance]) -> Labels:
        """The labels that occur in the utterances, in alphabetical order."""
        intents: set[str] = set()
        slots: set[str] = set()
        for utterance in utterances:
            if utterance.intent is not None:
                intents.add(utterance.intent)
            slots.update(span.slot for span in utterance.spans)
        return cls(
            LabelSet("intent", tuple(sorted(intents))) if intents else None,
            LabelSet("slot", tuple(sorted(slots))) if slots else None,
        )

    @cached_property
    def tags(self) -> LabelSet | None:
        """``O``, then ``B-`` and ``I-`` of each slot; None without slots."""
        if self.slots is None:
            return None
        names = [OUTSIDE, *(f"{prefix}-{slot}" for slot in self.slots for prefix in "BI")]
        return LabelSet("tag", tuple(names))

    def save(self, path: Path) -> None:
        """Write the names as JSON: ``{"intents": [...] | null, "slots": [...] | null}``."""
        content = {
            "intents": None if self.intents is None else list(self.intents),
            "slots": None if self.slots is None else list(self.slots),
        }
        path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Labels:
        """The labels of a model folder's ``labels.json``.

        Raises:
            ModelError: The file is missing or is not what :meth:`save` writes.
        """
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            return cls(_label_set("intent", content["intents"]), _label_set("slot", content["slots"]))
        except (OSError, ValueError, KeyError, TypeError, AttributeError, DataError) as error:
            raise ModelError(
                str(path),
                f"cannot be read as labels ({type(error).__name__}: {error})",
                'a JSON object with "intents" and "slots"',
                "Copy the whole model folder again, or train anew.",
            ) from error


def _label_set(kind: str, names: object) -> LabelSet | None:
    """The set that JSON spells as a list of names, or None for null."""
    if names is None:
        return None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise TypeError(f"{kind}s are no list of names")
    return LabelSet(kind, tuple(names))
