"""No key is handed out without an entry, and entries are what they were when they were written."""

from __future__ import annotations

import json
import multiprocessing
import random
import shutil
import tempfile
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
from custody_scene import use
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.errors import OutputError, TamperedError, UsageError
from stillwatch.marks import Gumbel, Master
from stillwatch.marks import custody as logs
from stillwatch.marks.chain import Head


def entries(master: Master) -> list[dict[str, Any]]:
    return [json.loads(line) for line in master.log.path.read_text().splitlines()]


def test_each_opening_is_one_entry_that_says_who_when_what_for(master: Master) -> None:
    Master(master.path, by="A. Egret", why="case 17").open("suspect test", ["eu/c/a", "us"])
    first, last = entries(master)
    assert (first["for"], first["as"], first["why"]) == ("new", "R. Heron", "a test")
    assert (last["for"], last["as"], last["why"]) == ("suspect test", "A. Egret", "case 17")
    assert last["at"].endswith("+00:00")
    assert last["user"]
    assert last["host"]
    assert last["count"] == 2
    assert master.log.path.stat().st_mode & 0o777 == 0o600


def test_marking_for_many_accounts_is_one_entry(master: Master) -> None:
    master.rotate("eu", "e1")
    marking = master.marking("eu")
    before = len(entries(master))
    assert len({marking.current("c", f"acct-{n}").of(Gumbel()) for n in range(500)}) == 500
    assert len(entries(master)) == before


def test_the_log_names_no_cohort_and_no_account(master: Master) -> None:
    master.open("detect", ["eu-chat/acme/acct-heron/2026-11", "us-chat"])
    text = master.log.path.read_text()
    assert "acme" not in text
    assert "heron" not in text.replace("R. Heron", "")
    key, other = entries(master)[-1]["keys"]
    assert key.startswith("eu-chat/~")
    assert key.endswith("/2026-11")
    assert other == "us-chat"


def test_the_same_account_has_other_pseudonyms_elsewhere(master: Master, tmp_path: Path) -> None:
    strange = Master.create(tmp_path / "other.key")
    keys = ["eu/c/a", "eu/d/a", "us/c/a", "eu/c/b", "eu/a/a"]
    told = [
        part
        for one in (master, strange)
        for key in (one.open("detect", keys), entries(one)[-1]["keys"])[1]
        for part in key.split("/")[1:]
    ]
    # Of each master: cohorts c, d, a of eu and c of us; and five accounts.
    assert len(set(told)) == 2 * (4 + 5)


def test_whoever_has_the_master_can_say_who_had_an_accounts_key(master: Master) -> None:
    def by(name: str) -> Master:
        return Master(master.path, by=name)

    by("the deployment").open("mark", ["eu"])
    by("the account").open("detect", ["us", "eu/c/a"])
    by("another account").open("detect", ["eu/c/b", "eu/c/aa", "euro"])
    by("below").open("detect", ["eu/c/a/e1"])
    by("many").open("suspect trace", [f"eu/c/acct-{n}" for n in range(101)])
    by("many elsewhere").open("suspect trace", [f"us/c/acct-{n}" for n in range(101)])
    found = master.uses("eu/c/a")
    # Whoever has the key of an epoch of it can write its mark, too.
    assert [one.name for one in found] == ["the deployment", "the account", "below", "many"]
    assert [one.keys for one in found][-1] == ("eu/*",)
    assert found[-1].count == 101
    assert entries(master)[-1]["for"] == "audit"


