"""Times as people write them on the command line."""

from __future__ import annotations

from datetime import UTC, datetime

from stillwatch.errors import UsageError


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
