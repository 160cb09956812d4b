"""What the commands that test and trace suspects say, and refuse."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from marked_students import WORDS, Teacher, harvest, questions, said_by, student

from stillwatch.marks import GreenList, Master
from stillwatch.marks.windows import Tokens
from stillwatch.range.students import distil
from stillwatch.range.students.asked import answers
from stillwatch.range.students.corpus import Corpus

Cli = Callable[..., Any]
SCHEME = GreenList(bias=3.0)
ACCOUNTS = [f"eu/c{number % 4}/a{number}/1" for number in range(300)]
GUILTY = ACCOUNTS[17]


def written(path: Path, texts: list[Tokens]) -> Path:
    path.write_text("".join(json.dumps({"tokens": text.tolist()}) + "\n" for text in texts))
    return path


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A master key, marked texts, and what students of them and of others said."""
    home = tmp_path_factory.mktemp("suspect")
    master = Master.create(home / "master.key", why="a test")
    opened = master.open("mark", ["eu", GUILTY])
    plain = harvest(700, 2)
    marked = harvest(700, 1, SCHEME, opened.keys["eu"].of(SCHEME))
    written(home / "served.jsonl", marked)
    written(home / "said.jsonl", said_by(student(marked, plain)))
    written(home / "clean.jsonl", said_by(student(plain)))
    coded = master.marking("eu").coded(SCHEME)
    leaked = harvest(700, 3, coded, opened.keys[GUILTY].of(coded))
    written(home / "leaked.jsonl", said_by(student(leaked, plain)))
    (home / "accounts.txt").write_text("\n".join(ACCOUNTS) + "\n")
    return home


def test_a_suspect_is_tested_and_the_page_lies_there(
    stillwatch: Cli, scene: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    common = ("--master", scene / "master.key", "--key", "eu", "--key", "us", "--out", out)
    served = ("--served", scene / "served.jsonl")
    told = stillwatch("suspect", "test", scene / "said.jsonl", *served, *common)
    assert told.code == 0, told.err
    assert "carries the mark of 1 key: eu" in " ".join(told.out.split())
    document = json.loads((out / "suspect.json").read_text())
    assert (document["verdict"], document["named"]) == ("marked", ["eu"])
    assert len(document["parts"][0]["wrong_keys"]["log10_p"]) == 1000
    assert "What this does not say" in (out / "report.html").read_text()
    told = stillwatch("suspect", "test", scene / "clean.jsonl", *served, *common, "--json")
    assert json.loads(told.out)["verdict"] in {"no trace", "inconclusive"}
    log = (scene / "master.key.custody.jsonl").read_text()
    assert "suspect test" in log


def test_several_schemes_are_corrected_for_together(
    stillwatch: Cli, scene: Path, tmp_path: Path
) -> None:
    told = stillwatch(
        *("suspect", "test", scene / "said.jsonl", "--master", scene / "master.key"),
        *("--key", "eu", "--scheme", "tournament:depth=4,width=1", "--scheme", "green-list"),
        *("--out", tmp_path / "out", "--json"),
    )
    document = json.loads(told.out)
    (bits, green) = (part["keys"][0] for part in document["parts"])
    assert document["named"] == ["eu"]
    assert green["corrected_p"] == pytest.approx(min(1, 2 * 10 ** green["log10_p"]))
    assert bits["corrected_p"] > 1e-3


def test_the_guilty_account_is_traced(stillwatch: Cli, scene: Path, tmp_path: Path) -> None:
    told = stillwatch(
        *("suspect", "trace", scene / "leaked.jsonl", "--master", scene / "master.key"),
        *("--keys", scene / "accounts.txt", "--out", tmp_path / "out"),
    )
    assert told.code == 0, told.err
    document = json.loads((tmp_path / "out" / "trace.json").read_text())
    assert document["named"] == [GUILTY]
    assert len(document["accounts"]) == len(ACCOUNTS)
    assert "1 account is named" in " ".join(told.out.split())


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["test"], "one of them"),
        (["test", "said.jsonl", "--weights", "w"], "one of them"),
        (["test", "--weights", "w"], "--served"),
        (["test", "said.jsonl", "--alpha", "2"], "between 0 and 1"),
        (["test", "said.jsonl", "--scheme", "gumbel:depth=2"], "has no 'depth'"),
        (["test", "said.jsonl", "--scheme", "gumbel:width=x"], "no number"),
        (["test", "said.jsonl", "--scheme", "purple"], "there are green-list"),
        (["test", "nothing.jsonl"], "nothing.jsonl"),
        (["trace"], "what the suspect said"),
        (["trace", "said.jsonl", "--key", "us/c/a/1"], "of 2 deployments"),
        (["trace", "said.jsonl", "--key", "eu/c"], "is no account"),
        (["trace", "said.jsonl", *("--scheme", "gumbel") * 2, "--scheme", "green-list"], "one sch"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(
    stillwatch: Cli,
    scene: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    says: str,
) -> None:
    monkeypatch.chdir(scene)
    told = stillwatch(
        *("suspect", *words, "--master", "master.key", "--key", "eu/c/a/1", "--out", tmp_path)
    )
    assert told.code in {2, 3}
    assert says in " ".join((told.out + told.err).split())
    assert "Traceback" not in (told.out + told.err)


def test_nothing_to_look_in_is_no_finding(stillwatch: Cli, scene: Path, tmp_path: Path) -> None:
    empty = written(tmp_path / "empty.jsonl", [])
    for command in ("test", "trace"):
        ran = stillwatch(
            *("suspect", command, empty, "--master", scene / "master.key"),
            *("--key", GUILTY, "--out", tmp_path / "out"),
        )
        assert (ran.code, "nothing to look for a mark in" in ran.err) == (5, True)
        assert not (tmp_path / "out").exists()


def test_a_scan_is_not_written_over(stillwatch: Cli, scene: Path, tmp_path: Path) -> None:
    (tmp_path / "campaigns.json").write_text("{}")
    told = stillwatch(
        *("suspect", "test", scene / "clean.jsonl", "--master", scene / "master.key"),
        *("--key", "eu", "--out", tmp_path),
    )
    assert told.code == 6
    assert "holds a scan" in (told.out + told.err)


def test_a_distillation_ends_with_the_command_that_tests_it(
    stillwatch: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = list(answers(Teacher(), questions(300, 5), 60, 5))
    small = Corpus([f"w{number}" for number in range(WORDS)], documents)
    monkeypatch.setattr(distil, "corpus", lambda: small)
    out = tmp_path / "practice"
    told = stillwatch(
        *("range", "distil", "--out", out, "--exchanges", 600, "--marked", 0.5, "--asked", 300)
    )
    assert told.code == 0, told.err
    document = json.loads((out / "distil.json").read_text())
    moved = [row["moved"] for row in document["quality"]]
    assert moved == sorted(moved)
    assert document["marked"] == 300
    command = told.out[told.out.index("stillwatch suspect test") :].split()
    told = stillwatch(*command[1:])
    assert told.code == 0, told.err
    rows = json.loads((out / "suspect" / "suspect.json").read_text())["parts"][0]["keys"]
    assert rows[0]["key"] == "range/harvesters"
    assert np.log10(rows[0]["corrected_p"]) < -5
