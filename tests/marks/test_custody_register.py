"""Epochs begin and keys end, and whoever marks hears of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from stillwatch.errors import OutputError, RevokedError, TamperedError, UsageError
from stillwatch.marks import Marking, Master


def because(master: Master, why: str = "leaked") -> Master:
    return Master(master.path, why=why)


def test_accounts_mark_in_the_epoch_that_began_last_for_them(master: Master) -> None:
    master.rotate("eu", "e1")
    marking = master.marking("eu")

    def epochs() -> list[str]:
        pairs = (("c", "a"), ("c", "b"), ("d", "a"))
        return [marking.current(*pair).path[-1] for pair in pairs]

    assert epochs() == ["e1", "e1", "e1"]
    master.rotate("eu/c/a", "e2")
    assert epochs() == ["e2", "e1", "e1"]
    master.rotate("eu/c", "e3")
    assert epochs() == ["e3", "e3", "e1"]
    master.rotate("eu", "e4")
    master.rotate("us", "e5")
    assert epochs() == ["e4", "e4", "e4"]
    key = master.open("detect", ["eu/c/a/e4"]).keys["eu/c/a/e4"]
    assert marking.current("c", "a") == key
    assert master.marking("eu/c").current("a") == key
    assert master.marking("eu/c/a").current() == key


def test_an_epoch_is_called_after_the_time_where_nobody_names_it(master: Master) -> None:
    name = master.rotate("eu")
    assert master.marking("eu").current("c", "a").path == ("eu", "c", "a", name)
    assert len(name) == len("20261124T031245Z")


def test_no_epoch_begins_twice_nor_below_an_epoch(master: Master) -> None:
    master.rotate("eu/c", "e1")
    for key in ("eu", "eu/c", "eu/c/a"):
        with pytest.raises(UsageError, match="no epoch begins twice"):
            master.rotate(key, "e1")
    master.rotate("eu/d", "e1")
    with pytest.raises(UsageError, match="is an epoch"):
        master.rotate("eu/c/a/e1", "e2")
    with pytest.raises(UsageError, match="an epoch needs a name"):
        master.rotate("eu", "")


def test_without_an_epoch_or_the_names_of_an_account_nothing_is_marked(master: Master) -> None:
    marking = master.marking("eu")
    with pytest.raises(UsageError, match=r"no epoch has begun; .*stillwatch marks rotate eu"):
        marking.current("c", "a")
    master.rotate("eu", "e1")
    for names in ((), ("c",), ("c", "a", "e1")):
        with pytest.raises(UsageError, match="name the cohort, account"):
            marking.current(*names)
    with pytest.raises(UsageError, match="an account needs a name"):
        marking.current("c", "")


@pytest.mark.parametrize("revoked", ["eu", "eu/c", "eu/c/a", "eu/c/a/e1"])
def test_a_revoked_key_and_those_below_it_mark_nothing_more(master: Master, revoked: str) -> None:
    master.rotate("eu", "e1")
    marking = master.marking("eu")
    marking.current("c", "a")
    because(master).revoke(revoked)
    with pytest.raises(
        RevokedError, match=r"is revoked since .*\(leaked\); nothing more is marked"
    ):
        marking.current("c", "a")
    for key in (revoked, "eu/c/a/e1"):
        with pytest.raises(RevokedError):
            master.open("mark", [key])
    # Others do, unless they are below it.
    if revoked != "eu":
        master.open("mark", ["eu"])
        assert marking.current("d", "a").path[-1] == "e1"


def test_after_an_epoch_was_revoked_the_next_one_marks(master: Master) -> None:
    master.rotate("eu", "e1")
    marking = master.marking("eu")
    because(master).revoke("eu/c/a/e1")
    master.rotate("eu/c/a", "e2")
    assert marking.current("c", "a").path[-1] == "e2"


def test_the_mark_of_a_revoked_key_is_looked_for_and_it_is_said(master: Master) -> None:
    because(master, "sold").revoke("eu/c")
    opened = master.open("detect", ["eu/c/a/e1", "eu/d/a/e1", "eu"])
    assert set(opened.keys) == {"eu/c/a/e1", "eu/d/a/e1", "eu"}
    assert set(opened.revoked) == {"eu/c/a/e1"}
    found = opened.revoked["eu/c/a/e1"]
    assert (found.key, found.why) == ("eu/c", "sold")
    assert found.since == master.register.read().lines[-1].at


def test_a_revocation_says_why_and_is_made_once(master: Master) -> None:
    with pytest.raises(UsageError, match="say with --why"):
        Master(master.path).revoke("eu")
    because(master).revoke("eu/c")
    for key in ("eu/c", "eu/c/a"):
        with pytest.raises(UsageError, match="is revoked already"):
            because(master).revoke(key)
    with pytest.raises(RevokedError):
        master.rotate("eu/c", "e1")
    because(master).revoke("eu")


def test_a_refused_use_leaves_no_entry(master: Master) -> None:
    because(master).revoke("eu")
    before = master.log.path.read_bytes()
    with pytest.raises(RevokedError):
        master.open("mark", ["us", "eu"])
    assert master.log.path.read_bytes() == before


def test_a_revocation_that_is_taken_out_stops_the_master(master: Master) -> None:
    master.rotate("eu", "e1")
    marking = master.marking("eu")
    marking.current("c", "a")
    because(master).revoke("eu/c/a")
    file = master.register.path
    whole = file.read_bytes()
    for wrong in (whole.splitlines(keepends=True)[0], b""):
        file.write_bytes(wrong)
        with pytest.raises(TamperedError, match="lines are gone or others"):
            master.open("detect", ["us"])
    file.unlink()
    with pytest.raises(TamperedError, match="lines are gone or others"):
        because(master).revoke("us")
    file.write_bytes(whole)
    master.open("detect", ["us"])
    with pytest.raises(RevokedError):
        marking.current("c", "a")


def test_a_server_that_runs_notices_too(master: Master) -> None:
    master.rotate("eu", "e1")
    because(master).revoke("eu/c/a")
    marking = master.marking("eu")
    file = master.register.path
    whole = file.read_bytes()
    for wrong in (whole.splitlines(keepends=True)[0], b"", whole.replace(b"leaked", b"larked")):
        file.write_bytes(wrong)
        for _ in range(2):
            with pytest.raises(TamperedError):
                marking.current("c", "b")
    file.unlink()
    with pytest.raises(TamperedError):
        marking.current("c", "b")
    file.write_bytes(whole)
    assert marking.current("c", "b").path[-1] == "e1"


def test_killed_between_register_and_log_the_revocation_holds(master: Master) -> None:
    master.rotate("eu", "e1")
    log = master.log.path.read_bytes()
    because(master).revoke("eu/c")
    master.log.path.write_bytes(log)
    with pytest.raises(RevokedError):
        master.open("mark", ["eu/c"])
    master.open("mark", ["eu"])
    assert master.audited().lines[-1].register_n == 2


def test_what_holds_though_the_log_has_it_not_is_told(
    master: Master, monkeypatch: pytest.MonkeyPatch
) -> None:
    master.rotate("eu", "e1")

    def fails(*_: object, **__: object) -> None:
        raise OutputError("the disk is full")

    monkeypatch.setattr(Master, "_write", fails)
    with pytest.raises(OutputError, match=r"says revoke now, and that holds\. But the disk"):
        because(master).revoke("eu/c")
    monkeypatch.undo()
    with pytest.raises(RevokedError):
        master.open("mark", ["eu/c"])


def test_the_register_can_be_read_by_its_owner_alone(master: Master) -> None:
    because(master, "sold").revoke("eu/c/acct-heron")
    assert master.register.path.stat().st_mode & 0o777 == 0o600
    text = master.register.path.read_text()
    assert '"what":"revoke","key":"eu/c/acct-heron"' in text
    assert '"as":null,"why":"sold"' in text
    assert "acct-heron" not in master.log.path.read_text()


def test_a_server_without_the_master_marks_by_a_copy_of_the_register(
    master: Master, tmp_path: Path
) -> None:
    master.rotate("eu", "e1")
    key = master.open("export", ["eu"]).keys["eu"]
    copy = tmp_path / "copy.jsonl"
    copy.write_bytes(master.register.path.read_bytes())
    marking = Marking(key, copy)
    assert marking.current("c", "a").path == ("eu", "c", "a", "e1")
    because(master).revoke("eu/c")
    # As much of it as a copy in the making may have.
    whole = master.register.path.read_bytes()
    copy.write_bytes(whole[:-20])
    marking.current("c", "a")
    copy.write_bytes(whole)
    with pytest.raises(RevokedError):
        marking.current("c", "a")
