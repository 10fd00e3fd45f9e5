"""The utterance on an annotator's desk: how it begins, what becomes of it, and which one comes next.

Nothing here draws: the page Annotate does. Every change is saved as a draft at once, so that nothing is lost when the
page is left; a finished answer moves on to the next utterance.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Literal, NamedTuple

from jointbert import EditConflictError, Span
from jointbert.annotation import ORDERS, Answer, Item, Progress, Project, Schema, undoable

Action = Literal["accept", "reject", "skip", "draft", "undo", "next", "previous"]
STATUS = {"accept": "accepted", "reject": "rejected", "skip": "skipped", "draft": "draft"}
FRESH = 15.0


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

    def same(self, other: Work) -> bool:
        """Whether both say the same; how sure a model was of a span does not count."""
        return (self.intent, _places(self.spans), self.note) == (other.intent, _places(other.spans), other.note)


class Clash(NamedTuple):
    """An answer that could not be saved, because another one was saved in between.

    Args:
        mine: What was on the page.
        status: What it was to be saved as.
        theirs: The answer that stands now.
    """

    mine: Work
    status: str
    theirs: Answer


@dataclass
class Sheet:
    """One annotator's place in one project.

    Args:
        project: The project.
        who: The annotator.
        order: In which order utterances come, one of ORDERS.

    Attributes:
        schema: The labels to choose from, at most 15 seconds old when an utterance is laid out.
        item: The utterance on the page, or None when all are done.
        laid: What stood on the page when it was laid out.
        saved: What was saved last; the same as ``laid`` while nothing was.
        suggested: Whether ``laid`` was filled in by a model.
        progress: How far this annotator is.
        revision: Grows with each utterance that is laid out.
        clash: What stands between two answers, or None.
        notice: What to tell the annotator, in our own words.
        taken_back: What an undo took back; holds user text.
        unknown: The suggested labels that the project does not know.
    """

    project: Project
    who: str
    order: str = next(iter(ORDERS))
    schema: Schema = field(default_factory=Schema)
    item: Item | None = None
    laid: Work = field(default_factory=Work)
    saved: Work = field(default_factory=Work)
    suggested: bool = False
    progress: Progress | None = None
    revision: int = 0
    clash: Clash | None = None
    notice: str = ""
    taken_back: str = ""
    unknown: tuple[str, ...] = ()
    _visited: list[int] = field(default_factory=list)
    _acted: list[int] = field(default_factory=list)
    _schema_at: float = float("-inf")

    def refresh(self) -> None:
        """Reads everything anew, as when the page is opened."""
        self._schema_at = float("-inf")
        self.progress = self.project.progress(self.who)
        if self.clash is not None:
            return
        if self.item is None:
            self._lay(self.project.next(self.who, self.order))
        else:
            self._lay(self.project.item(self.item.id, self.who))

    def go(self, utterance_id: int) -> None:
        """Lays an utterance out, unless two answers wait to be settled; the one before stays reachable by "previous".

        Raises:
            StoreError: The project holds no such utterance.
        """
        found = self.project.item(utterance_id, self.who)
        if self.clash is not None:
            return
        if self.item is not None and self.item.id != utterance_id:
            self._visited.append(self.item.id)
        self._lay(found)

    def reorder(self, order: str) -> None:
        """Goes on in another order, from its first utterance."""
        self.order = order
        self._forward(self.project.next(self.who, order))

    def act(self, action: Action, work: Work) -> None:
        """Does what a button or a key asks for.

        Args:
            action: What to do.
            work: What is on the page.

        Raises:
            StoreError: The answer does not fit the project; nothing was saved.
        """
        self.notice = self.taken_back = ""
        if action == "undo":
            self._undo()
        elif action == "previous":
            self.keep(work)
            self._back()
        elif action == "next":
            self.keep(work)
            self._next()
        else:
            self._answer(action, work)

    def keep(self, work: Work) -> bool:
        """Saves what is on the page as a draft, if it was changed.

        Returns:
            Whether there was anything to save.
        """
        if self.item is None or self.clash is not None or work.same(self.saved):
            return False
        self._save("draft", work)
        return True

    def keep_typed(self, intent: str | None, note: str) -> bool:
        """Like :meth:`keep`, for the fields beside the slots."""
        return self.keep(self.saved._replace(intent=intent, note=note))

    def settle(self, mine: bool) -> None:
        """Ends a clash: with this page's answer, or with the one that stands."""
        clash, self.clash = self.clash, None
        if clash is None or self.item is None:
            return
        self.item = self.project.item(self.item.id, self.who)
        if mine and not self._save(clash.status, clash.mine):
            return
        if mine and clash.status != "draft":
            self._next()
        else:
            self._lay(self.item)

    @property
    def can_go_back(self) -> bool:
        """Whether there is an utterance before this one."""
        return bool(self._visited)

    def _answer(self, action: Action, work: Work) -> None:
        if self.item is None:
            return
        if action == "accept" and work.intent is None and self.schema.intents:
            self.notice = "Choose an intent first. If the utterance is no good, reject it."
            return
        if action in ("reject", "skip") and self.item.answer is None and work.same(self.laid):
            work = Work()
        if self._save(STATUS[action], work):
            self._next()

    def _save(self, status: str, work: Work) -> bool:
        """Whether it was saved; if another answer stands in the way, there is a clash now."""
        assert self.item is not None
        version = self.item.answer.version if self.item.answer is not None else 0
        try:
            answer = self.project.answer(
                self.item.id, self.who, status, work.intent, work.spans, version=version, note=work.note
            )
        except EditConflictError as error:
            if isinstance(error.theirs, Answer):
                self.clash = Clash(work, status, error.theirs)
                return False
            answer = self.project.answer(self.item.id, self.who, status, work.intent, work.spans, note=work.note)
        self._acted.append(self.item.id)
        self.item = replace(self.item, answer=answer)
        self.saved = work
        if status != "draft":
            self.progress = self.project.progress(self.who)
        return True

    def _undo(self) -> None:
        last = undoable(self.project, self.who)
        if last is not None and last.action not in ("answer", "draft"):
            self.notice = "The last thing you did was no answer. The page Data can take it back, under History."
            return
        event = self.project.undo(self.who)
        if event is None:
            self.notice = "There is nothing to take back."
            return
        self.taken_back = event.about
        self.progress = self.project.progress(self.who)
        if self._acted and any(one.id == event.id for one in self.project.events(1, self.who, self._acted[-1])):
            self.go(self._acted.pop())
        elif self.item is not None:
            self._lay(self.project.item(self.item.id, self.who))

    def _next(self) -> None:
        here = self.item.id if self.item is not None else None
        found = self.project.next(self.who, self.order, after=here)
        if found is None and here is not None:
            found = self.project.next(self.who, self.order)
        self._forward(found)

    def _forward(self, found: Item | None) -> None:
        if self.item is not None and (found is None or found.id != self.item.id):
            self._visited.append(self.item.id)
        self._lay(found)

    def _back(self) -> None:
        if self._visited:
            self._lay(self.project.item(self._visited.pop(), self.who))

    def _lay(self, item: Item | None) -> None:
        if monotonic() - self._schema_at > FRESH:
            self.schema, self._schema_at = self.project.schema(), monotonic()
        self.item, self.clash = item, None
        self.laid, self.unknown = _begin(item, self.schema)
        self.saved = self.laid
        self.suggested = item is not None and item.answer is None and item.suggestion is not None
        self.revision += 1


def _begin(item: Item | None, schema: Schema) -> tuple[Work, tuple[str, ...]]:
    """What stands on the page at first, and the suggested labels that the project does not know."""
    if item is None:
        return Work(), ()
    if item.answer is not None:
        return Work(item.answer.intent, item.answer.spans, item.answer.note), ()
    if item.suggestion is None:
        return Work(), ()
    intents, slots = set(schema.intent_names), set(schema.slot_names)
    intent, spans = item.suggestion.intent, item.suggestion.spans
    unknown = sorted({span.slot for span in spans} - slots)
    if intent is not None and intent not in intents:
        unknown.insert(0, intent)
    known = tuple(span for span in spans if span.slot in slots)
    return Work(intent if intent in intents else None, known), tuple(unknown)


def _places(spans: tuple[Span, ...]) -> list[tuple[int, int, str]]:
    return sorted((span.start, span.end, span.slot) for span in spans)
