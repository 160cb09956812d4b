"""Reviews become traffic without a loss, and without their labels."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

from coordination import load, write

LINES = "201 0 5.0 1 2011-06-08\n202 7 1.0 -1 2011-06-09\n201 7 1.0 1 2004-10-12\n"


def test_reviews_are_read_as_they_are(tmp_path: Path) -> None:
    given = tmp_path / "reviews.tsv.gz"
    given.write_bytes(gzip.compress(LINES.encode()))
    first, second, third = load(given)
    assert (first.user, first.product, first.stars, first.fake) == ("201", 0, "5.0", False)
    assert second.fake
    assert first.week == second.week > third.week


def test_traffic_holds_no_label(tmp_path: Path) -> None:
    given, traffic = tmp_path / "reviews.tsv.gz", tmp_path / "reviews.jsonl"
    given.write_bytes(gzip.compress(LINES.encode()))
    write(load(given), traffic)
    rows = [json.loads(line) for line in traffic.read_text("utf-8").splitlines()]
    assert [row["account"] for row in rows] == ["201", "202", "201"]
    assert rows[1]["prompt"] == rows[2]["prompt"] != rows[0]["prompt"]
    assert {key for row in rows for key in row} == {
        "exchange_id",
        "time",
        "account",
        "prompt",
        "model",
        "gateway",
    }
