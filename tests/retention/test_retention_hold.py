"""A hold is there before its sketches go, or is refused; and it never waits for a scan."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from made_lakes import START, lake
from stillwatch.errors import OutputError
from stillwatch.retention import erase, expire, hold, holds, release
from stillwatch.sketch.lake import Lake

NOW = datetime(2026, 10, 20, 12, tzinfo=UTC)
Busy = Callable[[Path, Callable[[str, float], None]], object]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return lake(
        tmp_path / "out",
        [{"account": "a", "time": START}],
        [{"account": "b", "time": START + timedelta(hours=1)}],
    )


@pytest.mark.parametrize(
    "busy",
    [
        lambda out, during: expire(out, 1, NOW, progress=during),
        lambda out, during: erase(out, ["b"], NOW, during),
    ],
)
def test_no_hold_begins_or_ends_while_sketches_go(out: Path, busy: Busy) -> None:
    hold(out, "first", "to court", ["a"], None, NOW)
    tried = []

    def during(*_: object) -> None:
        tried.append(0)
        with pytest.raises(OutputError, match="just now"):
            hold(out, "second", "to court", ["a"], None, NOW)
        with pytest.raises(OutputError, match="just now"):
            release(out, "first")

    busy(out, during)
    assert tried
    assert [one.name for one in holds(out)] == ["first"]
    hold(out, "second", "to court", ["a"], None, NOW)
    release(out, "first")


def test_a_hold_does_not_wait_for_a_scan(out: Path) -> None:
    with Lake.open(out, write=True):
        hold(out, "case", "to court", ["a"], None, NOW)
        release(out, "case")
