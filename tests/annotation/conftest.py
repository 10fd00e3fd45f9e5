"""A store to test with, on SQLite and on PostgreSQL: the same tests run on both (databases.py has the latter)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from jointbert.annotation import Label, Project, Schema, Store


@pytest.fixture
def store(where: str) -> Iterator[Store]:
    """An empty store."""
    with Store.open(where) as opened:
        yield opened


SCHEMA = Schema(
    (Label("intent", "book"), Label("intent", "cancel")),
    (Label("slot", "city"), Label("slot", "date")),
)


@pytest.fixture
def project(store: Store) -> Project:
    """A project with two intents and two slots, without utterances."""
    return store.create_project("flights", schema=SCHEMA, who="ann")
