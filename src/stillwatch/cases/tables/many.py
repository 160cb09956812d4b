"""Many rows of an index at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from stillwatch.cases.tables.base import Table

ROWS = 1000
"""In one statement: a driver that sends row by row needs a thousand answers for them."""


def write_many(session: Session, table: type[Table], rows: Sequence[Mapping[str, Any]]) -> None:
    """Writes rows in few statements, after what the session has still to write."""
    session.flush()
    if not rows:
        return
    if session.get_bind().dialect.name == "sqlite":
        # It is in this process, and answers at once.
        session.connection().execute(insert(table), rows)
        return
    for start in range(0, len(rows), ROWS):
        session.execute(insert(table).values(rows[start : start + ROWS]))
