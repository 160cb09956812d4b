"""Continuous scanning: follows logs and topics, and looks at a short and at a long window."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import sleep

from stillwatch import ingest
from stillwatch.config import Settings
from stillwatch.find import knowledge
from stillwatch.lock import alone
from stillwatch.watch.looks import Plan
from stillwatch.watch.metrics import Metrics
from stillwatch.watch.take import Feed, check
from stillwatch.watch.watcher import Tell, Watcher

__all__ = ["Plan", "watch"]

LOCK = ".watch.lock"
"""Keeps a second watch from the directory."""


def watch(
    paths: Sequence[str],
    out: Path,
    *,
    plan: Plan,
    settings: Settings,
    tell: Tell,
    format: str | None = None,
    mapping: Path | None = None,
    kafka: Path | None = None,
    metrics: str | None = None,
    once: bool = False,
) -> None:
    """Follows traffic until it is interrupted; with `once` it takes one turn.

    Interrupted or killed at any moment and called again, it goes on; no exchange is lost or there
    twice. `metrics` is an address, `host:port`, to serve them at.

    Raises
    ------
    stillwatch.errors.StillwatchError
        What it was asked to do makes no sense; with `once` also for what goes wrong in the turn.
        Without it, that is told, and tried again.
    """
    plan.check()
    ingest.check(format, mapping)
    feed = Feed(paths, format, mapping, kafka, settings.workers or os.cpu_count() or 1)
    check(feed)
    told = Metrics()
    watcher = Watcher(out, feed, plan, knowledge(settings), told, tell, strict=once)
    with alone(out / LOCK, "another watch writes here"):
        if metrics:
            told.serve(metrics)
        watcher.begin()
        watcher.turn(datetime.now(UTC))
        while not once:
            sleep(plan.poll.total_seconds())
            watcher.turn(datetime.now(UTC))
