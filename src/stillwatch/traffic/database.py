"""Tables of a database as sources: a day of one is what a file is elsewhere.

Whatever Ibis connects to can be read: `postgres://reader@db.internal/gateway#public.calls`. Days
are read one by one, in batches, and only their sketches are kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import unquote_plus, urlsplit, urlunsplit

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis.util import backend_entry_points

from stillwatch.errors import NoInputError, StillwatchError, UsageError
from stillwatch.traffic.mapping import NATIVE, ColumnMapping
from stillwatch.traffic.sources import hidden
from stillwatch.traffic.values import UNITS

BATCH = 16_384
"""Rows asked for at once."""
_DAY = 86_400_000_000
"""Microseconds."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a database, and where its time stands.

    shown: its URL without user and password, for people; time: a column, a timestamp or an epoch
    number in `unit` (s, ms, us, ns).
    """

    url: str = field(repr=False)
    shown: str
    time: str
    unit: str | None

    @contextmanager
    def opened(self) -> Iterator[ir.Table]:
        """The table, read only as far as it is asked for, while the connection is open.

        What a driver raises becomes an error that a person can read, without the password.
        """
        engine = None
        try:
            engine = self._connected()
            *schema, name = unquote_plus(urlsplit(self.url).fragment).split(".")
            yield engine.table(name, database=tuple(schema) or None)
        except StillwatchError:
            raise
        except Exception as error:
            why = f"{type(error).__name__}: {error}".split("\n")[0]
            password = urlsplit(self.url).password
            for secret in (password, password and unquote_plus(password)):
                why = why.replace(secret, "…") if secret else why
            raise NoInputError(f"{self.shown}: cannot be read ({why})") from error
        finally:
            if engine is not None:
                engine.disconnect()

    def _connected(self) -> ibis.BaseBackend:
        parts = urlsplit(self.url)
        # DuckDB would make a file that is not there, and shut others out of one that is.
        alone = {"read_only": True} if parts.scheme == "duckdb" else {}
        try:
            return ibis.connect(urlunsplit(parts._replace(fragment="")), **alone)
        except ImportError as error:
            backend = parts.scheme.replace("postgresql", "postgres")
            raise UsageError(
                f"{self.shown}: the driver is not installed ({error.name or error}); "
                f"pip install 'ibis-framework[{backend}]'"
            ) from error

    def _moment(self, rows: ir.Table) -> tuple[ir.Value, Any]:
        """The time as it is compared, and a function from microseconds since 1970 to such a one."""
        if self.time not in rows.columns:
            raise UsageError(
                f"{self.shown}: there is no column {self.time!r} for the time; there are "
                f"{', '.join(rows.columns)}"
            )
        time = rows[self.time]
        if time.type().is_timestamp():
            zone = UTC if time.type().timezone else None
            return time, lambda us: ibis.literal(
                (_EPOCH + timedelta(microseconds=us)).replace(tzinfo=zone)
            )
        if time.type().is_numeric() and self.unit:
            unit, nano = self.unit, self.unit == "ns"
            return time, lambda us: ibis.literal(us * 1000 if nano else us // int(UNITS[unit]))
        number = "a number without a unit" if time.type().is_numeric() else str(time.type())
        raise UsageError(
            f"{self.shown}: the time ({self.time}) is {number}; it must be a timestamp, or a "
            "number whose unit the mapping names"
        )

    def _day(self, time: ir.Value) -> ir.IntegerValue:
        """Days since 1970, as exactly as `within` has them: no row may lie between two days."""
        if time.type().is_timestamp():
            # Engines round seconds where they make them integers.
            number, length = time.truncate("s").epoch_seconds(), 86_400
        else:
            number, length = time, round(_DAY / UNITS[self.unit or "us"])
        if number.type().is_integer():
            # Nanoseconds have more digits than the quotient of two numbers.
            return ((number - number % length) / length).round().cast("int64")
        return (number / length).floor().cast("int64")

    def within(self, rows: ir.Table, day: int | None) -> ir.BooleanValue:
        """Whether a row is of a day (days since 1970, as the table has its time)."""
        time, at = self._moment(rows)
        if day is None:
            return time.isnull()
        return (time >= at(day * _DAY)) & (time < at((day + 1) * _DAY))

    def days(self, since: datetime | None, until: datetime | None) -> list[TableDay]:
        """The days there are of a window, ascending; without one, rows without a time too.

        A day more on either side: a table may have its times in any zone.
        """
        with self.opened() as whole:
            rows = whole
            time, at = self._moment(whole)
            if since is not None:
                rows = rows.filter(time >= at(_us(since) - _DAY))
            if until is not None:
                rows = rows.filter(time < at(_us(until) + _DAY))
            columns = tuple(whole.columns)
            each = rows.group_by(day=self._day(time)).agg(
                rows=rows.count(), latest=time.max().cast("string")
            )
            found = each.to_pyarrow().to_pylist()
        return [
            TableDay(
                f"{self.shown} {_named(one['day'])}",
                one["rows"],
                one["day"],
                one["latest"],
                columns,
                self,
            )
            for one in sorted(found, key=lambda one: (one["day"] is None, one["day"]))
        ]


@dataclass(frozen=True, slots=True)
class TableDay:
    """The rows of one table whose time lies within one day.

    path: what people are shown; size: rows; day: since 1970, None for rows without a time; latest:
    the latest time among them, as text; columns: of the table.
    """

    path: str
    size: int
    day: int | None
    latest: str | None
    columns: tuple[str, ...] = field(compare=False, repr=False)
    table: Table = field(compare=False, repr=False)

    @property
    def digest(self) -> str:
        """32 hexadecimal digits that change when rows come or go, or the latest time does."""
        facts = f"{self.path}\0{self.size}\0{self.latest}"
        return hashlib.blake2b(facts.encode("utf-8"), digest_size=16).hexdigest()

    def batches(self, columns: set[str]) -> Iterator[pa.RecordBatch]:
        """The rows, of only those columns that are named and there."""
        with self.table.opened() as whole:
            rows = whole.filter(self.table.within(whole, self.day))
            names = [name for name in self.columns if name in columns]
            yield from _batches(rows.select(*(_plain(rows[name]).name(name) for name in names)))


def is_table(path: str) -> bool:
    """Whether a path is the URL of a database, and not of a file."""
    known = {"postgresql", *(point.name for point in backend_entry_points())}
    return urlsplit(path).scheme in known


def table_of(url: str, mapping: ColumnMapping | None) -> Table:
    """The table at a URL, with a mapping, or with columns named as those of the Exchange table.

    Raises
    ------
    UsageError
        No table is named, or the mapping names no id: rows of a table have no lines by which to
        tell them apart.
    """
    parts = urlsplit(url)
    shown = hidden(urlunsplit(parts._replace(query="")))
    if not parts.fragment:
        raise UsageError(f"{shown}: name the table behind the #, as in #public.calls")
    columns = (mapping or NATIVE).columns
    for name in ("exchange_id", "time"):
        spec = columns.get(name)
        if spec is None or spec.path is None:
            raise UsageError(f"{shown}: the mapping must say which column is {name}")
    time = columns["time"]
    return Table(url, shown, time.path or "", time.unit)


def _us(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _named(day: int | None) -> str:
    if day is None:
        return "without a time"
    try:
        return str(date.fromordinal(_EPOCH.toordinal() + day))
    except (ValueError, OverflowError):
        return f"day {day} since 1970"


def _plain(value: ir.Value) -> ir.Value:
    """A value as a type that every driver gives to Arrow."""
    kind = value.type()
    if kind.is_inet():
        # PostgreSQL writes a single address as a network of one.
        return value.cast("string").re_replace("/(32|128)$", "")
    if kind.is_decimal():
        return value.cast("float64" if kind.scale else "int64")
    return value.cast("string") if kind.is_uuid() or kind.is_json() else value


def _batches(rows: ir.Table) -> Iterator[pa.RecordBatch]:
    engine = rows.get_backend()
    if engine.name == "duckdb":
        # ibis 12.0.0 asks duckdb 2 for `fetch_record_batch`, which is gone.
        yield from engine.con.sql(ibis.to_sql(rows)).to_arrow_reader(BATCH)
    else:
        yield from engine.to_pyarrow_batches(rows, chunk_size=BATCH)
