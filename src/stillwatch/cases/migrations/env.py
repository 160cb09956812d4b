"""Alembic runs this for each command: on the connection it was given, in its transaction."""

from __future__ import annotations

from alembic import context

from stillwatch.cases.tables import Table

context.configure(
    connection=context.config.attributes["connection"], target_metadata=Table.metadata
)
with context.begin_transaction():
    context.run_migrations()
