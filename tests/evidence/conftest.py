"""Logs to be tried."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from stillwatch.evidence import Log

ORIGIN = "provider.example/evidence"


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    """A log without entries, open."""
    with Log.create(tmp_path / "log", ORIGIN) as made:
        yield made
