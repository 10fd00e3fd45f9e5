"""What is on the page for an utterance: how it begins, and how it goes on when somebody renames or removes a label."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from jointbert import Span
from jointbert.annotation import Answer, Item, Kind, Project, Schema


class Work(NamedTuple):
    """What is on the page for an utterance.

    Args:
        intent: The intent chosen, or None.
        spans: The slots marked.
        note: The remark.
    """

    intent: str | None = None
    spans: tuple[Span, ...] = ()
    note: str = ""

    @classmethod
    def of(cls, answer: Answer) -> Work:
        """What an answer says."""
        return cls(answer.intent, answer.spans, answer.note)

    def same(self, other: Work) -> bool:
        """Whether both say the same; how sure a model was of a span does not count."""
        return (self.intent, _places(self.spans), self.note) == (other.intent, _places(other.spans), other.note)


def begin(item: Item | None, schema: Schema) -> tuple[Work, tuple[str, ...]]:
    """What stands on the page at first, and the suggested labels that the project does not know."""
    if item is None:
        return Work(), ()
    if item.answer is not None:
        return Work.of(item.answer), ()
    if item.suggestion is None:
        return Work(), ()
    intents, slots = set(schema.intent_names), set(schema.slot_names)
    intent, spans = item.suggestion.intent, item.suggestion.spans
    unknown = sorted({span.slot for span in spans} - slots)
    if intent is not None and intent not in intents:
        unknown.insert(0, intent)
    known = tuple(span for span in spans if span.slot in slots)
    return Work(intent if intent in intents else None, known), tuple(unknown)


class Followed(NamedTuple):
    """Work under the names that its labels have by now.

    Args:
        work: The work; what stood under a label that is gone is left out.
        renamed: Each label that has another name now, with that name.
        gone: The labels that the project has no longer.
    """

    work: Work
    renamed: tuple[tuple[str, str], ...] = ()
    gone: tuple[str, ...] = ()


def follow(work: Work, project: Project, schema: Schema) -> Followed:
    """The work, whose labels may have been renamed, merged or removed since they were chosen.

    Args:
        work: What was chosen.
        project: The project, which tells what became of a label.
        schema: The project's labels as they are now.
    """
    intents = _now(project, "intent", {work.intent} - {None}, schema.intent_names)
    slots = _now(project, "slot", {span.slot for span in work.spans}, schema.slot_names)
    spans = tuple(
        replace(span, slot=slot) for span in work.spans if (slot := slots.get(span.slot, span.slot)) is not None
    )
    followed = work._replace(intent=intents.get(work.intent, work.intent), spans=spans)
    found = [*intents.items(), *slots.items()]
    renamed = tuple((old, new) for old, new in found if old is not None and new is not None)
    return Followed(followed, renamed, tuple(old for old, new in found if old is not None and new is None))


def _now(
    project: Project, kind: Kind, used: Iterable[str | None], known: Iterable[str]
) -> dict[str | None, str | None]:
    """What those labels are called now that the project has under the name no longer; None for one that is gone."""
    strange = sorted(name for name in set(used) - set(known) if name is not None)
    return {name: project.successor(kind, name) for name in strange}


def _places(spans: tuple[Span, ...]) -> list[tuple[int, int, str]]:
    return sorted((span.start, span.end, span.slot) for span in spans)
