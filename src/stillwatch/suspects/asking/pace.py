"""How fast an endpoint is asked, and how long it is waited for when it fails."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from stillwatch.errors import UsageError

FIRST_WAIT = 1.0
LONGEST_WAIT = 60.0
MOST_PATIENCE = 600.0
"""Seconds; an endpoint that asks for more is not waited for."""


@dataclass(frozen=True, slots=True)
class Pace:
    """rate: requests a second; at_once: requests that wait for an answer together; timeout: seconds
    for a whole answer. Raises `UsageError` for what makes no sense.
    """

    rate: float = 2.0
    at_once: int = 4
    timeout: float = 120.0

    def __post_init__(self) -> None:
        if not 0 < self.rate <= 1000:
            raise UsageError(f"rate: {self.rate:g}; more than 0 and at most 1,000 a second")
        if not 1 <= self.at_once <= 256:
            raise UsageError(f"at-once: {self.at_once}; from 1 to 256")
        if not 0 < self.timeout <= 3600:
            raise UsageError(f"timeout: {self.timeout:g} seconds; at most an hour")


class Turns:
    """Turns to ask, one after another; failures make everybody wait."""

    def __init__(self, rate: float) -> None:
        self._gap = 1 / rate
        self._next = 0.0
        self._failed = 0.0
        self.in_row = 0
        """Failures without anything else in between; those sent together are one."""

    async def turn(self, stopped: asyncio.Event) -> None:
        """Waits for a turn, or until all is stopped."""
        while not stopped.is_set():
            now = time.monotonic()
            if now >= self._next:
                self._next = now + self._gap
                return
            try:
                await asyncio.wait_for(stopped.wait(), self._next - now)
            except TimeoutError:
                continue

    def went_well(self) -> None:
        """Something came that is no failure."""
        self.in_row = 0

    def failed(self, sent: float, wanted: float | None) -> None:
        """A request that was sent at `sent` (`time.monotonic`) failed.

        wanted: the seconds that the endpoint asks for. Without them the wait doubles.
        """
        if sent >= self._failed:
            self.in_row += 1
        self._failed = now = time.monotonic()
        wait = min(FIRST_WAIT * 2 ** (self.in_row - 1), LONGEST_WAIT)
        jittered = wait * random.uniform(0.75, 1)  # noqa: S311
        self._next = max(self._next, now + (jittered if wanted is None else wanted))


def asked_for(retry_after: str | None) -> float | None:
    """Seconds of a `Retry-After`, which are a number or a date (RFC 9110 section 10.2.3).

    >>> asked_for("7"), asked_for("soon"), asked_for("Wed, 21 Oct 2015 07:28:00 GMT")
    (7.0, None, 0.0)
    """
    if retry_after is None:
        return None
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(0.0, (until - datetime.now(UTC)).total_seconds())
