"""The part of a project's handle that deals with models' suggestions, the queue, review, and changes of labels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from jointbert.annotation import items, label_errors, out_of_fold, queue, ranks, relabel, review, suggestions
from jointbert.annotation.agreement import agreement
from jointbert.annotation.label import Kind
from jointbert.annotation.out_of_fold import TakenIn
from jointbert.annotation.run import Run
from jointbert.annotation.successor import successor
from jointbert.annotation.transactions import Transactions
from jointbert.annotation.views import Agreement, Answer, Conflict, Item, LabelError, SuggestionKind
from jointbert.utterance import Parse, Span


class Curation:
    """What :class:`~jointbert.annotation.project.Project` inherits; use it through that."""

    def __init__(self, transactions: Transactions, project_id: int) -> None:
        self.id = project_id
        self._transactions = transactions
        self._reading = transactions.reading
        self._writing = transactions.writing

    # --- labels, everywhere at once -----------------------------------------------------------------------------------

    def rename_label(self, kind: Kind, old: str, new: str, who: str) -> int:
        """Give a label another name, in the schema and in every answer, decision and suggestion; one event.

        Returns:
            How many answers and decisions changed.

        Raises:
            StoreError: There is no such label, there is one of the new name, or the new name cannot be one.
        """
        with self._writing() as session:
            return relabel.rename_label(session, self.id, kind, old, new, who)

    def merge_labels(self, kind: Kind, old: str, into: str, who: str) -> int:
        """Use ``into`` wherever ``old`` stands, and drop ``old``; one event. Spans side by side remain two.

        Returns:
            How many answers and decisions changed.

        Raises:
            StoreError: One of the two is not in the schema, or they are the same.
        """
        with self._writing() as session:
            return relabel.merge_labels(session, self.id, kind, old, into, who)

    def successor(self, kind: Kind, name: str) -> str | None:
        """What a label that was renamed or merged is called now; None where it is gone, or that cannot be told."""
        with self._reading() as session:
            return successor(session, self.id, kind, name)

    # --- the queue ----------------------------------------------------------------------------------------------------

    def next(self, annotator: str, order: str = "plain", after: int | None = None) -> Item | None:
        """The next utterance without a finished answer by this annotator; None when all are done.

        Args:
            annotator: Whose queue it is.
            order: A key of ORDERS, which says what each does. The first call with "diversity" computes that order and
                takes a while for many utterances; so does the first one after many were added.
            after: The number of the utterance just shown; the queue goes on behind it, and over the end to the start.

        Raises:
            StoreError: There is no such order.
        """
        queue.check_order(order)
        if order == "diversity":
            self.rank_diversity()
        with self._reading() as session:
            found = queue.next_id(session, self.id, annotator, order, after)
            return None if found is None else items.item(session, self.id, found, annotator)

    def rank_diversity(self) -> bool:
        """Compute the order "diversity" if it was not yet, or if more than 2 % of the utterances came since.

        Returns:
            Whether it had to be computed: some seconds for 50,000 utterances. The store stays free meanwhile.
        """
        with self._reading() as session:
            if not ranks.unranked(session, self.id):
                return False
            texts = ranks.texts_to_rank(session, self.id)
        places = ranks.covering_ranks(texts)
        with self._writing() as session:
            ranks.write_diversity(session, places)
        return True

    # --- suggestions --------------------------------------------------------------------------------------------------

    def suggest(
        self,
        parser: suggestions.Parser,
        model: str,
        version: str,
        kind: SuggestionKind = "model",
        ids: Iterable[int] | None = None,
        on_progress: suggestions.Moved | None = None,
        since: datetime | None = None,
    ) -> int:
        """Let a model suggest; what it said of an utterance before is replaced.

        Args:
            parser: An NLU, or anything with its ``parse_many``.
            model: The model's name or folder.
            version: Which one of that name.
            kind: ``"model"``, or ``"out_of_fold"`` for models that never saw the utterances.
            ids: The utterances; None for all.
            on_progress: Called with how many are done and of how many. What is done by then is kept.
            since: When what the parser was trained on was read: labels that were renamed or merged after it go by
                their present names.

        Returns:
            How many utterances got a suggestion.

        Raises:
            StoreError: An utterance is not in the project, or the parser gives other than one parse for each text.
        """
        return suggestions.suggest(self._transactions, self.id, parser, model, version, kind, ids, on_progress, since)

    def add_suggestions(
        self, pairs: Iterable[tuple[int, Parse]], model: str, version: str, kind: SuggestionKind = "model"
    ) -> int:
        """Keep parses as suggestions, all or none; see :meth:`suggest`. Of several for one utterance the last counts.

        Args:
            pairs: Utterances' numbers, each with the parse of its text.
            model: The model's name or folder.
            version: Which one of that name.
            kind: ``"model"`` or ``"out_of_fold"``.

        Raises:
            StoreError: A number is not in the project, or a parse is of another text.
        """
        parses = dict(pairs)
        with self._writing() as session:
            done = suggestions.store(session, self.id, parses, model, version, kind)
            suggestions.rank(session, self.id, kind)
        return done

    def take_in_out_of_fold(self, name: str, content: bytes, who: str) -> TakenIn:
        """Keep the out-of-fold parses of an uploaded file as suggestions of the kind ``"out_of_fold"``, all or none.

        An utterance is found by its text, which no project has twice. What an earlier cross-validation said of it,
        the app's own or another upload's, is replaced; :meth:`label_errors` goes by these from now on.

        Args:
            name: The name the file was uploaded under; it never becomes a path.
            content: Its bytes: the ``out_of_fold.jsonl`` that ``jointbert cv`` wrote.
            who: Who takes them in.

        Returns:
            How many utterances got a suggestion, and how many lines were of none.

        Raises:
            DataError: The file is too large, not UTF-8 or empty, or a line of it is not what ``jointbert cv`` writes.
            StoreError: None of its texts is in the project, or a parse says a label that the project does not have.
        """
        items = out_of_fold.read_upload(name, content)
        with self._writing() as session:
            return out_of_fold.take_in(session, self.id, items, name, out_of_fold.version_of(content), who)

    def take_in_run(self, run: Run) -> TakenIn:
        """Keep what the models of a finished cross-validation say as suggestions of the kind ``"out_of_fold"``.

        It speaks of labels as they were when the run began: what was renamed or merged since goes by its present name,
        and what says a label that is gone is left out.

        Args:
            run: A cross-validation of this project.

        Returns:
            How many utterances got a suggestion, and how many parses were left out.

        Raises:
            StoreError: It is another run.
        """
        pairs = run.suggestions()
        with self._writing() as session:
            return out_of_fold.take_in_run(session, self.id, run, pairs)

    def suggested_at(self, kind: SuggestionKind = "model") -> datetime | None:
        """When a suggestion of a kind last came in (UTC); None where none has."""
        with self._reading() as session:
            return suggestions.newest(session, self.id, kind)

    def suggested_by(self) -> str:
        """The model whose suggestion came in last: its are what annotators find filled in. "" where none has any.

        Not always ``info().model``: taking back the choice of a model leaves the suggestions as they are.
        """
        with self._reading() as session:
            return suggestions.newest_model(session, self.id)

    # --- review -------------------------------------------------------------------------------------------------------

    def conflicts(self, limit: int = 50, offset: int = 0, decided: bool = False) -> list[Conflict]:
        """Utterances whose accepted answers differ in intent or spans, from each other or from the decision, by number.

        Args:
            limit: At most so many.
            offset: How many to leave out first.
            decided: False gives those that wait: without a decision, or with an answer accepted since that says
                something else (the decision counts meanwhile). True gives the others that a decision overrules.
        """
        with self._reading() as session:
            return review.conflicts(session, self.id, limit, offset, decided)

    def decision(self, utterance_id: int) -> Answer | None:
        """What was decided about an utterance, as an accepted answer of who decided; None where nothing was."""
        with self._reading() as session:
            return review.decision(session, self.id, utterance_id)

    def decide(
        self,
        utterance_id: int,
        who: str,
        intent: str | None = None,
        spans: Sequence[Span] = (),
        version: int = 0,
        seen: Sequence[Answer] | None = None,
    ) -> Answer:
        """Decide what is right for an utterance; it counts before all answers, also later ones, until decided anew.

        Args:
            utterance_id: The utterance's number.
            who: Who decides.
            intent: The intent's name, or None.
            spans: The slots; their order does not matter.
            version: The version of the decision that was shown; 0 when none was.
            seen: The accepted answers that were shown; None decides whatever they are.

        Returns:
            The decision, as an accepted answer of ``who``.

        Raises:
            EditConflictError: The decision has another version by now, or the accepted answers say something else than
                those seen; ``theirs`` is the present decision.
            StoreError: A label is not in the schema, or the spans do not fit or overlap.
        """
        with self._writing() as session:
            return review.decide(session, self.id, utterance_id, who, intent, spans, version, seen)

    def agreement(self) -> list[Agreement]:
        """How well each two annotators agree who accepted an utterance in common, sorted by their names."""
        with self._reading() as session:
            return agreement(session, self.id)

    def label_errors(self, limit: int = 50) -> list[LabelError]:
        """Labels that models doubt which never saw them, the most suspicious first; what was decided is left out."""
        with self._reading() as session:
            return label_errors.label_errors(session, self.id, limit)
