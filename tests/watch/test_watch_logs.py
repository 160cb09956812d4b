"""Logs that grow are read on, and files as a whole; nothing is lost or there twice."""

from __future__ import annotations

import errno
import gzip
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from turned import Turned, aged, ids, once, rejected

from stillwatch.errors import InputError, NoInputError
from stillwatch.sketch.lake import Lake
from stillwatch.traffic import stretch
from stillwatch.watch import take

Record = Callable[..., dict[str, Any]]
Watching = Callable[..., Turned]


def append(path: Path, *records: dict[str, Any] | str, end: str = "\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [one if isinstance(one, str) else json.dumps(one) for one in records]
    with path.open("a", encoding="utf-8") as file:
        file.write("\n".join(lines) + end)
    return path


def test_a_log_is_read_on_where_it_ended(
    tmp_path: Path, record: Record, watching: Watching
) -> None:
    log = append(tmp_path / "logs" / "a.jsonl", record(0), record(1))
    watch = watching(log.parent)
    assert watch.turn() == once(0, 1)
    assert watch.turn() == once(0, 1)
    append(log, record(2))
    assert watch.turn() == once(0, 1, 2)
    assert watch.again().turn() == once(0, 1, 2), "after a restart"
    append(log, record(3))
    assert watch.again().turn() == once(0, 1, 2, 3)


def test_half_a_line_waits_for_its_other_half(
    tmp_path: Path, record: Record, watching: Watching
) -> None:
    whole = json.dumps(record(1))
    log = append(tmp_path / "a.jsonl", record(0), whole[:30], end="")
    watch = watching(log)
    assert watch.turn() == once(0)
    assert watch.turn(timedelta(hours=1)) == once(0), "no whole document, however old"
    append(log, whole[30:])
    assert watch.turn() == once(0, 1)
    assert rejected(watch.watcher.out) == []


def test_the_last_line_of_a_log_that_ended_needs_no_end(
    tmp_path: Path, record: Record, watching: Watching
) -> None:
    log = append(tmp_path / "a.jsonl", record(0), record(1), end="")
    watch = watching(log)
    assert watch.turn() == once(0)
    assert watch.turn(timedelta(minutes=2)) == once(0, 1)
    append(log, "", record(2))
    assert watch.turn() == once(0, 1, 2)


def test_rejected_records_have_the_line_of_the_log(
    tmp_path: Path, record: Record, watching: Watching
) -> None:
    log = append(tmp_path / "a.jsonl", record(0), "broken", record(1))
    watch = watching(log)
    watch.turn()
    append(log, record(2), "broken too")
    assert watch.turn() == once(0, 1, 2)
    assert sorted(r["line"] for r in rejected(watch.watcher.out)) == [2, 5]
    assert any("1 record set aside" in line for line in watch.told)


def test_a_log_is_known_by_another_name(tmp_path: Path, record: Record, watching: Watching) -> None:
    log = append(tmp_path / "logs" / "app.jsonl", record(0), record(1))
    watch = watching(log.parent)
    watch.turn()
    append(log, record(2))
    log.rename(log.with_name("app.jsonl.1"))
    append(log, record(3))
    assert watch.turn() == once(0, 1, 2, 3)
    log.with_name("app.jsonl.1").unlink()
    assert watch.turn() == once(0, 1, 2, 3), "what was read stays"


def test_a_log_that_was_emptied_begins_anew(
    tmp_path: Path, record: Record, watching: Watching
) -> None:
    log = append(tmp_path / "app.jsonl", record(0), record(1))
    watch = watching(log)
    watch.turn()
    for first in (2, 4):
        log.write_text("")
        append(log, record(first))
        watch.turn()
        append(log, record(first + 1))
        watch.turn()
    assert watch.again().turn() == once(0, 1, 2, 3, 4, 5)


def test_logs_that_begin_alike_are_two(tmp_path: Path, record: Record, watching: Watching) -> None:
    head = json.dumps({"event": "started"})
    a = append(tmp_path / "logs" / "a.jsonl", head, record(0), record(1))
    watch = watching(a.parent)
    watch.turn()
    append(tmp_path / "logs" / "b.jsonl", head, record(2))
    assert watch.turn() == once(0, 1, 2)
    a.write_text("")
    append(a, head, record(3))
    assert watch.turn() == once(0, 1, 2, 3), "emptied, with the same first line"


def test_a_link_to_a_log_is_the_log(tmp_path: Path, record: Record, watching: Watching) -> None:
    log = append(tmp_path / "logs" / "app-04.jsonl", record(0))
    (log.parent / "current.jsonl").symlink_to(log)
    watch = watching(log.parent)
    assert watch.turn() == once(0)
    append(log, record(1))
    assert watch.turn() == once(0, 1)


def test_long_logs_are_read_in_stretches(
    tmp_path: Path, record: Record, watching: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stretch, "LONGEST", 2000)
    monkeypatch.setattr(stretch, "CHUNK", 700)
    monkeypatch.setattr(take, "ROUND", 3)
    long = record(7, prompt="x" * 5000)
    log = append(tmp_path / "a.jsonl", *map(record, range(7)), long, *map(record, range(8, 60)))
    append(log, "broken")
    watch = watching(log)
    assert watch.turn() == once(*range(60))
    assert [r["line"] for r in rejected(watch.watcher.out)] == [61]


def test_what_an_earlier_turn_left_out_is_read(
    tmp_path: Path, record: Record, watching: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stretches are accepted in any order; one in the middle may be missing after a kill."""
    monkeypatch.setattr(stretch, "LONGEST", 1)
    monkeypatch.setattr(stretch, "CHUNK", 200)
    log = append(tmp_path / "a.jsonl", *map(record, range(9)), "broken")
    watch = watching(log)
    watch.turn()
    with Lake.open(watch.watcher.out, write=True) as lake:
        second = sorted(lake.manifests(), key=lambda m: next(iter(m.meta["streams"].values())))[1]
        gone = second.rows
        lake.drop(second.digest)
    assert gone
    assert ids(watch.watcher.out).total() == 9 - gone
    append(log, record(9), "broken")
    assert watch.again().turn() == once(*range(10))
    assert sorted(r["line"] for r in rejected(watch.watcher.out)) == [10, 12]


def test_whole_files_wait_until_nobody_writes(
    tmp_path: Path, record: Record, watching: Watching
) -> None:
    packed = tmp_path / "logs" / "a.jsonl.gz"
    packed.parent.mkdir()
    packed.write_bytes(gzip.compress(json.dumps(record(0)).encode()))
    single = tmp_path / "logs" / "b.json"
    single.write_text(json.dumps(record(1), indent=1))
    watch = watching(packed.parent)
    assert watch.turn() == once()
    assert watch.watcher.metrics.open._value.get() == 2
    assert watch.turn(timedelta(minutes=2)) == once(0, 1)
    packed.rename(packed.with_name("old.gz"))
    assert watch.turn() == once(0, 1), "known by another name"


def test_a_file_that_grew_replaces_what_it_was(
    tmp_path: Path, record: Record, watching: Watching
) -> None:
    log = tmp_path / "calls.csv"
    rows = [record(n) for n in range(4)]

    def write(count: int, age: float) -> None:
        lines = [",".join(rows[0]), *(",".join(map(str, r.values())) for r in rows[:count])]
        log.write_text("\n".join(lines) + "\n")
        aged(log, age)

    write(2, 300)
    watch = watching(log)
    assert watch.turn() == once(0, 1)
    write(3, 200)
    assert watch.turn() == once(0, 1, 2)
    assert len(Lake.open(watch.watcher.out).manifests()) == 1
    rows[0], rows[1] = record(8), record(9)
    write(2, 150)
    assert watch.turn() == once(0, 1, 2, 8, 9), "another file took its place"


def test_a_file_that_changes_days_later_is_told(
    tmp_path: Path, record: Record, watching: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stillwatch.sketch.merge.SIZE", 2)
    days = 3 * 86_400
    for n in range(2):
        path = tmp_path / "logs" / f"{n}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(record(n), indent=1))
        aged(path, days)
    watch = watching(path.parent)
    watch.turn()
    assert len(Lake.open(watch.watcher.out).manifests()) == 1, "they are joined"
    path.write_text(json.dumps(record(1), indent=1) + json.dumps(record(2), indent=1))
    aged(path)
    assert watch.turn() == once(0, 1)
    assert sum("not be read again" in line for line in watch.told) == 1


def test_paths_may_lead_nowhere_yet(tmp_path: Path, record: Record, watching: Watching) -> None:
    folder = tmp_path / "logs"
    watch = watching(folder)
    assert watch.turn() == once()
    watch.turn()
    assert [line for line in watch.told if "no such file" in line] == watch.told
    assert len(watch.told) == 1, "told once"
    append(folder / "a.jsonl", record(0))
    assert watch.turn() == once(0)
    with pytest.raises(NoInputError, match="no such file"):
        watching(tmp_path / "none", strict=True).turn()


def test_what_cannot_be_read_does_not_stop_the_rest(
    tmp_path: Path, record: Record, watching: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    shut = append(tmp_path / "logs" / "a.jsonl", record(0))
    append(tmp_path / "logs" / "b.jsonl", record(1))
    opened = Path.open

    def refuse(path: Path, *given: Any, **more: Any) -> Any:
        if path == shut:
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *given, **more)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", refuse)
        watch = watching(shut.parent)
        assert watch.turn() == once(1)
        assert any("a.jsonl: Permission denied" in line for line in watch.told)
    assert watch.turn() == once(0, 1)


def test_its_own_output_is_no_traffic(tmp_path: Path, record: Record, watching: Watching) -> None:
    append(tmp_path / "a.jsonl", record(0))
    watch = watching(tmp_path)
    for _ in range(3):
        assert watch.turn(timedelta(minutes=2)) == once(0)


def test_small_sources_become_few(tmp_path: Path, record: Record, watching: Watching) -> None:
    log = tmp_path / "a.jsonl"
    watch = watching(log)
    for n in range(40):
        append(log, record(n), "broken")
        watch.turn()
    assert ids(watch.watcher.out) == once(*range(40))
    manifests = Lake.open(watch.watcher.out).manifests()
    assert len(manifests) == 2 + 8
    assert sorted(r["line"] for r in rejected(watch.watcher.out)) == list(range(2, 81, 2))
    assert {p.name for p in (watch.watcher.out / "rejected").iterdir()} == {
        f"{m.digest}.jsonl" for m in manifests
    }
    assert watch.again().turn() == once(*range(40))


def test_a_store_is_read_as_it_comes(tmp_path: Path, record: Record, watching: Watching) -> None:
    log = append(tmp_path / "logs" / "a.jsonl", record(0))
    url = f"file://{log.parent}"
    watch = watching(url)
    watch.turn(timedelta(minutes=2))
    append(tmp_path / "logs" / "b.jsonl", record(1))
    assert watch.turn(timedelta(minutes=2)) == once(0, 1)
    shutil.rmtree(log.parent)
    watch.turn()
    assert any("in the store" in line for line in watch.told)


def test_a_log_that_is_renamed_to_what_no_path_means_is_read_to_its_end(
    tmp_path: Path, record: Record, watching: Watching
) -> None:
    log = append(tmp_path / "logs" / "app.jsonl", record(0))
    watch = watching(log.parent / "*.jsonl")
    watch.turn()
    for n in range(1, 9, 2):
        append(log, record(n))
        for number in range(9, 0, -1):
            old = log.with_name(f"app.jsonl.{number}")
            if old.exists():
                old.rename(log.with_name(f"app.jsonl.{number + 1}"))
        log.rename(log.with_name("app.jsonl.1"))
        append(log, record(n + 1))
        if n == 5:
            watch = watch.again()
        assert watch.turn() == once(*range(n + 2))
    other = append(log.with_name("other.jsonl.1"), record(90))
    assert watch.turn() == once(*range(9)), "what never had a name that is meant is not followed"
    other.unlink()


def test_a_log_that_was_emptied_and_filled_further_begins_anew(
    tmp_path: Path, record: Record, watching: Watching
) -> None:
    head = json.dumps({"event": "log opened"})
    log = append(tmp_path / "app.jsonl", head, record(0))
    watch = watching(log)
    watch.turn()
    log.write_text("")
    append(log, head, *map(record, range(1, 9)))
    assert watch.again().turn() == once(*range(9))


def test_what_is_read_in_the_wrong_way_is_not_taken(tmp_path: Path, watching: Watching) -> None:
    lines = [json.dumps({"at": 1772355600 + n, "who": "a", "text": "Hi"}) for n in range(5)]
    log = append(tmp_path / "logs" / "a.jsonl", *lines)
    (log.parent / "b.csv").write_text("at,who,text\n1772355600,b,Hi\n")
    aged(log.parent / "b.csv")
    watch = watching(log.parent)
    watch.turn()
    watch.turn()
    assert ids(watch.watcher.out).total() == 0
    assert sum("a.jsonl: not one of its" in line for line in watch.told) == 1
    assert sum("b.csv: not one of its" in line for line in watch.told) == 1
    strict = watching(log.parent, strict=True)
    with pytest.raises(InputError, match="not one of its"):
        strict.turn()
    mapping = tmp_path / "map.toml"
    columns = 'time = "at"\naccount = "who"\nprompt = "text"\n'
    mapping.write_text(f"[columns]\n{columns}")
    again = watch.again()
    again.watcher.feed = replace(again.watcher.feed, mapping=mapping)
    assert again.turn().total() == 6
    append(log, "broken")
    again.turn()
    assert rejected(again.watcher.out), "of a log that is understood, what is not is set aside"


def test_paths_may_overlap(tmp_path: Path, record: Record, watching: Watching) -> None:
    folder = append(tmp_path / "logs" / "a.jsonl", record(0)).parent
    (folder / "b.json").write_text(json.dumps(record(1), indent=1))
    aged(folder / "b.json")
    watch = watching(folder, folder, folder / "*", f"{folder}/../logs/b.json")
    assert watch.turn() == once(0, 1)
    assert any("took 2 exchanges from 2 sources" in line for line in watch.told)


def test_a_full_disk_is_told_and_waited_for(
    tmp_path: Path, record: Record, watching: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = watching(append(tmp_path / "a.jsonl", record(0)))

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Lake, "accept", full)
        watch.turn()
    assert any("No space left" in line for line in watch.told)
    assert watch.turn() == once(0)


def test_a_folder_that_cannot_be_listed_is_told_and_the_rest_goes_on(
    tmp_path: Path,
    record: Record,
    watching: Watching,
    shut: Callable[[Path], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    append(tmp_path / "logs" / "a.jsonl", record(0))
    closed = append(tmp_path / "logs" / "closed" / "b.jsonl", record(1)).parent
    shut(closed)
    watch = watching(tmp_path / "logs")
    watch.turn()
    assert watch.turn() == once(0)
    assert sum(f"{closed}: cannot be read: Permission denied" in line for line in watch.told) == 1
    with pytest.raises(InputError, match="cannot be read"):
        watching(tmp_path / "logs", strict=True).turn()
    monkeypatch.undo()
    assert watch.turn() == once(0, 1)


def test_a_log_is_read_from_a_folder_that_cannot_be_listed(
    tmp_path: Path, record: Record, watching: Watching, shut: Callable[[Path], None]
) -> None:
    log = append(tmp_path / "logs" / "a.jsonl", record(0))
    shut(log.parent)
    watch = watching(log)
    assert watch.turn() == once(0)
    assert any("logs that are renamed in it are missed" in line for line in watch.told)
