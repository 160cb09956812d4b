"""Stores of both kinds, and people who decide."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from case_scene import Clock, NotedLog
from made_scans import Scans, group

from stillwatch.cases import Cases, DecisionId
from stillwatch.cases.standing import Standing
from stillwatch.cases.tables import Table


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def log() -> NotedLog:
    return NotedLog()


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store in a file, in which there is nothing."""
    path = tmp_path_factory.mktemp("store") / "cases.db"
    with Cases(path, make=True):
        pass
    return path


@pytest.fixture(scope="session")
def database(postgres: str) -> str:
    """The URL of a store on PostgreSQL."""
    with Cases(postgres):
        pass
    return postgres


def emptied(database: str) -> str:
    """The same with nothing in it, past the triggers that forbid that."""
    import psycopg

    with psycopg.connect(database) as connection:
        connection.execute("set session_replication_role = replica")
        names = ", ".join(sorted(Table.metadata.tables))
        connection.execute(f"truncate {names} restart identity")
    return database


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a store is, of each kind, with nothing in it."""
    if request.param == "postgresql":
        return emptied(request.getfixturevalue("database"))
    return str(shutil.copy(request.getfixturevalue("empty_file"), tmp_path / "cases.db"))


@pytest.fixture
def cases(place: str, log: NotedLog, clock: Clock) -> Iterator[Cases]:
    with Cases(place, log.opened, make=True, clock=clock) as found:
        yield found


@pytest.fixture
def scans(tmp_path: Path) -> Scans:
    return Scans(tmp_path)


@pytest.fixture
def opened(cases: Cases, scans: Scans) -> Cases:
    """Case 1, of the accounts a, b and c."""
    cases.open(scans.scan(group("abc")))
    return cases


Propose = Callable[..., Standing]


@pytest.fixture
def propose(opened: Cases, clock: Clock) -> Propose:
    """Decides on a measure; all that is not said is as it mostly is."""

    def act(measure: Any = "limit", letters: str | None = "a", **changes: Any) -> Standing:
        said = {
            "reason": "Automated collection of reasoning.",
            "clause": "use-4.2",
            "until": clock() + timedelta(days=30),
            "way_back": "Tell us what it is for.",
            "by": "R. Heron",
            **changes,
        }
        accounts = None if letters is None else [f"acct-{letter}" for letter in letters]
        return opened.propose(1, measure, accounts, **said)

    return act


@pytest.fixture
def suspended(opened: Cases, propose: Propose) -> DecisionId:
    """A suspension of a and b, on grounds, approved by a second person."""
    made = propose("suspend", "ab", grounds="Three cards of one owner.")
    opened.approve(made.id, by="M. Egret")
    return made.id
