"""Transactions: short, one per call; what the database says becomes an error that people can read."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from jointbert.errors import EditConflictError, StoreError, first_line

_ADVICE = {
    "locked": "Another process has been writing for long: try again.",
    "readonly": "Check the permissions of the file and of its folder.",
    "permission": "Check the permissions of the file and of its folder, or of the database's user.",
    "unable to open": "Check the path and its permissions.",
    "not a database": "It is some other file: name another one.",
    "malformed": "The file is damaged: take the last copy of it.",
    "full": "Make room on the disk; nothing of this step was kept.",
}
_NO_PRIVILEGE = "42501"


class Transactions:
    """Makes the transactions of one store; used by any number of threads.

    Args:
        engine: The store's engine.
        where: What the store is called in messages.
    """

    def __init__(self, engine: Engine, where: str) -> None:
        self.engine = engine
        self.where = where
        sqlite = engine.dialect.name == "sqlite"
        self._immediate = engine.execution_options(immediate=True)
        # A SQLite transaction sees one state anyway; PostgreSQL does so on this level only.
        self._snapshot = engine if sqlite else engine.execution_options(isolation_level="REPEATABLE READ")
        # SQLite's writers wait by polling; in one process a lock is fairer.
        self._turn: AbstractContextManager[object] = threading.RLock() if sqlite else nullcontext()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one state of the store and changes nothing."""
        with said_plainly(self.where), Session(self._snapshot, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session whose changes are kept, all of them, when the block ends without an error."""
        with (
            said_plainly(self.where),
            self._turn,
            Session(self._immediate, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session


@contextmanager
def said_plainly(where: str) -> Iterator[None]:
    """Turn what the database refuses into a StoreError; mistakes in our own SQL pass as they are.

    Raises:
        EditConflictError: A row was changed by somebody else in between.
        StoreError: The database cannot be reached, read or written.
    """
    try:
        yield
    except StaleDataError:
        advice = "Load it again and repeat the change."
        raise EditConflictError(where, "somebody else changed the same thing in between", None, advice) from None
    except NoConnection as error:
        raise StoreError(where, f"all connections are in use ({first_line(error)})", None, "Try again.") from error
    except DBAPIError as error:
        if not _is_outside(error):
            raise
        said = first_line(error.orig or error)
        advice = next((advice for sign, advice in _ADVICE.items() if sign in said), "Check that it can be reached.")
        raise StoreError(where, f"the database says: {said}", None, advice) from error


def _is_outside(error: DBAPIError) -> bool:
    """Whether the cause is the world (disk, network, permissions, a damaged file), not our SQL."""
    plain = isinstance(error, OperationalError) or type(error) is DatabaseError
    return plain or getattr(error.orig, "sqlstate", None) == _NO_PRIVILEGE
