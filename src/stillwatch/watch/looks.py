"""When to look, and at what: often at a short window, and at the long one from time to time."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from stillwatch.errors import UsageError
from stillwatch.sketch.manifest import Manifest

Window = Literal["recent", "whole"]

LONGEST = timedelta(days=3653)


@dataclass(frozen=True, slots=True)
class Plan:
    """every: how far the ends of two looks lie apart; recent, whole: how long the windows are;
    lateness: how much later than others an exchange may arrive; poll: how long the pause is
    between two turns."""

    every: timedelta = timedelta(hours=1)
    recent: timedelta = timedelta(days=1)
    whole: timedelta = timedelta(days=30)
    lateness: timedelta = timedelta(minutes=10)
    poll: timedelta = timedelta(minutes=1)

    def check(self) -> None:
        """Raises `UsageError` where the parts do not go together."""
        if not timedelta(minutes=1) <= self.every <= self.recent <= self.whole <= LONGEST:
            raise UsageError(
                "--every must be a minute at least, --recent as long as --every, and --window as "
                "long as --recent and ten years at most"
            )
        if self.poll < timedelta(seconds=1):
            raise UsageError("--poll must be a second at least")


@dataclass(frozen=True, slots=True)
class Look:
    """A window to look at: since <= time < until."""

    window: Window
    since: datetime
    until: datetime


def newest(manifests: Iterable[Manifest], now: datetime) -> datetime | None:
    """The time of the newest exchange. None is taken to be newer than the clock says."""
    times = [datetime.fromisoformat(m.meta["last"]) for m in manifests if m.meta["last"]]
    return min(max(times), now) if times else None


def due(
    plan: Plan, newest: datetime | None, recent: datetime | None, whole: datetime | None
) -> Iterator[Look]:
    """The looks to take, given the newest exchange and where the last looks ended.

    A look ends at a whole multiple of `every` since 1970, once the newest exchange is `lateness`
    past it. The whole window is looked at when `recent` has passed since that was last done, so
    that there is no exchange that no look saw.
    """
    if newest is None:
        return
    step = plan.every.total_seconds()
    end = math.floor((newest - plan.lateness).timestamp() / step) * step
    until = datetime.fromtimestamp(end, UTC)
    if recent is None or until > recent:
        yield Look("recent", until - plan.recent, until)
    if whole is None or until >= whole + plan.recent:
        yield Look("whole", until - plan.whole, until)
