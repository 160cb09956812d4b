"""A scan on Spark finds what a scan on DuckDB finds, to the last row."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scanned import alike

import stillwatch as sw
from stillwatch.errors import UsageError
from stillwatch.ingest.sketched import sketched as recognised
from stillwatch.sketch import sketch
from stillwatch.traffic import read, sources

LACKING = [
    what
    for what, there in (
        ("pyspark (pip install 'stillwatch[spark]')", find_spec("pyspark")),
        ("Java (a runtime of version 17 or newer)", shutil.which("java")),
    )
    if not there
]
needs_spark = pytest.mark.skipif(bool(LACKING), reason=f"Spark needs {' and '.join(LACKING)}")
SETTINGS = sw.Settings(workers=1)

ON_SPARK = """
import sys
import stillwatch as sw
settings = sw.Settings(workers=1, engine="local[2]")
sw.scan(sys.argv[1], sys.argv[2], settings=settings)
"""
SKETCH = """
import sys
from pyspark.sql import SparkSession
from stillwatch.spark import set_aside, sketched
session = SparkSession.builder.master("local[2]").getOrCreate()
frame = session.read.parquet(sys.argv[1])
sketched(frame).write.parquet(sys.argv[2] + "/sketches")
set_aside(frame).write.parquet(sys.argv[2] + "/rejected")
session.stop()
"""


QUICK = """\
spark.sql.shuffle.partitions 2
spark.sql.adaptive.enabled false
spark.sql.codegen.wholeStage false
"""
"""Two hundred tasks for each small table, and code compiled for each, would take most of the time.
"""


def run(program: str, *arguments: Path) -> None:
    """In a process of its own: a JVM in this one would stay until the end."""
    (arguments[-1] / "spark-defaults.conf").write_text(QUICK, "utf-8")
    done = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-c", program, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={
            **os.environ,
            "SPARK_CONF_DIR": str(arguments[-1]),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "PYSPARK_PYTHON": sys.executable,
        },
    )
    assert done.returncode == 0, done.stderr[-3000:]


@needs_spark
def test_both_engines_find_the_same(tiny_range: Path, tiny_out: Path, tmp_path: Path) -> None:
    run(ON_SPARK, tiny_range / "traffic", tmp_path)
    outs = (tiny_out, tmp_path)
    told, others = (json.loads((out / "campaigns.json").read_text()) for out in outs)
    assert told["campaigns"]
    for key in told:
        if key not in ("made", "config"):
            assert alike(told[key], others[key]), key
    for name, key in (("accounts", "account"), ("exchanges", "exchange_id")):
        here, there = (pq.read_table(out / f"{name}.parquet") for out in outs)
        assert here.schema.equals(there.schema, check_metadata=True)
        rows, theirs = (t.sort_by(key).to_pylist() for t in (here, there))
        assert len(rows) == len(theirs)
        different = [pair for pair in zip(rows, theirs, strict=True) if not alike(*pair)]
        assert not different, different[:3]


@needs_spark
def test_sketches_made_on_spark_are_the_same_and_are_scanned(
    tiny_range: Path, tmp_path: Path
) -> None:
    given = tmp_path / "exchanges.parquet"
    rows = pq.read_table(tiny_range / "traffic").slice(0, 600).to_pylist()
    rows += [{**rows[0], "exchange_id": "no-account", "account": None}]
    rows += [{**rows[0], "exchange_id": None}]
    pq.write_table(pa.Table.from_pylist(rows), given)
    run(SKETCH, given, tmp_path)
    made = pq.read_table(tmp_path / "sketches").sort_by("exchange_id")
    (source,) = sources([given])
    batches = [sketch(b) for b in read(source, on_reject=lambda _: None)]
    here = pa.Table.from_batches(batches)
    here = here.filter(pa.compute.is_in(here["exchange_id"], made["exchange_id"]))
    assert made.to_pylist() == here.sort_by("exchange_id").to_pylist()
    set_aside = pq.read_table(tmp_path / "rejected").sort_by("reason").to_pylist()
    assert [(row["exchange_id"], row["reason"]) for row in set_aside] == [
        ("no-account", "missing account"),
        (None, "missing exchange_id"),
    ]
    assert all(recognised(one) for one in sources([tmp_path / "sketches"]))
    result = sw.scan(tmp_path / "sketches", tmp_path / "out", settings=SETTINGS)
    assert result.document.reading.exchanges == 600


def test_what_a_spark_lacks_is_told(monkeypatch: pytest.MonkeyPatch, tiny_range: Path) -> None:
    pytest.importorskip("pyspark")
    with pytest.raises(UsageError, match="setting scratch"):
        sw.scan(
            tiny_range / "traffic", settings=sw.Settings(workers=1, engine="spark://nowhere:7077")
        )
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(UsageError, match="there is no Java here"):
        sw.scan(tiny_range / "traffic", settings=sw.Settings(workers=1, engine="local[2]"))


def test_an_engine_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from stillwatch.engine import engine

    monkeypatch.setitem(sys.modules, "stillwatch.engine.spark", None)
    with pytest.raises(UsageError, match=r"pip install 'stillwatch\[spark\]'"):
        engine("1GB", "local[2]")
