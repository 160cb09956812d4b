"""A store is what this release made, wherever it lies, and says so where it is not."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from stillwatch.cases import Asked, Cases, store
from stillwatch.cases.migrations import config
from stillwatch.cases.tables import Table
from stillwatch.cases.tables.base import VERSION_TABLE
from stillwatch.errors import FormatError, NoInputError, OutputError, UsageError


def test_the_migrations_make_the_tables_of_the_models(place: str) -> None:
    engine = store.engine(place, make=True)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "version_table": VERSION_TABLE}
        )
        assert compare_metadata(context, Table.metadata) == []
        newest = ScriptDirectory.from_config(config(connection)).get_current_head()
    engine.dispose()
    assert newest == store.HEAD


def test_a_store_of_a_newer_release_is_left_alone(place: str) -> None:
    engine = store.engine(place, make=True)
    with engine.begin() as connection:
        connection.execute(text("update stillwatch_cases_version set version_num = '9999'"))
    with pytest.raises(FormatError, match="was written by a newer release"):
        Cases(place)
    with engine.begin() as connection:
        connection.execute(
            text(f"update stillwatch_cases_version set version_num = '{store.HEAD}'")
        )
    engine.dispose()


def test_a_store_is_begun_only_where_that_is_wanted(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    with pytest.raises(NoInputError, match="`stillwatch case open` begins one"):
        Cases(path)
    assert not path.exists()
    with pytest.raises(OutputError, match="there is no such directory"):
        Cases(tmp_path / "nowhere" / "cases.db", make=True)


def test_what_is_no_store_is_told(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("Notes of mine, and no data base at all.\n" * 100)
    with pytest.raises(FormatError, match="is no store of cases"):
        Cases(path)
    assert path.read_text().startswith("Notes of mine")


def test_the_data_base_of_something_else_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as other:
        other.execute("create table cases (a)")
    other.close()
    before = path.read_bytes()[100:]
    with pytest.raises(FormatError, match="it holds other tables"):
        Cases(path, make=True)
    assert path.read_bytes()[100:] == before


def test_a_store_is_its_owners_to_read(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    with Cases(path, make=True) as cases:
        cases.page(Asked())
        modes = {one.name: one.stat().st_mode & 0o077 for one in tmp_path.iterdir()}
    assert modes == {"cases.db": 0, "cases.db-wal": 0, "cases.db-shm": 0}


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("mysql://u:sesame@db/x", "a store is a file, or a PostgreSQL"),
        ("postgresql://u:sesame@/x?host=/nowhere/at/all", "No such file or directory"),
        ("postgresql+nosuch://u:sesame@db/x", "write postgresql://host/name"),
    ],
)  # fmt: skip
def test_a_url_that_leads_nowhere_is_told_without_its_password(url: str, says: str) -> None:
    with pytest.raises((UsageError, OutputError), match=says) as told:
        Cases(url)
    assert "sesame" not in str(told.value)


def test_a_missing_driver_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object, **__: object) -> None:
        raise ModuleNotFoundError("No module named 'pg8000'", name="pg8000")

    monkeypatch.setattr("stillwatch.cases.store.create_engine", missing)
    with pytest.raises(UsageError, match=r"pip install 'stillwatch\[postgres\]'"):
        Cases("postgresql://db/cases")


def test_who_writes_waits_for_who_is_writing_and_then_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "BUSY", 0.05)
    path = tmp_path / "cases.db"
    with Cases(path, make=True) as cases:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("begin immediate")
        with pytest.raises(OutputError, match="database is locked"):
            cases.note(1, "So.", by="R. Heron")
        other.execute("rollback")
        other.close()
        with pytest.raises(UsageError, match="no such case"):
            cases.note(1, "So.", by="R. Heron")
