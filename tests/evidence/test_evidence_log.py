"""What a log was told is in it, for good, and in the order it was told."""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from crashing import Account

from stillwatch.errors import NoInputError, OutputError, TamperedError, UsageError
from stillwatch.evidence import Entry, Log, read_key
from stillwatch.evidence import log as log_module
from stillwatch.evidence.audit import audited
from stillwatch.evidence.merkle import included, leaf_hash

ORIGIN = "provider.example/evidence"


def facts(count: int, start: int = 0) -> list[Entry]:
    return [Entry("fact", f"account-{n}", {"n": n}) for n in range(start, start + count)]


def test_entries_come_back_as_they_were_told(log: Log) -> None:
    at = datetime(2026, 11, 28, 9, 30, 1, 234000, tzinfo=UTC)
    body = {"b": [1, 2.5, None, True, {"ü": "\u2028"}], "a": "x"}
    assert log.append([Entry("decision", "case-17", body, at), *facts(2)]) == range(3)
    assert log.append(facts(1)) == range(3, 4)
    assert log.size == 4
    first = log.entry(0)
    assert (first.kind, first.subject, first.body, first.at) == ("decision", "case-17", body, at)
    assert [entry.body["n"] for _, entry in log.entries(1)] == [0, 1, 0]
    assert [index for index, _ in log.entries(1, 3)] == [1, 2]


def test_equal_entries_have_equal_bytes() -> None:
    at = datetime(2026, 11, 28, tzinfo=UTC)
    one = Entry("fact", "x", {"a": 1, "b": {"c": 2, "d": 3}}, at)
    other = Entry("fact", "x", {"b": {"d": 3, "c": 2}, "a": 1}, at)
    assert one.data == other.data
    assert json.loads(one.data)["schema"] == "stillwatch.entry/1"
    assert Entry.parsed(one.data).data == one.data


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: Entry("fact", "x", {"a": float("nan")}), "no JSON"),
        (lambda: Entry("fact", "x", {"a": {1, 2}}), "no JSON"),
        (lambda: Entry("fact", "x", {"a": "\ud800"}), "no JSON"),
        (lambda: Entry("fact", "x", {"a": "y" * 70_000}), "at most 65,535 bytes"),
        (lambda: Entry("fact", "", {}), "1 to 500 characters"),
        (lambda: Entry("rumour", "x", {}), "rumour: is no kind"),  # type: ignore[arg-type]
        (lambda: Entry("fact", "x", {}, datetime(2026, 1, 1)), "has a zone"),  # noqa: DTZ001
    ],
)
def test_what_cannot_be_logged_is_refused_where_it_is_made(
    make: Callable[[], Entry], why: str
) -> None:
    with pytest.raises(UsageError, match=why):
        make()


def test_the_largest_entry_is_logged_and_proved(log: Log) -> None:
    room = 65_535 - len(Entry("fact", "x", {"a": ""}).data)
    log.append([Entry("fact", "x", {"a": "y" * room})])
    log.checkpoint()
    assert log.entry(0).body["a"] == "y" * room
    assert audited(log.public, log.key).kinds == {"fact": 1}


def test_every_entry_can_be_proved(log: Log) -> None:
    log.append(facts(700))
    signed = log.checkpoint()
    for index in (0, 1, 255, 256, 511, 512, 698, 699):
        leaf = leaf_hash(log.entry(index).data)
        assert included(leaf, index, 700, log.inclusion(index), signed.root)
    log.append(facts(1))
    with pytest.raises(UsageError, match="no entry 700 that is signed"):
        log.inclusion(700)
    with pytest.raises(UsageError, match="no entry 701"):
        log.entry(701)


def test_a_log_goes_on_where_it_was(tmp_path: Path) -> None:
    path, roots = tmp_path / "log", []
    with Log.create(path, ORIGIN) as log:
        roots.append(log.last.root)
    for start in range(0, 1500, 150):
        with Log.open(path) as log:
            assert log.size == start
            assert log.append(facts(150, start)) == range(start, start + 150)
        # Closed, it is signed.
        assert audited(path / "public", log.key).checkpoint.size == start + 150
        assert log.recovered is None
    with Log.create(tmp_path / "at once", ORIGIN) as other:
        other.append([entry for _, entry in Log.open(path).entries()])
        assert other.checkpoint().root == log.last.root


