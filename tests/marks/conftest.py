"""A master key and what lies beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from stillwatch.marks import Master


@pytest.fixture
def master(tmp_path: Path) -> Master:
    return Master.create(tmp_path / "master.key", by="R. Heron", why="a test")
