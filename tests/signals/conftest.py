from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import ibis.expr.types as ir
import pytest
from sketch_tables import Names, Row

from stillwatch.engine import Engine, engine


@pytest.fixture(scope="session")
def opened() -> Iterator[Engine]:
    """One connection for all tests."""
    with engine("1GB") as made:
        yield made


@pytest.fixture
def exchanges(opened: Engine) -> Callable[[Sequence[Row]], ir.Table]:
    """Makes sketches with some values; see `sketch_tables.Names.table`."""
    return Names(opened).table