def test_nothing_new_signs_nothing(log: Log) -> None:
    log.append(facts(1))
    first = log.checkpoint()
    before = sorted((p, p.stat().st_mtime_ns) for p in log.public.rglob("*"))
    assert log.checkpoint() is first
    assert sorted((p, p.stat().st_mtime_ns) for p in log.public.rglob("*")) == before


def test_a_tail_that_grows_long_is_signed_unasked(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_module, "MOST_ENTRIES", 500)
    for n in range(0, 900, 100):
        log.append(facts(100, n))
    assert log.last.size == 500
    assert [entry.body["n"] for _, entry in log.entries()] == list(range(900))


def test_only_one_process_has_a_log(log: Log) -> None:
    with pytest.raises(OutputError, match="another process has this log open"):
        Log.open(log.directory)


def test_threads_append_at_once_and_each_has_its_own_indices(log: Log) -> None:
    had: dict[int, list[int]] = {}

    def work(thread: int) -> None:
        had[thread] = [
            index
            for n in range(20)
            for index in log.append([Entry("fact", f"{thread}", {"n": n})] * (n % 3 + 1))
        ]

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(index for indices in had.values() for index in indices) == list(range(log.size))
    for thread, indices in had.items():
        assert {log.entry(index).subject for index in indices} == {f"{thread}"}
    log.checkpoint()
    assert audited(log.public, log.key).checkpoint.size == log.size


def test_while_it_grows_and_is_signed_all_can_be_read_and_proved(log: Log) -> None:
    log.append(facts(300))
    signed = log.checkpoint()
    done = threading.Event()

    def work() -> None:
        for n in range(300, 600, 30):
            log.append(facts(30, n))
            log.checkpoint()
        done.set()

    thread = threading.Thread(target=work)
    thread.start()
    rounds = 0
    while not done.is_set() or not rounds:
        found = [entry.body["n"] for _, entry in log.entries(250)]
        assert found == list(range(250, 250 + len(found)))
        leaf = leaf_hash(log.entry(270).data)
        assert included(leaf, 270, 300, log.inclusion(270, signed), signed.root)
        rounds += 1
    thread.join()
    assert log.last.size == 600


def test_others_on_the_machine_do_not_read_it(log: Log) -> None:
    assert log.directory.stat().st_mode & 0o777 == 0o700


