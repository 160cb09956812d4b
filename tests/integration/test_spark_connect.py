"""Through Spark Connect come the same tables as from DuckDB, and what is lacking is told.

The whole scan is compared on a Spark in one process (`test_scan_spark`); through Connect another
client says the same to the same Spark. So here the accounts, with all their signals, and some
links must do.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from scanned import alike

import stillwatch as sw
from stillwatch.config import with_engine
from stillwatch.errors import UsageError

LACKING = [
    what
    for what, there in (
        ("pyspark (pip install 'stillwatch[spark]')", find_spec("pyspark")),
        ("grpcio (the same)", find_spec("grpc")),
        ("Java (a runtime of version 17 or newer)", shutil.which("java")),
    )
    if not there
]
needs_connect = pytest.mark.skipif(
    bool(LACKING), reason=f"Spark Connect needs {' and '.join(LACKING)}"
)
KEYS = ("account_key", "node", "kind")
STAGES = """
import sys
from pathlib import Path
import pyarrow as pa
import pyarrow.parquet as pq
from stillwatch.engine import engine
from stillwatch.signals import accounts, registry, shared, weights
name, out, *parts = sys.argv[1:]
with engine("1GB", name, Path(out)) as opened:
    exchanges = opened.parquet([Path(part) for part in parts])
    columns = frozenset(exchanges.columns)
    signals = registry.account_signals(columns)
    measured = opened.keep("measured", accounts.measured(exchanges, signals))
    own = accounts.histograms(measured, signals)
    given = weights.packaged().given(columns)
    weighed = opened.keep("accounts", accounts.weighed(measured, signals, given, own))
    links = [one for one in registry.links(columns) if one.about.name in ("payment", "address")]
    things, edges = shared.links(opened, exchanges, weighed, links, weighed.count().execute())
    for kept, table in (("accounts", weighed), ("things", things), ("edges", edges)):
        rows = pa.Table.from_batches(list(opened.batches(table)))
        pq.write_table(rows, Path(out) / f"{kept}.parquet")
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of Spark Connect in a process of its own."""
    home = Path(next(iter(find_spec("pyspark").submodule_search_locations)))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": port,
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": 2,
        # Each of its many small queries would be compiled.
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    }
    given = [word for name, value in options.items() for word in ("--conf", f"{name}={value}")]
    command = [home / "bin" / "spark-submit", "--master", "local[2]", *given]
    command += ["--class", "org.apache.spark.sql.connect.service.SparkConnectServer"]
    place = tmp_path_factory.mktemp("server")
    with (place / "log").open("wb") as log:
        running = subprocess.Popen(  # noqa: S603
            [*command, "spark-internal"],
            cwd=place,
            stdout=log,
            stderr=log,
            env={**os.environ, "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_HOME": str(home)},
        )
    try:
        _wait(port, running, place / "log")
        yield f"sc://127.0.0.1:{port}"
    finally:
        running.terminate()
        running.wait(timeout=30)


def _wait(port: int, running: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        assert running.poll() is None, log.read_text()[-3000:]
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    pytest.fail(log.read_text()[-3000:])


def stages(engine: str, out: Path, parts: list[Path]) -> None:
    out.mkdir()
    command = [sys.executable, "-W", "error::UserWarning", "-c", STAGES]
    command += [engine, str(out), *map(str, parts)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr[-3000:]


@needs_connect
def test_accounts_and_links_are_the_same_through_connect(
    server: str, tiny_out: Path, tmp_path: Path
) -> None:
    parts = sorted((tiny_out / "sketches").glob("day=*/*.parquet"))
    outs = (tmp_path / "duck", tmp_path / "connect")
    for engine, out in zip(("duckdb", server), outs, strict=True):
        stages(engine, out, parts)
    for name in ("accounts", "things", "edges"):
        here, there = (pq.read_table(out / f"{name}.parquet") for out in outs)
        assert here.num_rows
        assert set(here.column_names) == set(there.column_names)
        key = [(column, "ascending") for column in KEYS if column in here.column_names]
        rows, theirs = (table.sort_by(key).to_pylist() for table in (here, there))
        assert len(rows) == len(theirs)
        different = [pair for pair in zip(rows, theirs, strict=True) if not alike(*pair)]
        assert not different, different[:3]


def test_where_nobody_answers_it_is_told_at_once_and_without_the_token(tmp_path: Path) -> None:
    pytest.importorskip("pyspark")
    name = "sc://127.0.0.1:1/;token=secret"
    settings = with_engine(sw.Settings(workers=1, scratch=tmp_path), name)
    (tmp_path / "a.csv").write_text("time,account,prompt\n2026-03-01T09:00:00Z,a,Hi\n")
    with pytest.raises(UsageError, match=r"sc://127\.0\.0\.1:1: nobody answers") as error:
        sw.scan(tmp_path / "a.csv", settings=settings)
    assert "secret" not in str(error.value)
    assert "secret" not in settings.model_dump_json()
