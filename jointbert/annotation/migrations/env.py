"""Alembic's way in: runs the revisions over the connection that `migrate.py` hands it, inside its transaction."""

from alembic import context

from jointbert.annotation.records import Record

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Record.metadata,
    version_table=context.config.attributes["version_table"],
)
context.run_migrations()