def test_nothing_is_acknowledged_that_the_disk_did_not_take(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.append(facts(1))

    def failing(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("stillwatch.evidence.pen.write_all", failing)
        with pytest.raises(OutputError, match="No space left on device; nothing is logged"):
            log.append(facts(1))
    # It was taken back, and the log goes on.
    assert log.append(facts(2)) == range(1, 3)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", failing)
        with pytest.raises(OutputError, match="nothing is logged"):
            log.append(facts(1))
    # Whether the disk has it is not known, so the file is read again before it goes on.
    with pytest.raises(OutputError, match="open the log anew"):
        log.append(facts(1))
    with pytest.raises(OutputError, match="open the log anew"):
        log.close()
    with Log.open(log.directory) as again:
        assert again.size in (3, 4)


def test_what_cannot_be_published_stays_logged(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    log.append(facts(300))

    def failing(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("stillwatch.evidence.publishing._write", failing)
        with pytest.raises(OutputError, match="cannot be published: No space left"):
            log.checkpoint()
    assert log.append(facts(1)) == range(300, 301)
    assert log.checkpoint().size == 301
    assert audited(log.public, log.key).checkpoint.size == 301


@pytest.mark.parametrize("cut", [1, 20, 43, 44, 45, 60])
def test_an_append_that_was_never_finished_is_set_aside_and_told(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "log"
    with Log.create(path, ORIGIN) as log:
        log.append(facts(2))
        log.checkpoint()
        before = (path / "tail").stat().st_size
        log.append(facts(1))
        whole = (path / "tail").read_bytes()
        shutil.copytree(path, tmp_path / "killed")
    killed = tmp_path / "killed"
    (killed / "tail").write_bytes(whole[: before + cut])
    with Log.open(killed) as again:
        assert again.recovered is not None
        assert f"({cut} byte" in again.recovered
        assert again.size == 2
        assert again.append(facts(1)) == range(2, 3)
    assert (killed / "tail.torn").read_bytes() == whole[before : before + cut]


def test_blocks_that_a_power_cut_left_empty_were_never_finished(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with Log.create(path, ORIGIN) as log:
        log.append(facts(2))
        log.checkpoint()
        before = (path / "tail").stat().st_size
        log.append(facts(20))
        shutil.copytree(path, tmp_path / "killed")
    killed = tmp_path / "killed"
    whole = (killed / "tail").read_bytes()
    for empty in (bytes(len(whole) - before), whole[before:-100] + bytes(100)):
        (killed / "tail").write_bytes(whole[:before] + empty)
        with Log.open(killed) as again:
            assert again.recovered is not None
            assert again.size == 2


def test_entries_that_were_signed_do_not_get_lost_as_an_unfinished_end(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with Log.create(path, ORIGIN) as log:
        log.append(facts(2))
    tail = path / "tail"
    tail.write_bytes(tail.read_bytes()[:-1])
    with pytest.raises(TamperedError, match="ends after 0 entries, and 2 were signed"):
        Log.open(path)
    # Nothing was cut off meanwhile.
    assert not (path / "tail.torn").exists()


def test_killed_at_any_moment_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with Log.create(path, ORIGIN) as log:
        account = Account(path, log.key)
    for n in range(20):
        account.crash(f"p{n}", 0.01 * (n % 7))
    account.audit()
    assert len(account.all) >= 20


def test_a_key_is_followed_by_the_next_and_the_old_one_leads_to_it(log: Log) -> None:
    first = log.key
    log.append(facts(1))
    keys = [first, log.rotate(), log.rotate()]
    log.append(facts(1))
    log.checkpoint()
    for key in keys:
        assert audited(log.public, key).keys == tuple(keys)
    assert [entry.kind for _, entry in log.entries()] == ["fact", "key", "key", "fact"]
    assert read_key(log.directory / "log.vkey") == keys[-1]
    assert read_key(log.directory / f"log.{first.id.hex()}.vkey") == first
    assert not (log.directory / "signing.next").exists()
    assert (log.directory / "signing.key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("step", ["append", "hand_over", "write_key", "replace"])
def test_killed_while_keys_change_one_of_both_signs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "log"
    log = Log.create(path, ORIGIN)
    first = log.key
    log.append(facts(1))
    log.checkpoint()

    class Killed(BaseException):
        pass

    def killed(*_: Any) -> None:
        raise Killed

    where = {
        "append": "stillwatch.evidence.log.Log.append",
        "hand_over": "stillwatch.evidence.signing.hand_over",
        "write_key": "stillwatch.evidence.signing.write_key",
        "replace": "stillwatch.evidence.signing.sync_directory",
    }
    with monkeypatch.context() as patch:
        patch.setattr(where[step], killed)
        with pytest.raises(Killed):
            log.rotate()
        # As a process that dies lets go of it.
        log._stack.close()
    with Log.open(path) as again:
        assert (again.key == first) == (step in ("append", "hand_over"))
        again.append(facts(1))
        again.rotate()
    assert audited(path / "public", first).keys[-1] == again.key


def test_a_log_is_not_made_over_anything(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="not empty"):
        Log.create(tmp_path, ORIGIN)
    with pytest.raises(UsageError, match="--origin 'a b'"):
        Log.create(tmp_path / "log", "a b")
    with pytest.raises(NoInputError, match="there is no log"):
        Log.open(tmp_path / "log")


def test_a_secret_key_that_others_can_read_signs_nothing(tmp_path: Path) -> None:
    Log.create(tmp_path / "log", ORIGIN).close()
    (tmp_path / "log" / "signing.key").chmod(0o640)
    with pytest.raises(UsageError, match="others can read it"):
        Log.open(tmp_path / "log")


def test_a_closed_log_takes_nothing(log: Log) -> None:
    log.close()
    with pytest.raises(OutputError, match="the log is closed"):
        log.append(facts(1))
