"""What the commands of the lake say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from made_lakes import lake


def test_a_night_of_housekeeping(stillwatch: Callable[..., Any], tmp_path: Path) -> None:
    out = lake(tmp_path / "out", [{"account": "a"}, {"account": "b"}, {"account": "a"}])
    assert "2026-10-06" in stillwatch("lake", "show", out).out
    told = stillwatch("lake", "hold", out, "[x]", "--account", "a", "--reason", "why")
    assert told.code == 2
    told = stillwatch("lake", "hold", out, "x", "--account", "a", "--reason", "[red]why")
    assert "x, 1 account with 2 sketches" in told.out
    assert "[red]why" in told.out
    told = stillwatch("lake", "expire", out, "--keep-days", 1, "--dry-run")
    assert "Would delete 1 sketch of 1 day (2026-10-06)." in told.out
    told = stillwatch("lake", "expire", out, "--keep-days", 1)
    assert "Deleted 1 sketch of 1 day (2026-10-06)." in told.out
    assert "left where they are: 2 older sketches" in told.out
    told = stillwatch("lake", "erase", out, "--account", "a")
    assert told.code == 2
    assert "release" in told.err
    assert stillwatch("lake", "release", out, "y").code == 3
    assert stillwatch("lake", "release", out, "x").code == 0
    assert "2 sketches removed" in stillwatch("lake", "erase", out, "--account", "a").out
    assert "No sketches" in stillwatch("lake", "show", out).out
    assert stillwatch("lake", "show", tmp_path / "none").code == 3
