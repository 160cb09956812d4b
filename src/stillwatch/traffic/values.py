"""One value, as some producer wrote it, to the type of its Exchange column.

Every reader and every mapping ends here, so that `"12"` tokens, an epoch time or an empty account
mean the same whoever logged them. A value that does not fit raises `RecordError` with a countable
reason; its detail names types and never quotes the value, since values are people's words and
customers' names.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from stillwatch.traffic.exchange import COLUMNS, OPERATIONS, REQUIRED, STATUSES, TEXT
from stillwatch.traffic.reader import RecordError, Row

EARLIEST = 946_684_800_000_000
"""2000-01-01 in microseconds since 1970: no API sold language models before."""
LATEST = 4_102_444_800_000_000
"""2100-01-01 in microseconds since 1970. `EARLIEST <= time < LATEST`."""

UNITS = {"s": 1_000_000, "ms": 1_000, "us": 1, "ns": 0.001}
"""Microseconds in one of the unit."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def microseconds(
    value: object, column: str = "time", *, unit: str | None = None, zone: tzinfo | None = None
) -> int | None:
    """Time as microseconds since 1970 UTC; `None` and `""` are null.

    A number without a `unit` is read as seconds, milliseconds, microseconds or nanoseconds,
    whichever puts it between 2000 and 2100: the four ranges do not overlap. Text is ISO 8601; it
    needs an offset, unless `zone` says what clock it was read from.
    """
    if value is None or value == "":
        return None
    if isinstance(value, str):
        if value[4:5] != "-" and _NUMBER.fullmatch(value):
            # An int keeps all digits of a nanosecond time; a float would lose the last three.
            value = float(value) if "." in value else int(value) if len(value) < 32 else math.inf
        else:
            try:
                value = datetime.fromisoformat(value)
            except ValueError:
                raise RecordError("unreadable time", column, "text not in ISO 8601") from None
    if isinstance(value, datetime):
        if value.tzinfo is None:
            if zone is None:
                raise RecordError("time without zone", column)
            value = value.replace(tzinfo=zone)
        instant = (value - _EPOCH) // _MICROSECOND
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        instant = _from_number(value, column, unit)
    else:
        raise RecordError("wrong type", column, f"{_kind(value)} where a time belongs")
    if not EARLIEST <= instant < LATEST:
        raise RecordError("time out of range", column, "before 2000 or after 2099")
    return instant


def _from_number(value: float, column: str, unit: str | None) -> int:
    if not math.isfinite(value):
        raise RecordError("time out of range", column, "not a finite number")
    for name in (unit,) if unit else UNITS:
        if name == "ns":
            instant = int(value) // 1000
        else:
            scaled = value * UNITS[name]
            instant = scaled if isinstance(scaled, int) else round(scaled)
        if EARLIEST <= instant < LATEST:
            return instant
    if unit is None:
        raise RecordError("time out of range", column, "before 2000 or after 2099 in any unit")
    raise RecordError("time out of range", column, f"before 2000 or after 2099 in {unit}")


def _time(value: object, column: str) -> int | None:
    return microseconds(value, column)


def _text(value: object, column: str) -> str | None:
    if value is None or type(value) is str:
        return value
    raise RecordError("wrong type", column, f"{_kind(value)} where text belongs")


def _name(value: object, column: str) -> str | None:
    """An id or a name. Databases keep ids as whole numbers, so those are taken as text."""
    if value is None or type(value) is str:
        return value or None
    if type(value) is int:
        try:
            return str(value)
        except ValueError:  # beyond Python's limit on digits
            raise RecordError("number out of range", column) from None
    raise RecordError("wrong type", column, f"{_kind(value)} where text belongs")


def _number(value: object, column: str) -> float | int | None:
    if value is None or value == "":
        return None
    if isinstance(value, str) and len(value) < 32:
        try:
            return int(value)
        except ValueError:
            try:
                value = float(value)
            except ValueError:
                raise RecordError("wrong type", column, "text where a number belongs") from None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if not math.isfinite(value):
            raise RecordError("number out of range", column, "not finite")
        return value
    raise RecordError("wrong type", column, f"{_kind(value)} where a number belongs")


def _count(value: object, column: str, most: int = 2**63 - 1) -> int | None:
    if type(value) is not int:
        number = _number(value, column)
        if number is None:
            return None
        value = int(number)
        if value != number:
            raise RecordError("wrong type", column, "a fraction where a whole number belongs")
    if not 0 <= value <= most:
        raise RecordError("number out of range", column)
    return value


def _turn(value: object, column: str) -> int | None:
    return _count(value, column, 2**31 - 1)


def _real(value: object, column: str) -> float | None:
    try:
        number = _number(value, column)
        return None if number is None else float(number)
    except OverflowError:
        raise RecordError("number out of range", column) from None


def _names(value: object, column: str) -> list[str] | None:
    """A list of names, or the JSON text of one, which is how CSV and some tables carry lists."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise RecordError("wrong type", column, "text that is no JSON list") from None
    if isinstance(value, (list, tuple)) and all(type(item) is str for item in value):
        return list(value)
    raise RecordError("wrong type", column, f"{_kind(value)} where a list of text belongs")


def _status(value: object, column: str) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, str) and value in STATUSES:
        return value
    raise RecordError("unknown status", column, f"known are {', '.join(STATUSES)}")


def _operation(value: object, column: str) -> str | None:
    name = _name(value, column)
    return name if name is None or name in OPERATIONS else "other"


def _kind(value: object) -> str:
    return {dict: "an object", list: "a list", str: "text", bool: "true or false"}.get(
        type(value), f"a {type(value).__name__}"
    )


_BY_TYPE: dict[str, Callable[[object, str], Any]] = {
    "timestamp[us, tz=UTC]": _time,
    "string": _name,
    "int64": _count,
    "int32": _turn,
    "double": _real,
    "list<item: string>": _names,
}
_BY_NAME: dict[str, Callable[[object, str], Any]] = {
    **dict.fromkeys(TEXT, _text),
    "status": _status,
    "operation": _operation,
}

CONVERT: dict[str, Callable[[object, str], Any]] = {
    c.name: _BY_NAME.get(c.name, _BY_TYPE.get(str(c.type), _name)) for c in COLUMNS
}
"""For each Exchange column, the function `(value, column) -> value` that checks and converts."""


Cells = list[Any]
"""The values of one exchange in the order of `exchange.SCHEMA`."""

_PLACES = {
    # The type whose values, unless empty, need no look: nearly every cell is one of these.
    c.name: (index, str if CONVERT[c.name] in (_name, _text) else None, CONVERT[c.name])
    for index, c in enumerate(COLUMNS)
}
_REQUIRED = tuple((name, _PLACES[name][0]) for name in REQUIRED)
_NOTHING: Cells = [None] * len(COLUMNS)


def convert(row: Row) -> Cells:
    """The cells of a row, each in the type of its column; unknown keys are left out.

    Raises
    ------
    RecordError
        A value has the wrong type or is out of range, or a required column is missing or null.
    """
    cells = _NOTHING.copy()
    for column, value in row.items():
        if value is not None and (place := _PLACES.get(column)) is not None:
            index, plain, function = place
            cells[index] = value if value and type(value) is plain else function(value, column)
    for column, index in _REQUIRED:
        if cells[index] is None:
            raise RecordError(f"missing {column}", column)
    return cells
