"""Old days go, and nothing else does: not what is held, not half of a file."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from made_lakes import START, Record, lake
from stillwatch.errors import NoInputError, OutputError, UsageError
from stillwatch.ingest.task import rejected_path
from stillwatch.retention import days, expire, hold, release
from stillwatch.sketch.lake import Lake

NOW = datetime(2026, 10, 20, 12, tzinfo=UTC)


def asked(account: str, day: int) -> Record:
    """One exchange, some days after the first."""
    return {"account": account, "time": START + timedelta(days=day)}


def left(out: Path) -> Counter[tuple[str, int]]:
    """Who asked on which day after the first, as the lake has it."""
    rows = [row for part in Lake.open(out).parts() for row in pq.read_table(part).to_pylist()]
    return Counter((row["account"], (row["time"] - START).days) for row in rows)


def test_days_go_that_ended_long_enough_ago(tmp_path: Path) -> None:
    out = lake(tmp_path, [asked("a", 0), asked("b", 3)], [asked("a", 9)])
    # START is the 6th; of the 20th, eleven days are kept: the 9th and later.
    found = expire(out, 11, NOW)
    assert (found.rows, found.held, [d.day for d in found.days]) == (1, 0, [6])
    assert left(out) == {("b", 3): 1, ("a", 9): 1}
    assert not any((out / "sketches" / "day=2026-10-06").iterdir())
    assert expire(out, 11, NOW).rows == 0


def test_what_is_held_stays_until_it_is_released(tmp_path: Path) -> None:
    out = lake(tmp_path, [asked("a", 0), asked("b", 0), asked("a", 1)])
    hold(out, "case-17", "to court", ["a"], None, NOW)
    found = expire(out, 1, NOW)
    assert (found.rows, found.held) == (1, 2)
    assert left(out) == {("a", 0): 1, ("a", 1): 1}
    release(out, "case-17")
    assert expire(out, 1, NOW).rows == 2
    assert not left(out)


def test_a_hold_that_is_repeated_loses_nobody(tmp_path: Path) -> None:
    out = lake(tmp_path, [asked("a", 0), asked("b", 0), asked("c", 0)])
    hold(out, "x", "first", ["a"], None, NOW)
    assert hold(out, "x", "grown", ["b"], None, NOW).accounts == ("a", "b")
    with pytest.raises(NoInputError, match="no sketches of 'nobody'"):
        hold(out, "y", "why", ["nobody"], None, NOW)


def test_a_hold_ends_by_itself(tmp_path: Path) -> None:
    out = lake(tmp_path, [asked("a", 0)])
    hold(out, "case-17", "to court", ["a"], NOW + timedelta(days=1), NOW)
    assert expire(out, 1, NOW).rows == 0
    assert expire(out, 1, NOW + timedelta(days=2)).rows == 1


def test_a_dry_run_deletes_nothing(tmp_path: Path) -> None:
    out = lake(tmp_path, [asked("a", 0), asked("b", 9)])
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    assert expire(out, 5, NOW, dry_run=True).rows == 1
    after = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    assert after == before | {out / ".holds.lock": b""}


def test_a_log_that_is_gone_takes_along_what_was_set_aside(tmp_path: Path) -> None:
    out = lake(tmp_path, [asked("a", 0)])
    (manifest,) = Lake.open(out).manifests()
    listed = rejected_path(out, manifest.digest)
    listed.parent.mkdir()
    listed.write_text('{"detail": "acct-heron"}\n', "utf-8")
    expire(out, 1, NOW)
    (after,) = Lake.open(out).manifests()
    assert (after.rows, after.gone, after.parts, after.rejected) == (1, 1, (), {})
    assert not listed.exists()
    assert Lake.open(out).has(manifest.digest)


def test_cut_off_it_leaves_whole_sources_and_finishes_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs = [[asked("a", 0), asked(name, 0), asked(name, 9)] for name in "bcd"]
    out = lake(tmp_path, *logs)
    hold(out, "case-17", "to court", ["a"], None, NOW)
    whole, accept = left(out), Lake.accept
    accepted = 0

    def dies(self: Lake, manifest: object) -> None:
        nonlocal accepted
        accepted += 1
        if accepted == 2:
            raise KeyboardInterrupt
        accept(self, manifest)  # type: ignore[arg-type]

    monkeypatch.setattr(Lake, "accept", dies)
    with pytest.raises(KeyboardInterrupt):
        expire(out, 5, NOW)
    monkeypatch.undo()
    gone = whole - left(out)
    assert sum(gone.values()) == 1
    assert left(out)["a", 0] == 3
    expire(out, 5, NOW)
    assert left(out) == {("a", 0): 3, ("b", 9): 1, ("c", 9): 1, ("d", 9): 1}
    named = {part.path for m in Lake.open(out).manifests() for part in m.parts}
    Lake.open(out, write=True).close()
    there = {p.relative_to(out).as_posix() for p in (out / "sketches").glob("day=*/*.parquet")}
    assert there == named


@settings(deadline=None, max_examples=40)
@given(
    rows=st.lists(
        st.tuples(st.sampled_from("abc"), st.integers(0, 12)), min_size=1, max_size=25, unique=True
    ),
    held=st.sets(st.sampled_from("abc")),
    keep=st.integers(1, 16),
)
def test_what_stays_is_what_is_young_or_held(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, int]],
    held: set[str],
    keep: int,
) -> None:
    out = lake(tmp_path_factory.mktemp("lake"), [asked(*row) for row in rows])
    held &= {account for account, _ in rows}
    if held:
        hold(out, "h", "why", sorted(held), None, NOW)
    first = (NOW - timedelta(days=keep)).date()
    expire(out, keep, NOW)
    young = {r for r in rows if (START + timedelta(days=r[1])).date() >= first}
    assert left(out) == Counter(young | {r for r in rows if r[0] in held})


def test_days_are_counted(tmp_path: Path) -> None:
    out = lake(tmp_path, [asked("a", 0), asked("b", 0), asked("a", 1)], [asked("c", 1)])
    assert [(d.day, d.logs, d.rows) for d in days(out)] == [
        ("2026-10-06", 1, 2),
        ("2026-10-07", 2, 2),
    ]


def test_nonsense_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoInputError, match="holds no sketches"):
        expire(tmp_path, 5, NOW)
    out = lake(tmp_path, [asked("a", 0)])
    with pytest.raises(UsageError, match="keep 1 to 36500 days"):
        expire(out, 0, NOW)
    with pytest.raises(UsageError, match="keep 1 to 36500 days"):
        expire(out, 800_000, NOW)
    (out / "holds").mkdir()
    for text, told in (
        ('{"name": "x"}', r"x\.json: damaged hold"),
        (
            '{"schema": "stillwatch.hold/1", "name": "../../y", "reason": "r", '
            '"made": "2026-10-06T00:00:00Z", "accounts": ["a"]}',
            "name the file so",
        ),
        (
            '{"schema": "stillwatch.hold/1", "name": "x", "reason": "r", '
            '"made": "2026-10-06T00:00:00Z", "until": "2027-01-01T00:00", "accounts": ["a"]}',
            r"damaged hold \(until",
        ),
    ):
        (out / "holds" / "x.json").write_text(text, "utf-8")
        with pytest.raises(OutputError, match=told):
            expire(out, 5, NOW)
        with pytest.raises(OutputError, match=told):
            release(out, "x")
    assert left(out) == {("a", 0): 1}
