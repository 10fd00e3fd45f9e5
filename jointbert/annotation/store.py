"""Store: where projects live, in a SQLite file or a PostgreSQL database."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

from jointbert.annotation import projects
from jointbert.annotation.engine import build_engine, parse_where
from jointbert.annotation.label import Schema
from jointbert.annotation.migrate import migrate
from jointbert.annotation.project import Project
from jointbert.annotation.schema import add_missing
from jointbert.annotation.transactions import Transactions, said_plainly
from jointbert.annotation.views import ProjectInfo
from jointbert.errors import StoreError


class Store:
    """A store that is open. Any number of threads and processes may use it at once.

    Example:
        >>> from jointbert.utterance import Span, Utterance
        >>> store = Store.open("annotation.db")
        >>> project = store.create_project("flights", who="ann")
        >>> text = "fly to Boston"
        >>> project.add([Utterance(text, "book", (Span.of(text, "city", 7, 13),)), Utterance("hello")], "ann")
        Added(new=2, known=0, answers=1, left_out=0)
        >>> project.next("ann").text
        'hello'
        >>> store.close()
    """

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    @classmethod
    def open(cls, where: str | Path) -> Store:
        """The store at a path or a URL; a new file is made, and tables of an older version are brought up to date.

        Args:
            where: A path, or ``postgresql://user@host/database``.

        Raises:
            StoreError: There is something else, it cannot be opened, or a newer version of this package made it.
            MissingExtraError: It is on PostgreSQL, and the part for it is not installed.
        """
        url = parse_where(where)
        shown = (url.database or "") if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)
        if url.get_backend_name() == "sqlite":
            _make_folder(Path(shown).parent)
        engine = build_engine(url)
        try:
            with said_plainly(shown):
                migrate(engine.execution_options(immediate=True), shown)
        except BaseException:
            engine.dispose()
            raise
        return cls(Transactions(engine, shown))

    @property
    def where(self) -> str:
        """The path or the URL (without its password)."""
        return self._transactions.where

    def projects(self) -> list[ProjectInfo]:
        """All projects, the oldest first."""
        with self._transactions.reading() as session:
            return projects.infos(session)

    def create_project(
        self, name: str, language: str = "en", guidelines: str = "", schema: Schema | None = None, who: str = ""
    ) -> Project:
        """A new project.

        Args:
            name: Its name; no other project of the store has it.
            language: ``"en"`` or ``"zh"``.
            guidelines: What annotators shall do, in plain words.
            schema: The labels it starts with.
            who: Who makes it.

        Raises:
            StoreError: The name is taken or cannot be one, or the language is unknown.
        """
        with self._transactions.writing() as session:
            id = projects.create(session, name, language, guidelines, who)
            add_missing(session, id, schema or Schema())
        return Project(self._transactions, id)

    def project(self, project_id: int) -> Project:
        """The project of that number.

        Raises:
            StoreError: There is none.
        """
        with self._transactions.reading() as session:
            projects.record(session, project_id)
        return Project(self._transactions, project_id)

    def close(self) -> None:
        """Close all connections."""
        self._transactions.engine.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        advice = "Check the path and its permissions."
        raise StoreError(str(folder), f"the folder cannot be made ({error.strerror})", None, advice) from None
