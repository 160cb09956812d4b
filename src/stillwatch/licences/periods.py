"""The periods by which a volume is counted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from stillwatch.licences.model import Span

Period = tuple[datetime, datetime]
"""Beginning, and end, exclusive."""


def periods(start: datetime, end: datetime, per: Span) -> Iterator[Period]:
    """All periods between two times in UTC; the first and the last may be cut short.

    >>> nov, feb = datetime(2026, 11, 20, tzinfo=UTC), datetime(2027, 2, 1, tzinfo=UTC)
    >>> [f"{begin:%m-%d}" for begin, _ in periods(nov, feb, "month")]
    ['11-20', '12-01', '01-01']
    """
    while start < end:
        following = min(_next(start, per) or end, end)
        yield start, following
        start = following


def _next(moment: datetime, per: Span) -> datetime | None:
    if per == "month":
        year, month = divmod(moment.year * 12 + moment.month, 12)
        return datetime(year, month + 1, 1, tzinfo=UTC)
    if per == "day":
        return datetime(moment.year, moment.month, moment.day, tzinfo=UTC) + timedelta(days=1)
    return moment + timedelta(days=7) if per == "week" else None
