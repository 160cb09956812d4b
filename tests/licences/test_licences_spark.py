"""Licences cover on Spark what they cover on DuckDB, and part accounts alike."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

import pytest
from licence_texts import text

from made_lakes import START, lake

needs_spark = pytest.mark.skipif(
    not (find_spec("pyspark") and shutil.which("java")), reason="Spark needs pyspark and Java"
)

BOTH = """
import json
import sys
from pathlib import Path
from stillwatch.engine import engine
from stillwatch.licences import covered_sides, granted, load, parted
from stillwatch.sketch.lake import Lake

licences = load([Path(sys.argv[1])])
for name in ("duckdb", "local[1]"):
    with engine("50%", name) as opened:
        exchanges = opened.parquet(Lake.open(Path(sys.argv[2])).parts())
        found = granted(opened, exchanges, exchanges, licences)
        whole = parted(exchanges, found.covered)
        accounts = whole.group_by("account_key").agg(
            exchanges=lambda t: t.count(),
            first_seen=lambda t: t.time.min(),
            last_seen=lambda t: t.time.max(),
        )
        sides = covered_sides(opened, accounts, found.covered).table
        looked = found.looked.order_by("exchange_key").to_pyarrow().to_pylist()
        (use,) = found.uses(None)
        told = [
            [[str(value) for value in row.values()] for row in looked],
            [
                [str(value) for value in row.values()]
                for row in sides.order_by("account_key").to_pyarrow().to_pylist()
            ],
            use.model_dump(mode="json"),
        ]
        print(json.dumps(told))
"""


@needs_spark
def test_both_engines_cover_the_same(tmp_path: Path) -> None:
    records = [
        {"account": f"a{n % 3}", "model": "m" if n % 5 else "n", "output_tokens": n}
        | {"time": START + timedelta(minutes=7 * n)}
        for n in range(40)
    ]
    out = lake(tmp_path / "out", records)
    path = tmp_path / "l.yml"
    limits = {
        "volume": {"exchanges": 20, "tokens": 200, "per": "month"},
        "rate": {"exchanges": 2, "per": "hour"},
    }
    path.write_text(text(accounts=["a0", "a1"], models=["m"], **limits), "utf-8")
    # Two hundred tasks for each of forty rows would take most of a minute.
    quick = "spark.sql.shuffle.partitions 1\nspark.sql.codegen.wholeStage false\n"
    (tmp_path / "spark-defaults.conf").write_text(quick, "utf-8")
    done = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-c", BOTH, path, out],
        capture_output=True,
        text=True,
        check=False,
        env={
            **os.environ,
            "SPARK_CONF_DIR": str(tmp_path),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "PYSPARK_PYTHON": sys.executable,
        },
    )
    assert done.returncode == 0, done.stderr[-3000:]
    duck, spark = map(json.loads, done.stdout.splitlines())
    assert duck == spark
    assert duck[2]["covered"] > 0
    assert set(duck[2]["uncovered"]) == {"rate", "volume", "model"}
