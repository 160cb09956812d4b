from __future__ import annotations

from collections.abc import Iterator

import pytest

from stillwatch.engine import Engine, engine


@pytest.fixture(scope="session")
def opened() -> Iterator[Engine]:
    """One connection for all tests."""
    with engine("1GB") as made:
        yield made
