"""What is kept of the traffic, and for how long: expiry by age, holds, erasure of a person."""

from __future__ import annotations

from stillwatch.retention.days import Day, days, rows_of
from stillwatch.retention.erase import Erased, erase
from stillwatch.retention.expire import Expired, expire
from stillwatch.retention.hold import hold, release
from stillwatch.sketch.holds import Hold, holds

__all__ = [
    "Day",
    "Erased",
    "Expired",
    "Hold",
    "days",
    "erase",
    "expire",
    "hold",
    "holds",
    "release",
    "rows_of",
]
