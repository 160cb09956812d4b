"""Hunts with rules: who matches, when, how often, and what came after what."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import stillwatch as sw
from stillwatch import rules
from stillwatch.hunts import hunt
from stillwatch.hunts.document import Answer

Cli = Callable[..., Any]
Write = Callable[..., Path]
EXAMPLE = Path(rules.__file__).parent / "examples" / "denied_then_other_path.yml"

STEPS: list[dict[str, Any]] = [
    {"account": "relay", "status": "denied", "gateway": "east"},
    {"account": "relay", "status": "ok", "gateway": "west"},
    {"account": "relay", "status": "ok", "gateway": "east"},
    {"account": "loyal", "status": "denied", "gateway": "east"},
    {"account": "loyal", "status": "ok", "gateway": "east"},
    {"account": "other", "status": "ok", "gateway": "west"},
    {"account": "bare", "status": "denied", "gateway": "east"},
    {"account": "bare", "status": "ok", "gateway": None},
]


@pytest.fixture
def scanned(log: Callable[..., Path], record: Callable[..., Any], tmp_path: Path) -> Path:
    """A scan of the steps, one a minute, some of them logged twice."""
    steps = [record(i, network=None, credential=None, **step) for i, step in enumerate(STEPS)]
    sw.scan(log("a.jsonl", [*steps, steps[0]]), tmp_path / "out", settings=sw.Settings(workers=1))
    return tmp_path / "out"


@pytest.fixture
def hunted(scanned: Path, tmp_path: Path) -> Callable[[Path], tuple[Answer, list[dict[str, Any]]]]:
    """Hunts with a rule: its answer, and the exchanges that match."""

    def run(path: Path) -> tuple[Answer, list[dict[str, Any]]]:
        document = hunt([f"rule:{path}"], [scanned], out=tmp_path / "hunted").document
        return document.answers[0], pq.read_table(tmp_path / "hunted/exchanges.parquet").to_pylist()

    return run


Hunted = Callable[[Path], tuple[Answer, list[dict[str, Any]]]]


def test_accounts_and_exchanges_that_match_are_listed_once(hunted: Hunted, written: Write) -> None:
    answer, exchanges = hunted(written("hunt", detection="{s: {status: denied}, condition: s}"))
    assert [(a.account, a.matched, a.exchanges) for a in answer.accounts] == [
        ("bare", 1, 2),
        ("loyal", 1, 2),
        ("relay", 1, 3),
    ]
    assert [e["exchange_id"] for e in exchanges] == ["e0", "e3", "e6"]
    assert answer.title == "Long answers"
    assert all(a.first == a.last for a in answer.accounts)


def test_another_path_after_a_denial_is_found_and_the_same_path_is_not(
    hunted: Hunted, scanned: Path
) -> None:
    _, exchanges = hunted(EXAMPLE)
    assert [(e["exchange_id"], e["after_id"]) for e in exchanges] == [("e1", "e0")]
    missing = hunt([f"rule:{EXAMPLE}"], [scanned]).document.searched.missing
    assert [m.column for m in missing] == ["credential", "network"]


@pytest.mark.parametrize(("timespan", "count"), [("59s", 0), ("1m", 1), ("36h", 1)])
def test_what_comes_too_late_is_not_found(
    timespan: str, count: int, hunted: Hunted, written: Write
) -> None:
    then = (
        "{detection: {s: {status: ok}, condition: s}, same: [account], differs: [gateway], "
        f"timespan: {timespan}}}"
    )
    answer, exchanges = hunted(
        written("hunt", detection="{s: {status: denied}, condition: s}", then=then)
    )
    assert (len(exchanges), answer.account_count) == (count, count)


def test_one_thing_in_common_joins_different_accounts(hunted: Hunted, written: Write) -> None:
    then = (
        "{detection: {s: {status: ok}, condition: s}, same: [address], differs: [account], "
        "timespan: 1h}"
    )
    path = written("hunt", detection="{s: {status: denied}, condition: s}", then=then)
    _, exchanges = hunted(path)
    assert [(e["exchange_id"], e["after_id"]) for e in exchanges] == [("e5", "e3")]


def test_only_hunts_are_hunted(written: Write, stillwatch: Cli, tmp_path: Path) -> None:
    ran = stillwatch("hunt", f"rule:{written('link')}", "--in", tmp_path)
    assert ran.code == 2
    assert "no rule of type hunt" in ran.err


def test_the_check_lists_rules_and_tells_what_is_wrong(written: Write, stillwatch: Cli) -> None:
    written("link", name="one")
    good = written("account", name="two", status="deprecated")
    ran = stillwatch("rules", "check", good.parent)
    assert ran.code == 0
    assert "2 rules, nothing wrong." in ran.out
    assert "scans leave it out" in ran.out
    bad = written("link", name="three", level="[odd]")
    ran = stillwatch("rules", "check", good.parent)
    assert ran.code == 2
    assert f"{bad}:9: level: " in ran.err
