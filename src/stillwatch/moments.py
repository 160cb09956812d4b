"""Times as people write them on the command line."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from stillwatch.errors import UsageError

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def duration(option: str, text: str) -> timedelta:
    """A length of time, as `90s`, `10m`, `1h`, `30d`. Raises `UsageError` that names the option."""
    found = re.fullmatch(r"(\d{1,6})([smhd])", text.strip())
    if found is None:
        raise UsageError(f"{option} {text!r} is no length of time; write it like 90s, 10m, 1h, 30d")
    return timedelta(**{UNITS[found[2]]: int(found[1])})


def moment(option: str, text: str | None) -> datetime | None:
    """The time of an option, UTC without a zone. Raises `UsageError` that names the option."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            f"{option} {text!r} is no ISO 8601 time; write it like 2026-11-20T06:00:00Z"
        ) from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)
