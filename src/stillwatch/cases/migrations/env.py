"""Alembic runs this for each command: on the connection it was given, in its transaction."""

from __future__ import annotations

from alembic import context

from stillwatch.cases.tables import Table
from stillwatch.cases.tables.base import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    version_table=VERSION_TABLE,
)
with context.begin_transaction():
    context.run_migrations()