def test_without_an_entry_there_is_no_key(master: Master, monkeypatch: pytest.MonkeyPatch) -> None:
    log = master.log.path
    kept = log.read_bytes()
    log.unlink()
    log.symlink_to("/dev/full")
    with pytest.raises(OutputError, match="No space left on device; no key is handed out"):
        master.open("detect", ["eu"])
    log.unlink()
    log.mkdir()
    with pytest.raises(OutputError, match="custody log cannot be written"):
        master.open("detect", ["eu"])
    log.rmdir()
    log.write_bytes(kept)

    def fails(_: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("os.fsync", fails)
    with pytest.raises(OutputError, match="Input/output error"):
        master.open("detect", ["eu"])


def test_a_new_master_whose_log_cannot_be_written_is_none(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    log = tmp_path / "master.key.custody.jsonl"
    log.write_text("of before")
    with pytest.raises(OutputError, match="another master key"):
        Master.create(path)
    log.unlink()
    log.symlink_to("/dev/full")
    with pytest.raises(OutputError):
        Master.create(path)
    assert not path.exists()


def test_links_to_one_master_lead_to_one_log(master: Master, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "elsewhere" / "link.key"
    link.symlink_to(master.path)
    Master(link).open("detect", ["eu"])
    assert [one["for"] for one in entries(master)] == ["new", "detect"]
    assert list(link.parent.iterdir()) == [link]


def test_what_a_person_says_is_text_of_some_length(master: Master) -> None:
    for wrong in ("", "x" * 501):
        with pytest.raises(UsageError, match="1 to 500 characters"):
            Master(master.path, by=wrong)
    Master(master.path, by='a"\n{}', why="\u2028\x1b[31m").open("detect", ["eu"])
    assert len(master.audited().lines) == 3


def test_what_could_not_be_read_again_is_not_written(master: Master) -> None:
    before = master.log.path.read_bytes()
    ask: Any = "fun"
    with pytest.raises(UsageError, match="for cannot go into the custody log: must be one of"):
        master.open(ask, ["eu"])
    with pytest.raises(UsageError, match="cannot go into the custody log"):
        Master(master.path, by="\udcff").open("detect", ["eu"])
    with pytest.raises(UsageError, match="cannot go into the register"):
        Master(master.path, why="\udcff").revoke("eu")
    assert master.log.path.read_bytes() == before
    assert not master.register.read().lines


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with a master that was used in all ways. Tests work on a copy."""
    master = Master.create(tmp_path_factory.mktemp("story") / "master.key")
    master.rotate("eu", "e1")
    for n in range(3):
        master.open("detect", [f"eu/c/a{n}"])
    Master(master.path, why="leaked").revoke("eu/c/a1")
    master.rotate("eu", "e2")
    master.open("mark", ["eu"])
    return master.path.parent


def changed(whole: bytes, how: tuple[str, int, int]) -> bytes:
    """A file with one thing about it changed; maybe the same, where two lines are alike."""
    what, at, by = how
    lines = whole.splitlines(keepends=True)
    if what == "flip":
        at %= len(whole)
        return whole[:at] + bytes([whole[at] ^ by]) + whole[at + 1 :]
    if what == "drop":
        # Not the last: that is what a chain cannot show.
        del lines[at % (len(lines) - 1)]
    elif what == "swap":
        one, other = at % len(lines), (at + by) % len(lines)
        lines[one], lines[other] = lines[other], lines[one]
    else:
        lines.insert(at % (len(lines) + 1), lines[by % len(lines)])
    return b"".join(lines)


changes = st.tuples(
    st.sampled_from(["flip", "flip", "drop", "swap", "repeat"]),
    st.integers(0, 1 << 20),
    st.integers(1, 255),
)


@settings(max_examples=200, deadline=None)
@given(changes, st.booleans())
def test_what_was_changed_is_noticed(
    story: Path, how: tuple[str, int, int], register: bool
) -> None:
    with tempfile.TemporaryDirectory() as place:
        path = Path(shutil.copytree(story, Path(place) / "copy")) / "master.key"
        master = Master(path)
        file = (master.register if register else master.log).path
        whole = file.read_bytes()
        wrong = changed(whole, how)
        if wrong == whole:
            return
        copy = file.with_name("copy.jsonl")
        if register:
            file.write_bytes(wrong)
            with pytest.raises(TamperedError):
                master.audited()
            return
        copy.write_bytes(wrong)
        try:
            seen = master.audited(copy)
        except TamperedError:
            return
        # The end of the last line was changed, so that it is not one: that is told.
        assert how[0] == "flip"
        assert how[1] % len(whole) == len(whole) - 1
        assert seen.unfinished > 0


@settings(max_examples=100, deadline=None)
@given(changes)
def test_a_log_whose_last_line_was_changed_takes_no_other(
    story: Path, how: tuple[str, int, int]
) -> None:
    with tempfile.TemporaryDirectory() as place:
        path = Path(shutil.copytree(story, Path(place) / "copy")) / "master.key"
        master = Master(path)
        before = master.log.path.read_bytes()
        *_, last = before.splitlines(keepends=True)
        wrong = changed(last[:-1], ("flip", *how[1:])) + b"\n"
        master.log.path.write_bytes(before[: -len(last)] + wrong)
        with pytest.raises(TamperedError, match="the last line of the custody log"):
            master.open("detect", ["eu"])
        assert master.log.path.read_bytes() == before[: -len(last)] + wrong


def test_without_the_master_all_but_the_last_line_is_checked(story: Path) -> None:
    whole = (story / "master.key.custody.jsonl").read_bytes()
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place) / "log.jsonl"
        lines = whole.splitlines(keepends=True)
        for n in range(len(lines)):
            wrong = [*lines]
            wrong[n] = wrong[n].replace(b'"host":"', b'"host":"x')
            copy.write_bytes(b"".join(wrong))
            if n < len(lines) - 1:
                with pytest.raises(TamperedError, match=f"line {n + 2} "):
                    logs.at(copy).read()
            else:
                assert logs.at(copy).read().head != logs.beside(story / "master.key").read().head


def test_a_log_that_was_cut_off_is_whole_and_has_not_the_head_that_was_told(story: Path) -> None:
    chain = logs.beside(story / "master.key")
    content = chain.read()
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place) / "log.jsonl"
        lines = chain.path.read_bytes().splitlines(keepends=True)
        copy.write_bytes(b"".join(lines[:-1]))
        short = logs.at(copy).read()
    assert len(short.lines) == len(content.lines) - 1
    assert not short.went_through(content.head)
    assert content.went_through(short.head)
    assert not content.went_through(Head(2, "0" * 64))


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 10_000))
def test_an_unfinished_line_is_set_aside_and_no_other_lost(story: Path, cut: int) -> None:
    with tempfile.TemporaryDirectory() as place:
        path = Path(shutil.copytree(story, Path(place) / "copy")) / "master.key"
        master = Master(path)
        before = master.log.path.read_bytes()
        *_, last = before.splitlines(keepends=True)
        part = last[: 1 + cut % (len(last) - 1)]
        with master.log.path.open("ab") as file:
            file.write(part)
        assert master.log.read().unfinished == len(part)
        master.open("detect", ["eu"])
        assert master.log.path.read_bytes().startswith(before)
        assert len(master.audited().lines) == len(before.splitlines()) + 2
        assert (path.parent / "master.key.custody.jsonl.torn").read_bytes() == part + b"\n"


def test_lines_longer_than_a_block_are_read_from_the_end(master: Master) -> None:
    for _ in range(3):
        Master(master.path, why="x" * 500).open(
            "detect", [f"{'d' * 900}{n}/{'c' * 50}" for n in range(99)]
        )
    assert max(map(len, master.log.path.read_text().splitlines())) > 1 << 16
    assert len(master.audited().lines) == 5


def started(path: Path, name: str, times: int) -> tuple[Any, Connection]:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["stillwatch.marks"])
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=use, args=(path, name, times, there))
    process.start()
    there.close()
    return process, here


def told(connection: Connection) -> list[tuple[str, int, int]]:
    """All that was said before the other end was gone."""
    found = []
    try:
        while True:
            found.append(connection.recv())
    except EOFError:
        return found


def test_two_processes_at_once_lose_nothing(master: Master) -> None:
    running = [started(master.path, name, 60) for name in ("one", "two")]
    assert [len(told(connection)) for _, connection in running] == [60, 60]
    for process, _ in running:
        process.join()
    lines = master.audited().lines
    assert len(lines) == 1 + 120 + 1
    names = [one.name for one in lines[1:-1]]
    assert names.count("one") == names.count("two") == 60


def test_killed_at_any_moment_no_entry_of_a_key_that_was_had_is_lost(master: Master) -> None:
    chance = random.Random(7)
    had = 0
    for n in range(30):
        process, connection = started(master.path, f"p{n}", 100_000)
        assert connection.poll(20)
        process.join(chance.uniform(0, 0.03))
        process.kill()
        process.join()
        mine = told(connection)
        connection.close()
        content = master.audited()
        theirs = [one for one in content.lines if one.name == f"p{n}"]
        # The last may have been written, and not been told any more.
        assert len(mine) <= len(theirs) <= len(mine) + 1
        had += len(mine)
    assert had > 30


def test_a_new_log_does_not_begin_with_the_making_of_the_master(master: Master) -> None:
    master.log.path.unlink()
    master.open("detect", ["eu"])
    assert [one.purpose for one in master.audited().lines] == ["detect", "audit"]
