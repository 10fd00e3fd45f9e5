"""Project: the handle through which people's work on one project is read and changed. Each call is one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from jointbert.annotation import answers, arrivals, events, gold, items, progress, projects, ranks, schema, transfer
from jointbert.annotation.curation import Curation
from jointbert.annotation.label import Kind, Label, Schema
from jointbert.annotation.undo import undo
from jointbert.annotation.utterances import ids_of_keys, key
from jointbert.annotation.views import Added, Answer, Event, Exported, Item, Progress, ProjectInfo
from jointbert.data.check import check_utterances
from jointbert.data.problem import Problem
from jointbert.data.registry import read
from jointbert.utterance import Span, Utterance


class Project(Curation):
    """A project of a store; made by :meth:`Store.project` and :meth:`Store.create_project`.

    Every method is one short transaction, raises StoreError when the project or what it is asked for does not exist,
    and may be called from any thread.

    Attributes:
        id: The project's number.
    """

    # --- the project itself and its labels ----------------------------------------------------------------------------

    def info(self) -> ProjectInfo:
        """The project in a few facts."""
        with self._reading() as session:
            return projects.info(session, self.id)

    def schema(self) -> Schema:
        """Its labels."""
        with self._reading() as session:
            return schema.schema(session, self.id)

    def edit(
        self, who: str, *, name: str | None = None, guidelines: str | None = None, model: str | None = None
    ) -> None:
        """Change what is given; an empty ``model`` takes the suggesting model away."""
        with self._writing() as session:
            projects.edit(session, self.id, who, name, guidelines, model)

    def save_label(self, label: Label, who: str) -> None:
        """Add a label, or change description, examples and colour of the one of its kind and name."""
        with self._writing() as session:
            schema.save_label(session, self.id, label, who)

    def remove_label(self, kind: Kind, name: str, who: str) -> None:
        """Remove a label.

        Raises:
            StoreError: An answer or a decision uses it, or there is none.
        """
        with self._writing() as session:
            schema.remove_label(session, self.id, kind, name, who)

    # --- utterances ---------------------------------------------------------------------------------------------------

    def add(self, utterances: Iterable[Utterance], who: str, split: str = "train", labelled: bool = True) -> Added:
        """Add utterances. A text that the project has already (character for character) is counted, not doubled.

        Args:
            utterances: What to add.
            who: Who adds them.
            split: The part of the data that new ones belong to.
            labelled: Whether an utterance with an intent or spans becomes an accepted answer of ``who``; labels that
                the schema lacks are added to it. An answer that ``who`` has finished already stays as it is; a
                draft gives way, and :meth:`undo` brings it back. Of several utterances with one text the first that has
                labels counts.

        Returns:
            How many were new, known and labelled, and how many labels were left out.
        """
        given = list(utterances)
        with self._writing() as session:
            return arrivals.add(session, self.id, given, who, split, labelled)

    def item(self, utterance_id: int, annotator: str) -> Item:
        """One utterance as an annotator sees it."""
        with self._reading() as session:
            return items.item(session, self.id, utterance_id, annotator)

    def number_of(self, text: str) -> int | None:
        """The number of the utterance with exactly this text, or None."""
        text_key = key(text)
        with self._reading() as session:
            projects.record(session, self.id)
            return ids_of_keys(session, self.id, [text_key]).get(text_key)

    def find(
        self,
        text: str = "",
        status: str | None = None,
        label: str | tuple[str, str] | None = None,
        split: str | None = None,
        annotator: str | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> list[Item]:
        """The utterances that meet all that is asked, in the order of their numbers.

        Args:
            text: A part of the text; upper and lower case are the same (on SQLite: of the letters A to Z).
            status: The status of an answer, or ``"untouched"``.
            label: The name of an intent or a slot in an answer (the same that has the status) or the decision; or a
                pair of kind and name.
            split: The part of the data.
            annotator: Only what this annotator has answered, as status and label say; None looks at everybody's
                answers and, for a label, at the decision.
            limit: At most so many.
            offset: How many to leave out first.
        """
        with self._reading() as session:
            wanted = items.Wanted(self.id, text, status, label, split, annotator)
            return items.find(session, self.id, wanted, annotator, limit, offset)

    def count(
        self,
        text: str = "",
        status: str | None = None,
        label: str | tuple[str, str] | None = None,
        split: str | None = None,
        annotator: str | None = None,
    ) -> int:
        """How many utterances :meth:`find` would find without a limit."""
        with self._reading() as session:
            return items.count(session, items.Wanted(self.id, text, status, label, split, annotator))

    # --- answers ------------------------------------------------------------------------------------------------------

    def answer(
        self,
        utterance_id: int,
        annotator: str,
        status: str,
        intent: str | None = None,
        spans: Sequence[Span] = (),
        version: int = 0,
        note: str = "",
    ) -> Answer:
        """Save an annotator's answer; when this returns, it outlives a crash.

        Args:
            utterance_id: The utterance's number.
            annotator: Whose answer it is.
            status: ``draft``, ``accepted``, ``rejected`` or ``skipped``.
            intent: The intent's name, or None.
            spans: The slots; their order does not matter, their confidences are dropped.
            version: The version of the answer that was shown; 0 when none was.
            note: A remark.

        Raises:
            EditConflictError: The answer has another version by now; ``theirs`` is the present one.
            StoreError: A label is not in the schema, or the spans do not fit or overlap.
        """
        with self._writing() as session:
            saved = answers.answer(session, self.id, utterance_id, annotator, status, intent, spans, version, note)
            ranks.refresh(session, self.id, [utterance_id])
            return saved

    def undo(self, who: str) -> Event | None:
        """Take back this person's latest answer, label edit, rename, merge, decision or edit of the project.

        Returns:
            The event that says so, or None when there is nothing (more) to take back.

        Raises:
            EditConflictError: What it changed has been changed since; nothing is taken back.
        """
        with self._writing() as session:
            event = undo(session, self.id, who)
            if event is not None:
                ranks.refresh_about(session, self.id, event.id)
            return event

    def events(self, limit: int = 50, who: str | None = None, utterance_id: int | None = None) -> list[Event]:
        """What was done, the newest first."""
        with self._reading() as session:
            return events.events(session, self.id, limit, who, utterance_id)

    def progress(self, annotator: str | None = None) -> Progress:
        """How far one annotator is, or all together."""
        with self._reading() as session:
            return progress.progress(session, self.id, annotator)

    def annotators(self) -> list[str]:
        """Everybody who has given an answer, sorted."""
        with self._reading() as session:
            return progress.annotators(session, self.id)

    # --- gold, in and out ---------------------------------------------------------------------------------------------

    def labelled(self, split: str | None = None) -> list[Utterance]:
        """Gold: the decision if there is one, else the accepted answers where all of them agree.

        Utterances in conflict, only drafted, rejected or skipped are left out. Each ``id`` is the utterance's number.
        """
        with self._reading() as session:
            return gold.labelled(session, self.id, split)

    def labelled_count(self) -> int:
        """How many utterances :meth:`labelled` gives; quicker than giving them."""
        with self._reading() as session:
            return gold.labelled_count(session, self.id)

    def label_counts(self) -> dict[str, Counter[str]]:
        """How often gold has each label: ``"intent"`` and ``"slot"`` -> name -> count."""
        with self._reading() as session:
            return gold.label_counts(session, self.id)

    def lengths(self) -> list[int]:
        """The number of characters of each text, labelled or not."""
        with self._reading() as session:
            return gold.lengths(session, self.id)

    def check(self) -> list[Problem]:
        """What the rules of ``jointbert data check`` find wrong with gold."""
        parts: dict[str, list[Utterance]] = {}
        with self._reading() as session:
            for split, utterance in gold.by_split(session, self.id):
                parts.setdefault(split, []).append(utterance)
        return check_utterances(parts) if parts else []

    def import_file(
        self, path: Path | str, who: str, format: str | None = None, split: str = "train", labelled: bool = True
    ) -> Added:
        """Add the utterances of a file or folder in any known format; see :meth:`add`.

        Raises:
            DataError: It cannot be read, or an utterance in it is wrong; nothing is added then.
        """
        return self.add(read(path, format), who, split, labelled)

    def export(self, path: Path | str, format: str | None = None, split: str | None = None) -> Exported:
        """Write gold to a file or folder, which appears whole or not at all.

        Args:
            path: The file or folder.
            format: A name in ``jointbert.data.FORMATS``, or None to take it from the suffix.
            split: Only this part of the data.

        Returns:
            How many were written, how many were left out and why, and what the format has no place for.

        Raises:
            DataError: The format is unknown, can carry none of them, or the path cannot be written.
        """
        with self._reading() as session:
            projects.record(session, self.id)
            kept, left_out = transfer.collect(session, self.id, split)
        return transfer.export(path, kept, left_out, format)
