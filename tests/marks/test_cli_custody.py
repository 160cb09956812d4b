"""What the commands around keys say, and refuse."""

from __future__ import annotations

import json
import re
import runpy
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stillwatch.marks import GreenList, Marker, Master

Cli = Callable[..., Any]
PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "custody.md"
COMMAND = re.compile(r"^stillwatch (.*)$", re.M)
KEY = "eu/c/a/e1"


@pytest.fixture
def texts(tmp_path: Path, master: Master) -> Path:
    """A text that is marked by `KEY`."""
    scheme, chance = GreenList(0.5, width=1), np.random.default_rng(0)
    (key,) = master.open("mark", [KEY]).of(scheme).values()
    marker, text = Marker(scheme, key), [1]
    for _ in range(300):
        logits = marker.logits(np.array(text), np.zeros(400))
        p = np.exp(logits)
        text.append(int(chance.choice(400, p=p / p.sum())))
    path = tmp_path / "texts.jsonl"
    path.write_text(json.dumps({"tokens": text}) + "\n")
    return path


SCHEME = ("--green", 0.5, "--width", 1)


def test_the_page_can_be_followed(
    stillwatch: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    page = PAGE.read_text("utf-8")
    Path("keys.txt").write_text("eu-chat/cohort-7/acct-heron/2026-11\n")
    Path("texts.jsonl").write_text('{"tokens": [1, 2, 3, 4]}\n')
    Path("serve.py").write_text(re.findall(r'title="serve.py"\n((?s:.*?))```', page)[0])
    said = ""
    for line in COMMAND.findall(page):
        words = shlex.split(line)
        if "--head" in words:
            head = re.findall(r"Head: (\d+:[0-9a-f]{64})", said)
            words[words.index("--head") + 1] = head[-1]
        ran = stillwatch(*words)
        assert ran.code == 0, (line, ran.err)
        said += ran.out
        if words[1] == "rotate":
            runpy.run_path("serve.py")
    log = Path("master.key.custody.jsonl").read_text()
    purposes = [json.loads(line)["for"] for line in log.splitlines()]
    assert purposes == [
        *("new", "detect", "audit", "audit", "rotate", "mark", "revoke", "export"),
    ]
    (example,) = re.findall(r"```json\n(.*), \.\.\.\}\n", page)
    shown = json.loads(example + "}")
    written = json.loads(log.splitlines()[1])
    assert list(shown) == list(written)[: len(shown)]
    assert (shown["for"], shown["as"], shown["why"]) == tuple(
        written[name] for name in ("for", "as", "why")
    )


def test_a_marked_text_of_a_revoked_key_comes_with_a_warning(
    stillwatch: Cli, texts: Path, master: Master
) -> None:
    ask = ("marks", "detect", texts, "--master", master.path, "--key", KEY, *SCHEME)
    ran = stillwatch(*ask)
    assert f"Marked by 1 key, at a family-wise error rate of 0.001: {KEY}." in ran.out
    assert "revoked" not in ran.out
    stillwatch("marks", "revoke", "eu/c", "--master", master.path, "--why", "[b]sold", "--as", "x")
    ran = stillwatch(*ask)
    assert re.search(rf"{KEY} is revoked since 20.* UTC, with eu/c \(\[b\]sold\)\.", ran.out)
    assert "Whoever had it can have written this mark" in ran.out
    (told,) = json.loads(stillwatch(*ask, "--json").out)["keys"]
    assert (told["revoked"]["key"], told["revoked"]["why"]) == ("eu/c", "[b]sold")


def test_an_examiner_finds_the_mark_without_the_master(
    stillwatch: Cli, texts: Path, master: Master, tmp_path: Path
) -> None:
    secret, public, sealed = (tmp_path / name for name in ("ex.key", "ex.pub", "sealed.key"))
    made = stillwatch("marks", "examiner", "new", secret)
    (fingerprint,) = re.findall(r"[0-9a-f]{64}", made.out)
    ran = stillwatch(
        *("marks", "export", "eu/c", "--master", master.path, "--to", public, "--out", sealed),
        *SCHEME,
    )
    assert fingerprint in ran.out
    assert "to look for green-list/1 green=0.5 width=1" in ran.out
    ask = ("marks", "detect", texts, "--sealed", sealed, "--examiner", secret)
    before = master.log.path.read_bytes()
    master.path.rename(tmp_path / "away")
    ran = stillwatch(*ask, "--key", KEY, "--key", "eu/c/b/e1")
    assert f"error rate of 0.001: {KEY}." in ran.out
    assert (tmp_path / "master.key.custody.jsonl").read_bytes() == before
    for more, code, why in (
        (("--key", "eu/d"), 2, "is not below eu/c"),
        (("--key", KEY, "--green", 0.25), 2, "says itself which scheme"),
        (("--key", KEY, "--master", tmp_path / "away"), 2, "say where the keys come from"),
    ):
        ran = stillwatch(*ask, *more)
        assert (ran.code, why in ran.err) == (code, True), ran.err
    ran = stillwatch("marks", "detect", texts, "--sealed", sealed, "--key", KEY)
    assert "--sealed and --examiner belong together" in ran.err
    assert "say where the keys come from" in stillwatch("marks", "detect", texts, "--key", "a").err
    sealed.write_bytes(sealed.read_bytes().replace(b'"as":null', b'"as":"me"'))
    ran = stillwatch(*ask, "--key", KEY)
    assert (ran.code, "it was changed, or cut off" in ran.err) == (8, True)


def test_a_log_is_shown_and_checked(stillwatch: Cli, master: Master, tmp_path: Path) -> None:
    log = master.log.path
    Master(master.path, by="[red]A. Egret", why="\x1b[31m").open("detect", ["eu/c/a", "us"])
    master.open("suspect trace", [f"eu/c/a{n}" for n in range(150)])
    ran = stillwatch("marks", "custody", "show", log)
    assert "as [red]A. Egret" in ran.out
    assert "\x1b" not in ran.out
    assert "eu/* (150)" in ran.out
    ran = stillwatch(
        "marks", "custody", "show", log, "--of", "eu/c/a", "--master", master.path, "--as", "audit"
    )
    assert "A. Egret" in ran.out
    assert "/* may be it or not" in ran.out
    assert ran.out.count("R. Heron") == ran.out.count("suspect trace") == 1
    ran = stillwatch("marks", "custody", "show", log, "--of", "jp", "--master", master.path)
    assert "Nobody had the key of jp" in ran.out
    ran = stillwatch("marks", "custody", "verify", log, "--master", master.path)
    assert "Whole: 6 entries, each sealed" in ran.out
    (head,) = re.findall(r"Head: (6:[0-9a-f]{64})\n", ran.out)
    ran = stillwatch("marks", "custody", "verify", log)
    assert "--master checks the seals" in ran.out
    assert f"Head: {head}\n" in ran.out
    copy = tmp_path / "copy.jsonl"
    lines = log.read_bytes().splitlines(keepends=True)
    copy.write_bytes(b"".join(lines[1:4]))
    ran = stillwatch("marks", "custody", "verify", copy)
    assert (ran.code, "line 1 of the custody log does not follow" in ran.err) == (8, True)
    copy.write_bytes(b"".join(lines[:4]) + b"{")
    ran = stillwatch("marks", "custody", "verify", copy)
    assert "A line at its end was never finished" in ran.out
    ran = stillwatch("marks", "custody", "verify", copy, "--head", head)
    assert (ran.code, "its end was cut off, or it was written anew" in ran.err) == (8, True)
    for given, code, why in (
        (("verify", tmp_path / "none"), 3, "there is no such log"),
        (("verify", log, "--head", "x"), 2, "64 hexadecimal digits"),
        (("show", log, "--of", "eu"), 2, "only the master can tell"),
    ):
        ran = stillwatch("marks", "custody", *given)
        assert (ran.code, why in ran.err) == (code, True), ran.err


def test_a_log_whose_end_was_cut_off_does_not_know_what_the_register_does(
    stillwatch: Cli, master: Master, tmp_path: Path
) -> None:
    log, key = master.log.path, ("--master", master.path)
    before = log.read_bytes()
    master.rotate("eu", "e1")
    ran = stillwatch("marks", "custody", "verify", log, *key)
    assert "Whole: " in ran.out
    log.write_bytes(before)
    ran = stillwatch("marks", "custody", "verify", log, *key)
    assert (ran.code, "Whole" in ran.out) == (0, False)
    assert "of 1 change of the register it has none" in " ".join(ran.out.split())
    empty = tmp_path / "empty.jsonl"
    empty.touch()
    ran = stillwatch("marks", "custody", "verify", empty)
    assert (ran.code, "holds no entry" in ran.err) == (5, True)


def test_who_holds_an_exported_key_is_told(stillwatch: Cli, master: Master, tmp_path: Path) -> None:
    secret = tmp_path / "examiner.key"
    stillwatch("marks", "examiner", "new", secret)
    (public,) = tmp_path.glob("examiner*.pub*")
    to, _ = master.export("eu/c/a", GreenList(), public, tmp_path / "sealed.key")
    ran = stillwatch(
        *("marks", "custody", "show", master.log.path, "--of", "eu/c/a/e1"),
        *("--master", master.path),
    )
    assert to[:12] in "".join(ran.out.split())


def test_a_log_that_began_anew_and_one_that_was_mended_say_so(
    stillwatch: Cli, master: Master
) -> None:
    log = master.log.path
    log.unlink()
    master.open("detect", ["eu"])
    with log.open("ab") as file:
        file.write(b'{"n":2,')
    ran = stillwatch("marks", "custody", "verify", log, "--master", master.path)
    assert "does not begin with the making of the master" in ran.out
    assert "never finished are in" in ran.out


def test_rotations_and_revocations_are_told(stillwatch: Cli, master: Master) -> None:
    key = ("--master", master.path)
    assert (
        "eu marks in the epoch e1" in stillwatch("marks", "rotate", "eu", *key, "--epoch", "e1").out
    )
    ran = stillwatch("marks", "rotate", "eu", *key, "--epoch", "e1")
    assert (ran.code, "no epoch begins twice" in ran.err) == (2, True)
    assert re.search(r"in the epoch 20\d{6}T\d{6}Z", stillwatch("marks", "rotate", "eu", *key).out)
    ran = stillwatch("marks", "revoke", "eu/c", *key, "--why", "leaked")
    assert "eu/c marks nothing more" in ran.out
    ran = stillwatch("marks", "revoke", "eu/c/a", *key, "--why", "leaked")
    assert (ran.code, "is revoked already" in ran.err) == (2, True)
