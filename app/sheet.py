"""The utterance on an annotator's desk: how it begins, what becomes of it, and which one comes next.

Nothing here draws: the page Annotate does. Every change is saved as a draft at once, so that nothing is lost when the
page is left; a finished answer moves on to the next utterance.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Literal, NamedTuple

from jointbert import EditConflictError, StoreError
from jointbert.annotation import ORDERS, Answer, Item, Progress, Project, Schema, undoable
from work import Work, begin, follow

Action = Literal["accept", "reject", "skip", "draft", "undo", "next", "previous"]
STATUS = {"accept": "accepted", "reject": "rejected", "skip": "skipped", "draft": "draft"}
FRESH = 15.0


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
        renamed: Labels that were renamed while they stood on the page, each with its name of now.
        gone: Labels that were removed while they stood on the page, and so left out.
        decided: What was decided about the utterance in review, or None.
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
    renamed: tuple[tuple[str, str], ...] = ()
    gone: tuple[str, ...] = ()
    decided: Answer | None = None
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
        """Goes on in another order, from its first utterance; while two answers wait to be settled, after them."""
        self.order = order
        if self.clash is None:
            self._forward(self.project.next(self.who, order))

    def act(self, action: Action, work: Work) -> None:
        """Does what a button or a key asks for, unless two answers wait to be settled.

        Args:
            action: What to do.
            work: What is on the page.

        Raises:
            StoreError: The answer does not fit the project; nothing was saved.
        """
        if self.clash is not None:
            return
        self._hush()
        if action in STATUS:
            self._answer(action, work)
            return
        fresh = self.keep(work)
        if self.clash is not None:
            return
        if action == "undo" and fresh:
            self.notice = "What you have just changed here is kept as a draft. Undo once more takes it back."
        elif action == "undo":
            self._undo()
        elif action == "previous":
            self._back()
        else:
            self._next()

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
        """Ends a clash: with this page's answer, or with the one that stands.

        Raises:
            StoreError: This page's answer does not fit the project; the clash stays.
        """
        clash = self.clash
        if clash is None or self.item is None:
            return
        self._hush()
        if not mine:
            self._lay(self.project.item(self.item.id, self.who))
            return
        self.item = replace(self.item, answer=clash.theirs)
        saved = self._save(clash.status, clash.mine)
        if self.clash is not None:
            return
        if saved and clash.status != "draft":
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
        """Whether it was saved as it was meant.

        If not, another answer stands in the way and there is a clash now; or a label of it is gone, and what is left
        was kept as a draft.
        """
        assert self.item is not None
        version = self.item.answer.version if self.item.answer is not None else 0
        try:
            answer = self.project.answer(
                self.item.id, self.who, status, work.intent, work.spans, version=version, note=work.note
            )
        except EditConflictError as error:
            return self._overtaken(error.theirs, status, work)
        except StoreError:
            if not self._catch_up(work):
                raise
            return self._save_the_rest(status, self.laid)
        self._acted.append(self.item.id)
        self.item = replace(self.item, answer=answer)
        self.saved, self.clash = work, None
        if status != "draft":
            self.progress = self.project.progress(self.who)
        return True

    def _overtaken(self, theirs: object, status: str, work: Work) -> bool:
        """Saves over what stands now if the page showed just that but for names of labels; else there is a clash."""
        assert self.item is not None
        shown = self.item.answer
        if isinstance(theirs, Answer):
            self._read_schema()
            if shown is None or shown.status != theirs.status or not self._said(shown).same(self._said(theirs)):
                self.clash = Clash(work, status, theirs)
                return False
        self.item = replace(self.item, answer=theirs if isinstance(theirs, Answer) else None)
        return self._save(status, work)

    def _said(self, answer: Answer) -> Work:
        return follow(Work.of(answer), self.project, self.schema).work

    def _catch_up(self, work: Work) -> bool:
        """Whether labels of it have other names now, or none: then it stands on the page under those of now."""
        assert self.item is not None
        self._read_schema()
        followed = follow(work, self.project, self.schema)
        if not followed.renamed and not followed.gone:
            return False
        self.item = replace(self.project.item(self.item.id, self.who), answer=self.item.answer)
        self.renamed, self.gone = followed.renamed, followed.gone
        self.laid, self.suggested = followed.work, False
        self.revision += 1
        return True

    def _save_the_rest(self, status: str, work: Work) -> bool:
        """Saves what is on the page under the names of now; as a draft where something that was accepted is gone."""
        if not self.gone or status != "accepted":
            return self._save(status, work)
        if self._save("draft", work):
            self.notice = "It was kept as a draft, not accepted. Look at what is left, then accept it."
        return False

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
        laid, unknown = begin(item, self.schema)
        if unknown or monotonic() - self._schema_at > FRESH:
            self._read_schema()
            laid, unknown = begin(item, self.schema)
        self.decided = self.project.decision(item.id) if item is not None and item.gold is not None else None
        self.item, self.clash = item, None
        self.laid = self.saved = laid
        self.unknown = unknown
        self.suggested = item is not None and item.answer is None and item.suggestion is not None
        self.revision += 1

    def _read_schema(self) -> None:
        self.schema, self._schema_at = self.project.schema(), monotonic()

    def _hush(self) -> None:
        """What was told is told no longer."""
        self.notice = self.taken_back = ""
        self.renamed, self.gone = (), ()
