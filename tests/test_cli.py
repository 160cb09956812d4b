"""The command line: sentences and exit codes, and never a traceback."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from stillwatch import __version__, cli, schemas
from stillwatch.errors import StillwatchError
from stillwatch.printing import print_signals
from stillwatch.signals.registry import signals

Cli = Callable[..., Any]


def test_the_version_is_printed(stillwatch: Cli) -> None:
    assert stillwatch("--version").out.strip() == f"stillwatch {__version__}"


def test_every_signal_is_listed(stillwatch: Cli) -> None:
    ran = stillwatch("signals")
    assert ran.code == 0
    assert all(re.search(rf"\b{s.about.name}\b", ran.out) for s in signals())


def test_nothing_in_the_list_of_signals_is_cut_off() -> None:
    with (console := Console(width=80)).capture() as printed:
        print_signals(console)
    assert "…" not in printed.get()


@pytest.mark.parametrize("name", schemas.NAMES)
def test_every_schema_is_json_with_a_description_for_each_field(name: str, stillwatch: Cli) -> None:
    schema = json.loads(stillwatch("schema", name).out)
    assert schema["properties"]
    if name not in ("campaigns", "config"):
        assert all(p["description"] for p in schema["properties"].values())


def test_an_unknown_schema_is_answered_with_those_there_are(stillwatch: Cli) -> None:
    ran = stillwatch("schema", "exchanged")
    assert ran.code == 2
    assert all(name in ran.err for name in schemas.NAMES)


def test_what_a_command_lacks_is_told(stillwatch: Cli) -> None:
    ran = stillwatch("scan", "logs")
    assert ran.code == 2
    assert "--out" in ran.err


def failing(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("stillwatch.config.load", fail)


@pytest.mark.parametrize("kind", StillwatchError.__subclasses__())
def test_every_error_of_ours_ends_with_its_own_exit_code(
    kind: type[StillwatchError], stillwatch: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, kind("a sentence [with] brackets"))
    ran = stillwatch("scan", "logs", "--out", "out")
    assert ran.code == kind.exit_code
    assert ran.err.strip() == "error: a sentence [with] brackets"


def test_exit_codes_tell_errors_apart() -> None:
    codes = [kind.exit_code for kind in StillwatchError.__subclasses__()]
    assert len(codes) == len(set(codes)) >= 5
    assert not {0, cli.INTERRUPTED, cli.UNEXPECTED} & set(codes)


def test_what_nobody_expected_ends_in_one_sentence_without_a_traceback(
    stillwatch: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(cli.DEBUG, raising=False)
    failing(monkeypatch, RuntimeError("with a customer's words"))
    ran = stillwatch("scan", "logs", "--out", "out")
    assert ran.code == cli.UNEXPECTED
    assert cli.DEBUG in ran.err
    assert "Traceback" not in ran.err
    assert "customer" not in ran.err


def test_an_interrupt_ends_with_130_and_says_what_is_kept(
    stillwatch: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, KeyboardInterrupt())
    ran = stillwatch("scan", "logs", "--out", "out")
    assert ran.code == 130
    assert "interrupted; what was done is kept" in ran.err


def test_an_interrupted_hunt_promises_nothing(
    stillwatch: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, KeyboardInterrupt())
    ran = stillwatch("hunt", "account:a", "--in", "out")
    assert (ran.code, ran.err.strip()) == (130, "error: interrupted")


def test_a_full_disk_is_told(stillwatch: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, OSError(errno.ENOSPC, "No space left on device"))
    ran = stillwatch("scan", "logs", "--out", "out")
    assert ran.code == 6
    assert "No space left on device; make room" in ran.err


def test_an_interrupt_during_a_query_ends_with_130_too(
    stillwatch: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        with contextlib.suppress(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
        raise RuntimeError("Query interrupted")

    monkeypatch.setattr("stillwatch.config.load", interrupted)
    ran = stillwatch("scan", "logs", "--out", "out")
    assert ran.code == 130
    assert "interrupted; what was done is kept" in ran.err


def test_an_interrupt_that_is_ignored_stays_ignored(
    stillwatch: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        raise StillwatchError("went on")

    monkeypatch.setattr("stillwatch.config.load", interrupted)
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        ran = stillwatch("scan", "logs", "--out", "out")
    finally:
        signal.signal(signal.SIGINT, handler)
    assert ran.err.strip() == "error: went on"


@pytest.mark.parametrize("asked", ["--version", "--help"])
def test_version_and_help_wait_for_nothing_a_scan_needs(asked: str) -> None:
    code = (
        "import atexit, sys; from stillwatch.cli import main; "
        "atexit.register(lambda: print(*sys.modules)); main()"
    )
    ran = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code, asked], capture_output=True, text=True, check=True
    )
    loaded = set(ran.stdout.splitlines()[-1].split())
    assert "stillwatch.cli" in loaded
    assert not loaded & {"duckdb", "ibis", "numpy", "pyarrow", "pydantic", "scipy", "sknetwork"}


def test_messages_carry_no_control_characters_to_the_terminal(
    tmp_path: Path, stillwatch: Cli
) -> None:
    ran = stillwatch("scan", tmp_path / "\x1b[31mred", "--out", tmp_path / "out")
    assert ran.code == 3
    assert "\x1b" not in ran.err


def test_where_there_is_nothing_to_read_nothing_is_left_behind(
    tmp_path: Path, stillwatch: Cli
) -> None:
    ran = stillwatch("scan", tmp_path / "logs", "--out", tmp_path / "out")
    assert ran.code == 3
    assert "no such file" in ran.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "asked",
    [
        "scan {log} --out {out} --config absent.toml",
        "scan {log} --out {out} --mapping absent.toml",
        "scan {log} --out {out} --config {settings}",
        "range make --scenario absent.toml --out {out}",
        "range make --scenario {log}/below.toml --out {out}",
        "rules check absent.yml",
        "weights show absent.json",
        "hunt rule:absent.yml --in {scanned}",
    ],
)
def test_what_says_how_to_work_and_is_not_there_ends_with_2(
    asked: str, tmp_path: Path, stillwatch: Cli, log: Any, record: Any, tiny_out: Path
) -> None:
    (tmp_path / "settings.toml").write_text('weights = "absent.json"\n')
    places = {"log": log("a.jsonl", [record(1)]), "out": tmp_path / "out", "scanned": tiny_out}
    ran = stillwatch(*asked.format(settings=tmp_path / "settings.toml", **places).split())
    assert ran.code == 2
    assert "absent." in ran.err or "below.toml" in ran.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "asked",
    [
        "scan absent.jsonl --out {out}",
        "range make --scenario tiny --arrivals absent.csv --out {out}",
        "range score {scanned} absent.parquet",
        "range score absent. absent.parquet",
        "range early absent.",
        "weights learn absent. cmp-1 --harvest --into {out}",
        "hunt account:a --in absent.",
        "hunt stix:absent.json --in {scanned}",
        "hunt near:absent.txt --in {scanned}",
    ],
)
def test_what_is_to_be_read_and_is_not_there_ends_with_3(
    asked: str, tmp_path: Path, stillwatch: Cli, tiny_out: Path
) -> None:
    ran = stillwatch(*asked.format(out=tmp_path / "out", scanned=tiny_out).split())
    assert ran.code == 3
    assert "absent." in ran.err
    assert not (tmp_path / "out").exists()


def test_a_scan_prints_what_it_read_and_where_the_report_lies(
    tmp_path: Path, stillwatch: Cli, log: Any, record: Any
) -> None:
    log("a.jsonl", [*map(record, range(12)), "broken"])
    ran = stillwatch("scan", tmp_path / "logs", "--out", tmp_path / "out")
    assert ran.code == 0
    assert "Read 12 exchanges of 4 accounts" in ran.out
    assert "not JSON: 1" in ran.out
    assert str(tmp_path / "out" / "report.html") in ran.out


def test_a_scan_says_how_many_exchanges_have_an_id_of_another_accounts(
    tmp_path: Path, stillwatch: Cli, log: Any, record: Any
) -> None:
    path = log("a.jsonl", [record(1), record(2, exchange_id="e1"), record(3)])
    ran = stillwatch("scan", path, "--out", tmp_path / "out")
    assert "2 exchanges have an id that another account has, too; each counts." in ran.out


def test_json_on_stdout_is_the_document_and_nothing_else(
    tmp_path: Path, stillwatch: Cli, log: Any, record: Any
) -> None:
    log("a.jsonl", map(record, range(12)))
    ran = stillwatch("scan", tmp_path / "logs", "--out", tmp_path / "out", "--json")
    kept = (tmp_path / "out" / "campaigns.json").read_text()
    assert json.loads(ran.out) == json.loads(kept)
