"""What all tables have in common, and what a record is: a row that is written once."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    Integer,
    MetaData,
    String,
    TypeDecorator,
    inspect,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from stillwatch.evidence.commitments import commitment_to, disclosure

VERSION_TABLE = "stillwatch_cases_version"
"""Where the newest migration that ran is noted."""
Name = String(200)
"""A short name of ours."""
Number = Integer().with_variant(BigInteger(), "postgresql")


class Moment(TypeDecorator[datetime]):
    """A time in UTC on every store: SQLite keeps no zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the signature is SQLAlchemy's
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the signature is SQLAlchemy's
        return value and (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)


class Table(DeclarativeBase):
    """Root of all tables. Constraints are named, so that migrations can speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Moment, int: Number}  # noqa: RUF012 - SQLAlchemy reads it so


class Record:
    """Columns of a row that is written once, entered into the log, and never changed.

    The database itself refuses changes (see the first migration). `commitment` is what the log has
    of it: it hides the row, and binds to it.
    """

    entry: Mapped[str] = mapped_column(String(36), unique=True)
    """Id of its entry in the log."""
    salt: Mapped[str] = mapped_column(String(64))
    """Without it what is committed to could be guessed (`evidence.commitments`)."""

    @property
    def disclosure(self) -> str:
        """What opens the commitment: the whole row, the same on every store."""
        columns = inspect(type(self)).column_attrs.keys()
        row = {name: getattr(self, name) for name in columns if name not in ("entry", "salt")}
        name: str = self.__tablename__  # type: ignore[attr-defined]
        return disclosure(self.salt, name, json.loads(canonical(row)))

    @property
    def commitment(self) -> str:
        """What the log has of the row."""
        return commitment_to(self.disclosure)


def canonical(value: Any) -> str:
    """JSON in one way only: keys sorted, no spaces, times in UTC with microseconds."""

    def plain(other: object) -> str:
        if isinstance(other, datetime):
            return other.astimezone(UTC).isoformat(timespec="microseconds")
        raise TypeError(type(other).__name__)

    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=plain
    )
