"""What a value in a detection must be, by the column it is compared with."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from stillwatch.complaints import meant
from stillwatch.rules.columns import KINDS
from stillwatch.rules.text import PARTIAL, wild
from stillwatch.sketch.schema import INTENTS
from stillwatch.traffic.exchange import OPERATIONS, STATUSES

Value = str | int | float | datetime

_CLOSED = {"status": STATUSES, "operation": OPERATIONS, "intent": INTENTS}
"""Columns that hold no values but these."""
_HASH = re.compile(r"[0-9a-f]{16}", re.IGNORECASE)
_LARGEST = 2.0**53
"""Whole numbers up to here are exact in every engine."""


class UnfitError(ValueError):
    """A value that its column never has, in words."""


def value(column: str, modifiers: frozenset[str], given: Any) -> Value:
    """The value to compare a column with. Raises `UnfitError` for one it never has."""
    if given is None:
        raise UnfitError("null stands alone and not in a list; make it a selection of its own")
    match KINDS[column]:
        case "number":
            return _number(column, given)
        case "time":
            return _moment(column, given)
        case "hash":
            return _hash(column, given)
        case _:
            return _text(column, modifiers, given)


def _number(column: str, given: Any) -> int | float:
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise UnfitError(f"{column} is a number, and {_shown(given)} is none")
    if not abs(given) <= _LARGEST:
        raise UnfitError(f"{_shown(given)} is out of range; {column} holds numbers up to 2^53")
    return given


def _moment(column: str, given: Any) -> datetime:
    example = "write it like 2026-11-20T06:00:00Z"
    if isinstance(given, str):
        try:
            given = datetime.fromisoformat(given)
        except ValueError:
            raise UnfitError(
                f"{column} is a time, and {_shown(given)} is none; {example}"
            ) from None
    if not isinstance(given, datetime):
        raise UnfitError(f"{column} is a time, and {_shown(given)} is none; {example}")
    if given.tzinfo is None:
        raise UnfitError(f"{_shown(given)} has no time zone; {example}")
    return given


def _hash(column: str, given: Any) -> int:
    if not isinstance(given, str) or not _HASH.fullmatch(given):
        raise UnfitError(
            f"{column} is a hash: 16 hexadecimal digits in quotes, as a report shows them, and not "
            f"{_shown(given)}"
        )
    return int.from_bytes(bytes.fromhex(given), "big", signed=True)


def _text(column: str, modifiers: frozenset[str], given: Any) -> str:
    if not isinstance(given, str):
        raise UnfitError(f"{column} is text, and YAML reads {_shown(given)} as none; quote it")
    if not given and modifiers & set(PARTIAL):
        raise UnfitError("an empty text is part of every text; give it some characters")
    choices = _CLOSED.get(column, (given.lower(),))
    whole = not modifiers & {*PARTIAL, "cased"} and not wild(given)
    if whole and given.lower() not in choices:
        raise UnfitError(f"{column} is never {given!r}{meant(given, choices)}")
    return given


def _shown(given: Any) -> str:
    if isinstance(given, date | datetime):
        return given.isoformat()
    if isinstance(given, list | dict):
        return "a list" if isinstance(given, list) else "a map"
    return repr(str(given).lower() if isinstance(given, bool) else given)[:60]
