"""What the commands for marks say, and refuse."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stillwatch.marks import GreenList, Marker, Master

Cli = Callable[..., Any]


@pytest.fixture
def master(tmp_path: Path) -> Path:
    # Always the same: what is marked with it is then the same text.
    path = tmp_path / "master.key"
    path.write_text(f"stillwatch.master/1 {'5a' * 32}\n")
    path.chmod(0o600)
    return path


@pytest.fixture
def texts(tmp_path: Path, master: Path) -> Path:
    """Texts marked for one account whose name has a slash in it."""
    scheme, chance = GreenList(), np.random.default_rng(0)
    (key,) = Master(master).open("mark", ["eu/c/a%2F7"]).of(scheme).values()
    made = []
    for _ in range(3):
        marker, text = Marker(scheme, key), [1, 2]
        for _ in range(150):
            logits = marker.logits(np.array(text), np.zeros(400))
            p = np.exp(logits)
            text.append(int(chance.choice(400, p=p / p.sum())))
        made.append(text)
    path = tmp_path / "texts.jsonl"
    path.write_text("".join(json.dumps({"tokens": text}) + "\n\n" for text in made))
    return path


def test_a_marked_text_names_its_account(
    stillwatch: Cli, tmp_path: Path, master: Path, texts: Path
) -> None:
    keys = tmp_path / "keys.txt"
    keys.write_text("".join(f"eu/c/a%2F{n}\n" for n in range(30)))
    ran = stillwatch("marks", "detect", texts, "--master", master, "--keys", keys)
    assert ran.code == 0
    assert "456 tokens, 450 distinct windows, 30 keys." in ran.out
    assert "Marked by 1 key, at a family-wise error rate of 0.001: eu/c/a%2F7." in ran.out
    assert "10 further keys" in ran.out
    ran = stillwatch("marks", "detect", texts, "--master", master, "--key", "eu/c", "--key", "us")
    assert "No mark at a family-wise error rate of 0.001" in ran.out
    told = stillwatch("marks", "detect", texts, "--master", master, "--keys", keys, "--json")
    document = json.loads(told.out)
    assert document["found"] == ["eu/c/a%2F7"]
    assert next(one["key"] for one in document["keys"]) == "eu/c/a%2F7"
    assert len(document["keys"]) == 30
    secret = master.read_text().split()[1]
    assert secret not in told.out + ran.out


def test_texts_come_packed_and_as_parquet(
    stillwatch: Cli, tmp_path: Path, master: Path, texts: Path
) -> None:
    rows = [json.loads(line)["tokens"] for line in texts.read_text().splitlines() if line]
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.gz").write_bytes(gzip.compress(texts.read_bytes()))
    pq.write_table(pa.table({"tokens": rows, "n": [1, 2, 3]}), tmp_path / "texts" / "b.parquet")
    ran = stillwatch("marks", "detect", tmp_path / "texts", "--master", master, "--key", "eu")
    assert "912 tokens, 450 distinct windows" in ran.out


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("x", "texts.jsonl:2: no JSON"),
        ("[1]", "texts.jsonl:2: tokens is no list"),
        ('{"tokens": ["a"]}', "texts.jsonl:2: tokens is no list"),
        ('{"tokens": [-1]}', "texts.jsonl:2: tokens is no list"),
        ('{"tokens": [true]}', "texts.jsonl:2: tokens is no list"),
    ],
)
def test_what_is_no_text_is_told(
    stillwatch: Cli, tmp_path: Path, master: Path, line: str, why: str
) -> None:
    path = tmp_path / "texts.jsonl"
    path.write_text(f'{{"tokens": [1, 2, 3]}}\n{line}\n')
    ran = stillwatch("marks", "detect", path, "--master", master, "--key", "eu")
    assert ran.code == 4
    assert why in ran.err


def test_what_makes_no_sense(stillwatch: Cli, tmp_path: Path, master: Path, texts: Path) -> None:
    def code(*given: object) -> tuple[int, str]:
        ran = stillwatch("marks", "detect", texts, "--master", master, *given)
        return ran.code, ran.err

    for given, wanted, why in (
        ((), 2, "name the keys"),
        (("--keys", tmp_path / "none"), 3, "cannot be read"),
        (("--key", "a/b/c/d/e"), 2, "nothing below an epoch"),
        (("--key", "a//b"), 2, "needs a name"),
        (("--key", "a", "--scheme", "none"), 2, "there are green-list"),
        (("--key", "a", "--width", 4), 2, "1 to 3"),
        (("--key", "a", "--green", 1), 2, "between 0 and 1"),
        (("--key", "a", "--depth", 0, "--scheme", "tournament"), 2, "1 to 64"),
    ):
        told, error = code(*given)
        assert (told, why in error) == (wanted, True), error
    assert stillwatch("marks", "new", master).code == 6
    assert (
        stillwatch("marks", "detect", tmp_path / "no", "--master", master, "--key", "a").code == 3
    )
    pq.write_table(pa.table({"body": ["a"]}), tmp_path / "b.parquet")
    ran = stillwatch("marks", "detect", tmp_path / "b.parquet", "--master", master, "--key", "a")
    assert "no column 'tokens'" in ran.err


def test_an_account_is_looked_for_in_all_its_epochs(stillwatch: Cli, tmp_path: Path) -> None:
    path = tmp_path / "epochs.key"
    master = Master.create(path, why="a test")
    for epoch in ("e1", "e2"):
        master.rotate("eu", epoch)
    scheme, chance = GreenList(), np.random.default_rng(0)
    marker, text = Marker(scheme, master.marking("eu").current("c", "a").of(scheme)), [1, 2]
    for _ in range(300):
        p = np.exp(marker.logits(np.array(text), np.zeros(400)))
        text.append(int(chance.choice(400, p=p / p.sum())))
    texts = tmp_path / "texts.jsonl"
    texts.write_text(json.dumps({"tokens": text}) + "\n")
    keys = tmp_path / "keys.txt"
    keys.write_text("\ufeff# whom we think of\neu/c/a\neu/c/b\n", encoding="utf-8")
    ran = stillwatch("marks", "detect", texts, "--master", path, "--keys", keys)
    assert "Marked by 1 key, at a family-wise error rate of 0.001: eu/c/a/e2." in ran.out
    assert "4 keys" in ran.out
    assert ran.err == ""
    ran = stillwatch("marks", "detect", texts, "--master", path, "--key", "eu/c")
    assert "No mark" in ran.out
    assert "only what was marked with this very key is found" in " ".join(ran.err.split())
    ran = stillwatch("marks", "detect", texts, "--master", path, "--key", "eu/c/a/e3")
    assert "this epoch never began for it" in " ".join(ran.err.split())


def test_nothing_to_look_in_is_no_finding(stillwatch: Cli, tmp_path: Path, master: Path) -> None:
    for number, text in enumerate(("", '{"tokens": []}', '{"tokens": [1, 2]}')):
        path = tmp_path / f"{number}.jsonl"
        path.write_text(text)
        ran = stillwatch("marks", "detect", path, "--master", master, "--key", "eu")
        assert (ran.code, "nothing to look for a mark in" in ran.err) == (5, True)
    ran = stillwatch("marks", "detect", path, "--master", master, "--key", "eu", "--alpha", 2)
    assert (ran.code, "between 0 and 1" in ran.err) == (2, True)
