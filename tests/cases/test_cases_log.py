"""Store and log agree, whatever happens in between, and a record is written once."""

from __future__ import annotations

import multiprocessing
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from case_scene import Clock, NotedLog, decide
from made_scans import Scans, group
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from stillwatch.cases import AppealId, Cases, DecisionId, in_directory, store
from stillwatch.cases.tables import RECORDS, JournalLine, Table
from stillwatch.errors import UsageError
from stillwatch.evidence import Log
from stillwatch.evidence.commitments import disclosed

WRITTEN_ONCE = sorted(set(Table.metadata.tables) - {"cases", "outbox"})
KILLS = {"sqlite": 14, "postgresql": 6}


@pytest.fixture
def whole(opened: Cases, suspended: DecisionId, scans: Scans) -> Cases:
    """A store with a row in every table."""
    opened.note(1, "So.", by="R. Heron")
    opened.appeal(1, "acct-a", "Why?", by="R. Heron")
    opened.open(scans.scan(group("abc"), group("xyz")))
    opened.open(scans.scan(group("abcxyz"), follows=False))
    opened.reverse(AppealId(1, 1), reason="So.", by="M. Egret")
    assert suspended
    return opened


def test_every_record_is_entered_once(whole: Cases, log: NotedLog) -> None:
    agreed = whole.check()
    assert agreed.problems == ()
    assert (agreed.records, agreed.waiting) == (len(log.known), 0)
    tables = Counter(entry.body["table"] for entry in log.known)
    assert set(tables) == {table.__tablename__ for table in RECORDS}  # type: ignore[attr-defined]
    assert {entry.subject for entry in log.known} == {"case-1", "case-2"}


def test_the_log_holds_no_name_and_no_text(whole: Cases, log: NotedLog) -> None:
    text = b"\n".join(entry.data for entry in log.known).decode()
    told = whole.case(1)
    for hidden in ("acct-", "Heron", "Egret", "Why?", "suspend", told.campaign, "payment"):
        assert hidden not in text


def test_two_records_alike_are_committed_to_differently(opened: Cases, log: NotedLog) -> None:
    opened.note(1, "So.", by="R. Heron")
    opened.note(1, "So.", by="R. Heron")
    commitments = [entry.body["commitment"] for entry in log.known]
    assert len(set(commitments)) == len(commitments)


def test_who_has_a_record_and_its_salt_proves_that_it_is_the_one(
    opened: Cases, log: NotedLog, place: str
) -> None:
    opened.note(1, "So.", by="R. Heron")
    engine = store.engine(place, make=False)
    with store.reading(engine) as session:
        row = session.get_one(JournalLine, (1, 2))
        name, value = disclosed(row.disclosure, [entry.body["commitment"] for entry in log.known])
    engine.dispose()
    assert isinstance(value, dict)
    assert (name, value["text"], value["by"]) == ("journal", "So.", "R. Heron")


def test_what_the_log_could_not_take_waits_and_is_not_lost(
    opened: Cases, log: NotedLog, propose: Any
) -> None:
    log.broken = OSError(28, "No space left on device")
    propose()
    assert opened.complaint and "No space left" in opened.complaint
    assert opened.case(1).decisions[0].status == "in force"
    agreed = opened.check()
    assert (agreed.waiting, agreed.problems) == (opened.behind(), ())
    assert agreed.waiting > 0
    log.broken = None
    opened.note(1, "Again.", by="R. Heron")
    assert (opened.complaint, opened.behind(), opened.check().problems) == (None, 0, ())


