"""Times as people read them. Everything is UTC and says so; month names ignore the locale."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "June", "July", "Aug", "Sept", "Oct", "Nov", "Dec")

_UNITS = (
    (timedelta(days=1), "day"),
    (timedelta(hours=1), "hour"),
    (timedelta(minutes=1), "minute"),
    (timedelta(seconds=1), "second"),
)


def utc(time: datetime) -> datetime:
    """`time` in UTC; one without a zone is taken to be in it already."""
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def day(time: datetime) -> str:
    """
    >>> day(datetime(2026, 5, 9, tzinfo=UTC))
    '9 May 2026'
    """
    time = utc(time)
    return f"{day_of_month(time)} {time.year}"


def day_of_month(time: datetime) -> str:
    time = utc(time)
    return f"{time.day} {_MONTHS[time.month - 1]}"


def clock(time: datetime) -> str:
    return f"{utc(time):%H:%M}"


def moment(time: datetime) -> str:
    """
    >>> moment(datetime(2026, 5, 9, 4, 12, tzinfo=UTC))
    '9 May 2026, 04:12'
    """
    return f"{day(time)}, {clock(time)}"


def span(first: datetime, last: datetime) -> str:
    """
    >>> span(datetime(2026, 5, 3, tzinfo=UTC), datetime(2026, 5, 9, tzinfo=UTC))
    '3–9 May 2026'
    """
    first, last = utc(first), utc(last)
    if first.date() == last.date():
        return day(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{day(last)}"
    if first.year == last.year:
        return f"{day_of_month(first)} – {day(last)}"
    return f"{day(first)} – {day(last)}"


def length(delta: timedelta) -> str:
    """How long, in the largest unit that leaves at least two of it, or exactly one.

    >>> length(timedelta(hours=36)), length(timedelta(hours=1)), length(timedelta(days=6))
    ('36 hours', '1 hour', '6 days')
    """
    for unit, name in _UNITS:
        n = round(delta / unit)
        if delta >= 2 * unit or delta == unit:
            return f"{n:,} {name}{'' if n == 1 else 's'}"
    return "1 second"
