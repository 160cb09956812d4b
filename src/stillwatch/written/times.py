"""Times as people write them in files: a day, or a moment with its zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

EXAMPLE = "write it like 2026-11-20 or 2026-11-20T06:00:00Z"


def _moment(given: Any) -> datetime:
    if isinstance(given, str):
        try:
            given = datetime.fromisoformat(given)
        except ValueError:
            raise ValueError(f"{given!r} is no time; {EXAMPLE}") from None
    if isinstance(given, date) and not isinstance(given, datetime):
        return datetime.combine(given, time(), UTC)
    if not isinstance(given, datetime):
        raise ValueError(f"{given!r} is no time; {EXAMPLE}")  # noqa: TRY004 - pydantic's
    return given.astimezone(UTC) if given.tzinfo else given.replace(tzinfo=UTC)


Moment = Annotated[
    datetime,
    BeforeValidator(_moment),
    WithJsonSchema({"anyOf": [{"type": "string", "format": f} for f in ("date", "date-time")]}),
]
"""A time in UTC: the beginning of a day, or a moment, which is in UTC where it has no zone."""


def shown(moment: datetime) -> str:
    """A time in words, as short as it can be.

    >>> shown(datetime(2026, 11, 20, tzinfo=UTC)), shown(datetime(2026, 11, 20, 6, tzinfo=UTC))
    ('2026-11-20', '2026-11-20 06:00 UTC')
    """
    moment = moment.astimezone(UTC)
    day = f"{moment:%Y-%m-%d}"
    if moment.time() == time():
        return day
    seconds = f"{moment:%H:%M:%S}" if moment.second else f"{moment:%H:%M}"
    return f"{day} {seconds} UTC"