def test_what_was_appended_and_not_struck_is_not_appended_twice(
    opened: Cases, log: NotedLog, propose: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = log.append

    def killed(entries: Any) -> Any:
        append(entries)
        raise OSError("killed")

    monkeypatch.setattr(log, "append", killed)
    propose()
    assert opened.behind() > 0
    monkeypatch.setattr(log, "append", append)
    before = len(log.known)
    opened.deliver()
    assert len(log.known) == before
    assert (opened.behind(), opened.check().problems) == (0, ())


def test_the_database_refuses_to_change_what_was_written(whole: Cases, place: str) -> None:
    engine = store.engine(place, make=False)
    for table in WRITTEN_ONCE:
        with engine.connect() as connection:
            assert connection.scalar(text(f"select count(*) from {table}")), table
        for change in (f"delete from {table}", f"update {table} set {_column(table)} = null"):
            with pytest.raises(DBAPIError, match="written once"), engine.begin() as connection:
                connection.execute(text(change))
    engine.dispose()
    assert whole.check().problems == ()


def _column(table: str) -> str:
    return next(iter(Table.metadata.tables[table].columns)).name


def test_what_was_changed_past_the_database_is_found(tmp_path: Path, scans: Scans) -> None:
    log = NotedLog()
    with Cases(tmp_path / "cases.db", log.opened, make=True) as cases:
        cases.open(scans.scan(group("abc")))
        cases.note(1, "So.", by="R. Heron")
        engine = store.engine(cases.place, make=False)
        with engine.begin() as connection:
            connection.execute(text("drop trigger journal_update"))
            connection.execute(text("drop trigger journal_delete"))
            connection.execute(text("update journal set text = 'No.' where line = 2"))
        changed = "journal (line 2, number 1): is not as it was when it was entered into the log"
        assert cases.check().problems == (changed,)
        with engine.begin() as connection:
            connection.execute(text("delete from journal where line = 2"))
        engine.dispose()
        assert cases.check().problems == (
            "journal (line 2, number 1): is in the log and not in the store",
        )
        del log.known[-2:]
        assert [p.split(": ")[1] for p in cases.check().problems] == ["is not in the log"]
        log.known.append(log.known[0])
        assert len(cases.check().problems) == 2


def test_without_a_log_there_is_nothing_to_check_against(tmp_path: Path) -> None:
    with (
        Cases(tmp_path / "cases.db", make=True) as cases,
        pytest.raises(UsageError, match="no log was named"),
    ):
        cases.check()


def test_killed_at_any_moment_nothing_that_was_told_is_lost(
    place: str, scans: Scans, tmp_path: Path, clock: Clock
) -> None:
    path = tmp_path / "log"
    Log.create(path, "provider.example/evidence").close()
    with Cases(place, in_directory(path), make=True, clock=clock) as cases:
        cases.open(scans.scan(group("abc")))
    kills = KILLS["postgresql" if "://" in place else "sqlite"]
    chance = random.Random(11)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["stillwatch.cases", "pg8000.legacy"])
    done: set[tuple[str, int]] = set()
    for _ in range(kills):
        told, tells = context.Pipe(duplex=False)
        process = context.Process(target=decide, args=(place, path, tells))
        process.start()
        tells.close()
        for _ in range(chance.randint(1, 4)):
            assert told.poll(20)
            done.add(told.recv())
        process.join(chance.uniform(0, 0.03))
        process.kill()
        process.join()
        done |= set(_told(told))
        told.close()
        process.close()
    with Cases(place, in_directory(path)) as cases:
        cases.deliver()
        agreed = cases.check()
        assert (agreed.problems, agreed.waiting, cases.behind()) == ((), 0, 0)
        case = cases.case(1)
    assert len(done) > kills
    kept = {
        *(("decisions", n) for n in range(1, len(case.decisions) + 1)),
        *(("approvals", n) for n, d in enumerate(case.decisions, 1) if d.approved_by),
        *(("appeals", n) for n in range(1, len(case.appeals) + 1)),
        *(("rulings", n) for n in range(1, sum(a.ruling is not None for a in case.appeals) + 1)),
    }
    assert done <= kept
    # Of each process the last may have been done, and not told any more.
    assert len(kept - done) <= kills


def _told(connection: Any) -> Any:
    try:
        while connection.poll(0):
            yield connection.recv()
    except EOFError:
        return
