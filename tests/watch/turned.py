"""A watch that is turned by hand, and what it has in its lake."""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from stillwatch.sketch.lake import Lake, rejected_path
from stillwatch.watch.metrics import Metrics
from stillwatch.watch.watcher import Watcher


@dataclass
class Turned:
    """A watch, the time it thinks it is, and what it told."""

    watcher: Watcher
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    told: list[str] = field(default_factory=list)

    def turn(self, later: timedelta = timedelta()) -> Counter[str]:
        """Takes one turn, some time later, and counts what lies in the lake by `exchange_id`."""
        self.now += later
        self.watcher.turn(self.now)
        return ids(self.watcher.out)

    def again(self) -> Turned:
        """Another watch of the same, as after a restart."""
        old = self.watcher
        told: list[str] = []
        fresh = Watcher(old.out, old.feed, old.plan, old.known, Metrics(), told.append)
        return Turned(fresh, self.now, told)


def ids(out: Path) -> Counter[str]:
    """How often each exchange is in the lake."""
    parts = Lake.open(out).parts()
    return Counter(i for part in parts for i in pq.read_table(part)["exchange_id"].to_pylist())


def aged(path: Path, seconds: float = 120) -> Path:
    """A file that nobody has written to for a while."""
    then = datetime.now(UTC).timestamp() - seconds
    os.utime(path, (then, then))
    return path


def once(*numbers: int) -> Counter[str]:
    """Records by their number, each one time."""
    return Counter(f"e{n}" for n in numbers)


def rejected(out: Path) -> list[dict[str, Any]]:
    """What was set aside of the sources in the lake."""
    paths = [rejected_path(out, m.digest) for m in Lake.open(out).manifests() if m.rejected]
    return [json.loads(line) for path in paths for line in path.read_text("utf-8").splitlines()]
