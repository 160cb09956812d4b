"""What the commands around evidence say, and refuse."""

from __future__ import annotations

import os
import re
import runpy
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stillwatch.evidence import Entry, Log

Cli = Callable[..., Any]
PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "evidence.md"
COMMAND = re.compile(r"^stillwatch (.*)$", re.M)
ORIGIN = "provider.example/evidence"


def proof(stillwatch: Cli, place: Path) -> tuple[Path, Path]:
    """A proof of two entries, and the key."""
    with Log.create(place / "log", ORIGIN) as log:
        log.append([Entry("fact", f"account-{n}", {"n": n, "[b]": "\x1b[1m"}) for n in range(9)])
    out = place / "proof.json"
    ran = stillwatch(
        *("evidence", "prove", place / "log", 2, 4, "--out", out, "--as", "R. Heron"),
        *("--why", "for counsel"),
    )
    assert ran.code == 0, ran.err
    return out, place / "log" / "log.vkey"


def in_a_process_of_its_own(place: Path, out: str, key: str) -> subprocess.CompletedProcess[bytes]:
    command = (sys.executable, "-c", "from stillwatch.cli import main; main()", "verify")
    return subprocess.run(  # noqa: S603
        [*command, out, "--key", key],
        check=False,
        cwd=place,
        env={"PYTHONPATH": os.pathsep.join(sys.path), "COLUMNS": "200"},
        capture_output=True,
    )


def test_the_page_can_be_followed(
    stillwatch: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    page = PAGE.read_text("utf-8")
    Path("out").mkdir()
    for name in ("campaigns.json", "report.html"):
        Path("out", name).write_text(name)
    scripts = dict(re.findall(r'```python title="([a-z.]+)"\n((?s:.*?))```', page))
    for line in COMMAND.findall(page):
        ran = stillwatch(*shlex.split(line))
        assert ran.code == 0, (line, ran.err)
        if line.startswith("evidence add"):
            for name in ("decide.py", "commit.py"):
                Path(name).write_text(scripts[name])
                runpy.run_path(name)
        if line == "evidence checkpoint log":
            Path("day.checkpoint").write_text(ran.out)
            (shown,) = re.findall(r"```\n(provider\.example(?s:.*?))```", page)
            # Name, size, root, an empty line.
            theirs, ours = shown.split("\n")[:4], ran.out.split("\n")[:4]
            assert theirs[0] == ours[0]
            assert [len(line) for line in theirs] == [len(line) for line in ours]
    with Log.open(Path("log")) as log:
        kinds = [entry.kind for _, entry in log.entries()]
    assert kinds == ["document", "document", "decision", "fact", "export", "key"]


def test_a_stranger_verifies_with_the_file_and_the_key_alone(
    stillwatch: Cli, tmp_path: Path
) -> None:
    out, key = proof(stillwatch, tmp_path)
    alone = tmp_path / "elsewhere"
    alone.mkdir()
    for path in (out, key):
        (alone / path.name).write_bytes(path.read_bytes())
    ran = in_a_process_of_its_own(alone, out.name, key.name)
    said = ran.stdout.decode()
    assert ran.returncode == 0, ran.stderr
    assert "It holds: this is in the log" in said
    assert "by R. Heron: for counsel." in said
    assert "account-2" in said
    assert "account-4" in said
    assert "\x1b[1m" not in said
    (alone / out.name).write_bytes(out.read_bytes().replace(b"account-4", b"account-5"))
    ran = in_a_process_of_its_own(alone, out.name, key.name)
    assert ran.returncode == 8
    assert b"proof.json: entry 4 is not in the log as it stands here" in ran.stderr


def test_each_refusal_says_what_to_do(stillwatch: Cli, tmp_path: Path) -> None:
    out, key = proof(stillwatch, tmp_path)
    log = tmp_path / "log"
    for command, code, why in (
        (("evidence", "new", log, "--origin", ORIGIN), 6, "not empty; a log is never replaced"),
        (("evidence", "new", tmp_path / "x", "--origin", "a b"), 2, "without spaces and +"),
        (("evidence", "show", tmp_path / "x"), 3, "cannot be read"),
        (("evidence", "checkpoint", tmp_path / "x"), 3, "there is no log"),
        (("evidence", "add", log, tmp_path / "x", "--subject", "s"), 3, "x: cannot be read"),
        (("evidence", "add", log, key, "--subject", "s", "--why", ""), 2, "--why: 1 to 500"),
        (("evidence", "prove", log, 1, "--out", out), 6, "a proof is never replaced"),
        (("evidence", "prove", log, 99, "--out", out.with_name("p")), 2, "no entry 99"),
        (("verify", out, "--key", out), 2, "is no verifier key"),
        (("verify", tmp_path / "x", "--key", key), 3, "cannot be read"),
        (("verify", log, "--key", key), 3, "cannot be read"),
        (("verify", key, "--key", key), 8, "is no proof of stillwatch.proof/1"),
    ):
        ran = stillwatch(*command)
        assert (ran.code, why in ran.err) == (code, True), (command, ran.err)
    # What failed has not been logged.
    with Log.open(log) as held:
        assert held.size == 10


def test_a_witness_is_told_whether_it_is_the_same_log(stillwatch: Cli, tmp_path: Path) -> None:
    _, key = proof(stillwatch, tmp_path)
    log = tmp_path / "log"
    day = tmp_path / "day"
    day.write_text(stillwatch("evidence", "checkpoint", log).out)
    stillwatch("evidence", "add", log, key, "--subject", "key")
    ran = stillwatch("evidence", "consistent", day, log / "public", "--key", key)
    assert "The same log: the 10 entries of then are its first, unchanged; 1 came after" in ran.out
    other, key = tmp_path / "other", tmp_path / "other" / "log" / "log.vkey"
    other.mkdir()
    proof(stillwatch, other)
    ran = stillwatch("evidence", "consistent", day, other / "log" / "public", "--key", key)
    assert (ran.code, "is not signed by" in ran.err) == (8, True)


def test_what_a_crash_left_is_told(stillwatch: Cli, tmp_path: Path) -> None:
    proof(stillwatch, tmp_path)
    with (tmp_path / "log" / "tail").open("ab") as tail:
        tail.write(b"\x00\x00\x01")
    ran = stillwatch("evidence", "checkpoint", tmp_path / "log")
    assert ran.code == 0
    assert "an append that was never finished is in tail.torn (3 bytes)" in ran.err
