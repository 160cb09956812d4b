"""When a watch looks, at what, and what it makes of it."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from turned import Turned

import stillwatch as sw
from stillwatch import retention
from stillwatch.errors import FormatError, OutputError, UsageError
from stillwatch.watch import Plan, alarms
from stillwatch.watch.looks import due

Watching = Callable[..., Turned]
START = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


@given(st.lists(st.integers(0, 900), min_size=1, max_size=30))
def test_no_exchange_stays_unseen(minutes: list[int]) -> None:
    """However time goes on, what lies before the last look was in a window of each kind or is
    newer than the last long look and in a short one."""
    plan = Plan(recent=timedelta(hours=4), whole=timedelta(hours=12))
    recent = whole = None
    newest, seen = START, []
    for step in minutes:
        newest += timedelta(minutes=step)
        for look in due(plan, newest, recent, whole):
            assert look.until <= newest - plan.lateness < look.until + plan.every
            assert look.until.minute == 0
            seen.append(look)
            if look.window == "recent":
                recent = look.until
            else:
                whole = look.until
        assert list(due(plan, newest, recent, whole)) == []
        assert recent is not None
        assert whole is not None
        assert recent - whole < plan.recent
    long = [look for look in seen if look.window == "whole"]
    for one, other in itertools.pairwise(long):
        assert other.until - one.until >= plan.recent


def test_plans_that_make_no_sense() -> None:
    for wrong in (
        Plan(every=timedelta(seconds=1)),
        Plan(recent=timedelta(minutes=5)),
        Plan(whole=HOUR),
        Plan(poll=timedelta()),
    ):
        with pytest.raises(UsageError, match="must be"):
            wrong.check()
    Plan().check()


@pytest.fixture(scope="module")
def rows(tiny_range: Path) -> pa.Table:
    return pa.concat_tables(map(pq.read_table, sorted((tiny_range / "traffic").iterdir()))).sort_by(
        "time"
    )


def grown(log: Path, rows: pa.Table) -> None:
    log.parent.mkdir(exist_ok=True)
    with log.open("a") as file:
        for row in rows.to_pylist():
            given = {k: v.isoformat() if isinstance(v, datetime) else v for k, v in row.items()}
            file.write(json.dumps({k: v for k, v in given.items() if v is not None}) + "\n")


def document(out: Path, place: str = ".") -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / place / "campaigns.json").read_text())
    return found


def test_a_campaign_is_told_once_and_keeps_its_id(
    tmp_path: Path, rows: pa.Table, watching: Watching
) -> None:
    log = tmp_path / "logs" / "calls.jsonl"
    times = rows["time"].to_pylist()
    middle = times[0] + (times[-1] - times[0]) * 0.7
    cut = sum(t < middle for t in times)
    grown(log, rows.slice(0, cut))
    plan = Plan(recent=timedelta(hours=12), whole=timedelta(days=3))
    watch = watching(log, plan=plan)
    watch.turn()
    out = watch.watcher.out
    first = [json.loads(line) for line in (out / "alarms.jsonl").read_text().splitlines()]
    grown(log, rows.slice(cut))
    again = watch.again()
    again.watcher.begin()
    again.turn()
    told = [json.loads(line) for line in (out / "alarms.jsonl").read_text().splitlines()]
    assert told[: len(first)] == first
    assert len({one["id"] for one in told}) == len(told)
    looks = {place: document(out, place) for place in (".", "recent")}
    for found in looks.values():
        assert {c["id"] for c in found["campaigns"]} <= {one["id"] for one in told}
        assert found["since"] is not None
        until = datetime.fromisoformat(found["until"])
        assert until.minute == 0
        assert datetime.fromisoformat(found["reading"]["last"]) < until
    assert told, "there is a campaign in it"
    assert (out / told[0]["report"]).exists()
    assert sum("ALARM" in line for line in [*watch.told, *again.told]) == len(told)
    names = [c["account"] for c in looks["."]["campaigns"][0]["accounts"]]
    retention.erase(out, names[:1], datetime.now(UTC))
    for place in (".", "recent"):
        assert names[0] not in (out / place / "campaigns.json").read_text()
        assert names[0] not in (out / place / "report.html").read_text()
    assert names[0] not in (out / "alarms.jsonl").read_text()


def test_alarms_that_were_cut_off_are_made_up_for(tiny_range: Path, watching: Watching) -> None:
    watch = watching(tiny_range / "traffic", plan=Plan())
    watch.turn(timedelta(minutes=5))
    path = watch.watcher.out / alarms.FILE
    whole = path.read_bytes()
    assert whole
    path.write_bytes(whole[: len(whole) // 3])
    watch.again().watcher.begin()
    assert path.read_bytes() == whole
    path.write_text("broken\n")
    with pytest.raises(OutputError, match="damaged"):
        watch.again().watcher.begin()


def test_a_look_that_fails_is_told_and_not_taken_again(
    tiny_range: Path, watching: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise FormatError("it is dark")

    watch = watching(tiny_range / "traffic", plan=Plan())
    with monkeypatch.context() as patch:
        patch.setattr("stillwatch.watch.watcher.find", fail)
        watch.turn(timedelta(minutes=5))
        watch.turn()
        strict = watching(tiny_range / "traffic", plan=Plan(), strict=True)
        with pytest.raises(FormatError):
            strict.turn(timedelta(minutes=5))
    assert sum("it is dark" in line for line in watch.told) == 2, "once for each window"
    assert sum("it is dark" in line for line in strict.told) == 1, "and the other one raised"
    assert watch.watcher.metrics.failures.labels("look")._value.get() == 2
    watch.again().turn()
    assert document(watch.watcher.out)["campaigns"], "a restart tries again"


def test_exchanges_from_the_future_do_not_hold_time_back(
    tmp_path: Path, record: Callable[..., dict[str, Any]], watching: Watching
) -> None:
    log = tmp_path / "a.jsonl"
    early = record(99, time=(datetime.now(UTC) + timedelta(days=40)).isoformat())
    log.write_text("".join(json.dumps(r) + "\n" for r in [*map(record, range(60)), early]))
    watch = watching(log, plan=Plan(whole=timedelta(days=3650)))
    watch.turn()
    until = datetime.fromisoformat(document(watch.watcher.out)["until"])
    assert watch.now - timedelta(hours=2) < until <= watch.now


def test_a_window_with_nothing_in_it_is_no_failure(
    tmp_path: Path, record: Callable[..., dict[str, Any]], watching: Watching
) -> None:
    log = tmp_path / "a.jsonl"
    log.write_text("".join(json.dumps(record(n)) + "\n" for n in range(40)))
    watch = watching(log, plan=Plan(), strict=True)
    watch.turn()
    assert not (watch.watcher.out / "campaigns.json").exists(), "logs that began in this hour"
    late = record(99, time="2026-03-09T10:30:00Z")
    with log.open("a") as file:
        file.write(json.dumps(late) + "\n")
    watch.turn()
    assert document(watch.watcher.out)["reading"]["exchanges"] == 40, "the day is silent"
    assert not (watch.watcher.out / "recent" / "campaigns.json").exists()
    assert not any("failed" in line for line in watch.told)


def test_the_last_results_are_read_when_they_are_others_only(
    tmp_path: Path,
    record: Callable[..., dict[str, Any]],
    watching: Watching,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = tmp_path / "a.jsonl"
    log.write_text("".join(json.dumps(record(n)) + "\n" for n in range(-60, 90)))
    watch = watching(log, plan=Plan(recent=HOUR))
    watch.turn()
    out = watch.watcher.out
    looks = sum("looked at" in line for line in watch.told)
    assert looks == 2
    reads: list[Path] = []
    read_bytes = Path.read_bytes

    def counted(path: Path) -> bytes:
        if path.name == "campaigns.json":
            reads.append(path)
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", counted)
    for _ in range(3):
        watch.turn()
    assert sorted(reads) == [out / "campaigns.json", out / "recent" / "campaigns.json"]
    sw.scan(log, out, settings=sw.Settings(workers=1), until=START + 9 * HOUR)
    watch.turn()
    assert sum("looked at" in line for line in watch.told) == looks + 1, "the scan ended earlier"
