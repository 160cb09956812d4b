"""A watch that tests turn by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from turned import Turned

import stillwatch as sw
from stillwatch.find import knowledge
from stillwatch.watch import Plan
from stillwatch.watch.metrics import Metrics
from stillwatch.watch.take import Feed
from stillwatch.watch.watcher import Watcher


@pytest.fixture
def watching(tmp_path: Path) -> Callable[..., Turned]:
    """A watch of some paths. It never looks, unless a plan is given."""

    def start(*paths: Path | str, plan: Plan | None = None, strict: bool = False) -> Turned:
        never = Plan(lateness=timedelta(days=36_500))
        feed = Feed(tuple(map(str, paths)), None, None, None, 1)
        told: list[str] = []
        watcher = Watcher(
            tmp_path / "out",
            feed,
            plan or never,
            knowledge(sw.Settings(workers=1)),
            Metrics(),
            told.append,
            strict,
        )
        return Turned(watcher, told=told)

    return start
