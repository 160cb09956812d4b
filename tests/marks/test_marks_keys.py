"""Keys come from one secret, and tell nothing of each other or of themselves."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from pathlib import Path

import pytest

from stillwatch.errors import NoInputError, OutputError, UsageError
from stillwatch.marks import GreenList, Gumbel, Key, Master


def opened(master: Master, key: str) -> Key:
    return master.open("detect", [key]).keys[key]


def test_a_secret_is_made_once_and_read_again(tmp_path: Path, master: Master) -> None:
    path = tmp_path / "master.key"
    assert path.stat().st_mode & 0o777 == 0o600
    text = "eu/cohort-1/acct%2F1/2026-11"
    one, other = opened(master, text), opened(Master(path), text)
    assert one == other
    assert one.path == ("eu", "cohort-1", "acct/1", "2026-11")
    assert one.of(Gumbel()) == other.of(Gumbel())
    assert one == opened(master, "eu").child("cohort-1").child("acct/1").child("2026-11")
    with pytest.raises(OutputError, match="never replaced"):
        Master.create(path)
    with pytest.raises(OutputError, match="cannot be written"):
        Master.create(tmp_path / "none" / "master.key")


def test_keys_stay_what_they_were_when_texts_were_marked_with_them(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    path.write_text(f"stillwatch.master/1 {'5a' * 32}\n")
    path.chmod(0o600)
    key = opened(Master(path), "eu/c/a%2F7/2026-11")
    assert key.of(GreenList()).hex() == "26b2b73d9dcac8e9f0f69fab1bd7815d"


def test_every_name_and_scheme_has_a_key_of_its_own(master: Master) -> None:
    deployment = opened(master, "eu")
    keys = {
        opened(master, "us").of(Gumbel()),
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
    key = opened(master, "eu")
    secret = key.of(Gumbel())
    held = master.open("detect", ["eu"])
    for shown in (repr(key), str(key), f"{key}", repr(held), repr(master), repr(vars(master))):
        assert "secret" not in shown
        for one in (secret, key.secret()):
            assert one.hex() not in shown
            assert repr(one) not in shown
    assert repr(key) == "Key('eu')"


def test_there_are_four_levels(master: Master) -> None:
    key = opened(master, "a/b/c/d")
    with pytest.raises(UsageError, match="nothing below an epoch"):
        key.child("e")
    for wrong, why in (
        ("a/b/c/d/e", "nothing below an epoch"),
        ("", "a deployment needs a name"),
        ("a//b", "a cohort needs a name"),
        ("a/%FF", "not UTF-8"),
        ("\udcff", "not UTF-8"),
    ):
        with pytest.raises(UsageError, match=why):
            master.open("detect", [wrong])
    with pytest.raises(UsageError, match="name the keys"):
        master.open("detect", [])


def test_files_that_are_no_secret(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    master = Master.create(path)
    path.chmod(0o640)
    with pytest.raises(UsageError, match="others can read it"):
        master.open("detect", ["eu"])
    path.chmod(0o600)
    whole = path.read_text()
    for wrong in (
        *(b"", b"x", b"\xff", b"stillwatch.master/1 zz"),
        *(whole[:-9].encode(), whole.replace("master/1", "master/2").encode()),
    ):
        path.write_bytes(wrong)
        with pytest.raises(UsageError, match="holds no master key") as raised:
            master.open("detect", ["eu"])
        assert whole.split()[1][:8] not in str(raised.value)
    with pytest.raises(NoInputError, match="cannot be read"):
        Master(tmp_path / "none").open("detect", ["eu"])


def test_keys_are_not_sent_by_accident(master: Master) -> None:
    held = master.open("detect", ["eu"])
    for one in (held.keys["eu"], held):
        with pytest.raises(TypeError):
            pickle.dumps(one)
        with pytest.raises(TypeError):
            copy.deepcopy(one)
    assert not dataclasses.is_dataclass(held.keys["eu"])
    # A master has nothing to hide: it is the name of a file.
    assert master.path.read_text().split()[1].encode() not in pickle.dumps(vars(master.log))
