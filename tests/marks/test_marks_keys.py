"""Keys come from one secret, and tell nothing of each other or of themselves."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from stillwatch.errors import NoInputError, OutputError, UsageError
from stillwatch.marks import GreenList, Gumbel, Key, Master


@pytest.fixture
def master(tmp_path: Path) -> Master:
    return Master.create(tmp_path / "master.key")


def test_a_secret_is_made_once_and_read_again(tmp_path: Path, master: Master) -> None:
    path = tmp_path / "master.key"
    assert path.stat().st_mode & 0o777 == 0o600
    again = Master.load(path)
    names = ("eu", "cohort-1", "acct-1", "2026-11")
    one: Key = master
    other: Key = again
    for name in names:
        one, other = one.child(name), other.child(name)
    assert one == other
    assert one.path == names
    assert one.of(Gumbel()) == other.of(Gumbel())
    with pytest.raises(OutputError, match="never replaced"):
        Master.create(path)
    with pytest.raises(OutputError, match="cannot be written"):
        Master.create(tmp_path / "none" / "master.key")


def test_every_name_and_scheme_has_a_key_of_its_own(master: Master) -> None:
    deployment = master.child("eu")
    keys = {
        master.child("us").of(Gumbel()),
        deployment.of(Gumbel()),
        deployment.of(Gumbel(1)),
        deployment.of(GreenList()),
        deployment.of(GreenList(0.5)),
        deployment.child("a").of(Gumbel()),
        deployment.child("b").of(Gumbel()),
        deployment.child("a").child("b").of(Gumbel()),
        deployment.child("a").child("a").of(Gumbel()),
        deployment.child("ab").of(Gumbel()),
    }
    assert len(keys) == 10
    assert all(len(key) == 16 for key in keys)
    assert deployment.of(GreenList(bias=1.0)) == deployment.of(GreenList(bias=9.0))


def test_keys_are_not_shown(master: Master) -> None:
    secret = master.child("eu").of(Gumbel())
    for shown in (repr(master), str(master.child("eu")), f"{master.child('eu')}"):
        assert secret.hex() not in shown
        assert "secret" not in shown
        assert not any(byte in shown for byte in (repr(secret), str(secret)))


def test_there_are_four_levels(master: Master) -> None:
    key: Key = master
    for name in "abcd":
        key = key.child(name)
    with pytest.raises(UsageError, match="nothing below an epoch"):
        key.child("e")
    with pytest.raises(UsageError, match="a deployment needs a name"):
        master.child("")


def test_files_that_are_no_secret(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    Master.create(path)
    path.chmod(0o640)
    with pytest.raises(UsageError, match="others can read it"):
        Master.load(path)
    path.chmod(0o600)
    whole = path.read_text()
    for wrong in (
        "",
        "x",
        whole[:-9],
        whole.replace("master/1", "master/2"),
        "stillwatch.master/1 zz",
    ):
        path.write_text(wrong)
        with pytest.raises(UsageError, match="holds no master key") as raised:
            Master.load(path)
        assert whole.split()[1][:8] not in str(raised.value)
    path.write_bytes(b"\xff")
    with pytest.raises(UsageError, match="holds no master key"):
        Master.load(path)
    with pytest.raises(NoInputError, match="cannot be read"):
        Master.load(tmp_path / "none")


def test_keys_are_not_sent_by_accident(master: Master) -> None:
    with pytest.raises(TypeError):
        pickle.dumps(master.child("eu"))
