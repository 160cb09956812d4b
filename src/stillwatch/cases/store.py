"""Opens the store: one file of SQLite, or a PostgreSQL, brought up to this release."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.orm import Session

from stillwatch.cases.tables.base import VERSION_TABLE
from stillwatch.errors import FormatError, NoInputError, OutputError, UsageError

HEAD = "0001"
"""The newest migration. A test holds it against the folder."""
BUSY = 10.0
"""Seconds to wait for somebody else who writes."""
_WRITES = "stillwatch_writes"
_UPGRADE_LOCK = 0x5711C05E
"""Number of an advisory lock of PostgreSQL: one process migrates at a time."""


def engine(place: str, *, make: bool) -> Engine:
    """An engine for a path or a URL of PostgreSQL, its tables up to date.

    make: whether a file that is not there is begun.

    Raises
    ------
    UsageError, NoInputError, FormatError, OutputError
        It is neither; nothing is there; what is there is of a newer release or something else; it
        cannot be reached.
    """
    made = _postgresql(place) if "://" in place else _sqlite(Path(place), make=make)
    try:
        with told(place):
            _upgrade(made, place)
    except BaseException:
        made.dispose()
        raise
    return made


@contextmanager
def told(place: str) -> Iterator[None]:
    """Turns what a database has against us into a sentence, without a password in it."""
    try:
        yield
    except DBAPIError as error:
        shown = _shown(place)
        why = _why(error.orig)
        if "not a database" in why or "malformed" in why:
            raise FormatError(f"{shown}: is no store of cases: {why}") from error
        raise OutputError(f"{shown}: {why}") from error


def reading(engine: Engine) -> Session:
    """A session that reads, of one moment."""
    return Session(engine, expire_on_commit=False)


def writing(engine: Engine) -> Session:
    """A session that writes, and has the right to from its beginning on."""
    return Session(engine.execution_options(**{_WRITES: True}), expire_on_commit=False)


def _sqlite(path: Path, *, make: bool) -> Engine:
    if not path.exists():
        if not make:
            raise NoInputError(
                f"{path}: there is no such store of cases; `stillwatch case open` begins one, and "
                "--store or STILLWATCH_STORE names another"
            )
        if not path.parent.is_dir():
            raise OutputError(f"{path.parent}: there is no such directory")
        # It will hold names of customers; what SQLite puts beside it is made alike.
        path.touch(mode=0o600)
    made = create_engine(f"sqlite:///{path}", connect_args={"timeout": BUSY})
    event.listen(made, "connect", _prepare)
    event.listen(made, "begin", _begin)
    return made


def _prepare(connection: Any, _: object) -> None:
    # Transactions are begun by `_begin`; the driver would begin them later than we need.
    connection.isolation_level = None
    for pragma in ("journal_mode = wal", "synchronous = full", "foreign_keys = on"):
        connection.execute(f"pragma {pragma}")


def _begin(connection: Connection) -> None:
    # A writer that begins by reading could not go on once another has written in between.
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("begin immediate" if writes else "begin")


def _postgresql(place: str) -> Engine:
    try:
        url = make_url(place)
        if url.drivername in ("postgresql", "postgres"):
            url = url.set(drivername="postgresql+pg8000")
        if url.get_backend_name() != "postgresql":
            raise UsageError(f"{url.render_as_string()}: a store is a file, or a PostgreSQL")
        arguments = {}
        if str(folder := url.query.get("host", "")).startswith("/"):
            # libpq writes the folder of a socket so; the driver wants the socket.
            url = url.difference_update_query(["host"])
            arguments["unix_sock"] = f"{folder}/.s.PGSQL.{url.port or 5432}"
        return create_engine(url, pool_pre_ping=True, connect_args=arguments)
    except (ArgumentError, NoSuchModuleError) as error:
        raise UsageError("--store: no URL of a database; write postgresql://host/name") from error
    except ModuleNotFoundError as error:
        raise UsageError(
            f"{error.name} is not installed; pip install 'stillwatch[postgres]'"
        ) from error


def _upgrade(engine: Engine, place: str) -> None:
    with engine.connect() as connection:
        if _revision(connection) == HEAD:
            return
    # Loading Alembic takes a while, and is seldom needed.
    from stillwatch.cases.migrations import upgrade

    with engine.execution_options(**{_WRITES: True}).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("select pg_advisory_xact_lock(:n)"), {"n": _UPGRADE_LOCK})
        now = _revision(connection)
        if now is None and inspect(connection).get_table_names():
            raise FormatError(f"{_shown(place)}: is no store of cases: it holds other tables")
        if now is not None and now > HEAD:
            raise FormatError(
                f"{_shown(place)}: was written by a newer release of Stillwatch; update yours"
            )
        upgrade(connection)


def _revision(connection: Connection) -> str | None:
    if not connection.dialect.has_table(connection, VERSION_TABLE):
        return None
    found = connection.execute(text(f"select version_num from {VERSION_TABLE}")).scalar()
    return None if found is None else str(found)


def _shown(place: str) -> str:
    return make_url(place).render_as_string() if "://" in place else place


def _why(error: BaseException | None) -> str:
    """What a driver says, and what the system told it. pg8000 has a dictionary, whose `M` is the
    message."""
    given = error.args[0] if error is not None and error.args else error
    message = str(given.get("M", given) if isinstance(given, dict) else given)
    cause = error.__cause__ if error is not None else None
    return f"{message.rstrip('.')}: {cause}" if isinstance(cause, OSError) else message
