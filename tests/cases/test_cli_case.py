"""The whole way by the command line: scan, case, two people, appeal, reversal, lesson, check."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from made_scans import Scans, group

from stillwatch.evidence import Log
from stillwatch.signals import weights
from stillwatch.signals.registry import signals

Cli = Callable[..., Any]
UNTIL = f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%d}"
SAID = (
    *("--reason", "Automated collection of reasoning.", "--clause", "use-4.2"),
    *("--until", UNTIL, "--way-back", "Tell us what it is for."),
)


@pytest.fixture
def case(stillwatch: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """`stillwatch case`, on a store and a log of the test's, as R. Heron."""
    log = tmp_path / "log"
    Log.create(log, "provider.example/evidence").close()
    monkeypatch.setenv("STILLWATCH_STORE", str(tmp_path / "cases.db"))
    monkeypatch.setenv("STILLWATCH_LOG", str(log))
    monkeypatch.setenv("STILLWATCH_PERSON", "R. Heron")
    return lambda *arguments: stillwatch("case", *arguments)


def done(ran: Any) -> str:
    assert ran.code == 0, ran.err
    return str(ran.out)


def test_from_a_scan_to_a_reversal(case: Cli, tiny_out: Path, tmp_path: Path) -> None:
    assert "1 case opened: 1." in done(case("open", tiny_out))
    assert "1 case had this scan already: 1." in done(case("open", tiny_out))
    told = json.loads(done(case("show", 1, "--json")))
    account, other = (one["account"] for one in told["facts"]["accounts"][:2])
    done(case("assign", 1, "--to", "R. Heron"))
    done(case("note", told["campaign"], "Payment provider asked."))

    proposed = done(
        case("propose", 1, "suspend", "--account", account, "--account", other, *SAID,
             "--grounds", "Three cards of one owner.")
    )  # fmt: skip
    assert "1-d1: suspend for 2 accounts" in proposed and "proposed" in proposed
    assert "No measure is in force." in done(case("effective"))
    refused = case("approve", "1-d1")
    assert refused.code == 2 and "needs somebody else" in refused.err
    assert "is in force until" in done(case("approve", "1-d1", "--by", "M. Egret"))
    assert len(json.loads(done(case("effective", "--json")))) == 2

    mine = tmp_path / "mine.json"
    assert f"Learned: {told['campaign']}." in done(case("learn", "--into", mine))
    assert "is version 1." in done(case("learn", "--into", mine))

    appealed = done(case("appeal", 1, "--account", account, "--statement", "We grade essays."))
    assert "1-a1: entered." in appealed and account in appealed
    everybody = {one["account"] for one in told["facts"]["accounts"]}
    assert [one for one in everybody - {account} if one in appealed] == []
    assert "appealed" in done(case("list", "--text", "essays"))

    back = ("--innocent", "--family", "class_of_students")
    assert "1-d1: taken back for 1 account." in done(
        case("reverse", "1-a1", "--reason", "A class.", *back, "--by", "M. Egret")
    )
    done(case("reverse", "1-d1", "--reason", "All of it.", *back, "--by", "M. Egret"))
    assert "No measure is in force." in done(case("effective"))
    learned = done(case("learn", "--into", mine))
    assert "Forgotten" in learned and "Learned" in learned
    assert [one.verdict for one in weights.load(mine, signals()).lessons] == ["innocent"]

    shown = done(case("show", 1))
    for part in ("Facts", "Inference", "Decisions", "Journal", "We grade essays.", "taken back"):
        assert part in shown
    assert "class_of_students" in done(case("figures"))
    done(case("close", 1, "--reason", "Done."))
    assert "Store and log agree" in done(case("check"))


def test_nothing_is_done_without_a_name(
    case: Cli, scans: Scans, monkeypatch: pytest.MonkeyPatch
) -> None:
    done(case("open", scans.scan(group("abc"))))
    monkeypatch.delenv("STILLWATCH_PERSON")
    for words in (
        ("note", 1, "So."),
        ("assign", 1, "--to", "M. Egret"),
        ("propose", 1, "limit", "--all-accounts", *SAID),
        ("approve", "1-d1"),
        ("appeal", 1, "--account", "acct-a", "--statement", "Why?"),
        ("uphold", "1-a1", "--reason", "So."),
        ("reverse", "1-d1", "--reason", "So."),
        ("close", 1, "--reason", "So."),
    ):
        ran = case(*words)
        assert (ran.code, "who does this?" in ran.err) == (2, True), words


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("propose", 1, "limit", *SAID), "which accounts?"),
        (("propose", 1, "limit", "--all-accounts", "--account", "x", *SAID), "which accounts?"),
        (("approve", "1-a1"), "is an appeal; a decision is written like 17-d2"),
        (("uphold", "1", "--reason", "r"), "an appeal is written like 17-a2"),
        (("reverse", "1-a1", "--reason", "r", "--innocent"), "what was it? Say --family"),
        (("reverse", "1-a1", "--reason", "r", "--family", "other"), "say --innocent, too"),
        (("reverse", "1-a1", "--reason", "r", "--account", "x"), "an appeal is of one account"),
        (("appeal", 1, "--account", "x"), "what does the customer say?"),
        (("list", "--state", "opened"), "there are open, investigating"),
        (("show", "c-none"), "there is no such case"),
    ],
)
def test_what_does_not_make_sense_is_told(
    case: Cli, scans: Scans, words: tuple[Any, ...], says: str
) -> None:
    done(case("open", scans.scan(group("abc"))))
    ran = case(*words)
    assert ran.code == 2
    assert says in ran.err


def test_a_scan_without_campaigns_opens_nothing(case: Cli, scans: Scans) -> None:
    assert "Nothing to open" in done(case("open", scans.scan(group("abc", "lead"))))
    assert "No such case." in done(case("list"))


def test_a_log_that_cannot_be_written_is_told_and_caught_up_with(
    case: Cli, scans: Scans, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("STILLWATCH_LOG", str(tmp_path / "nowhere"))
    ran = case("open", scans.scan(group("abc")))
    assert ran.code == 0
    assert "It is done and kept, but the log could not be written" in ran.err
    monkeypatch.setenv("STILLWATCH_LOG", str(tmp_path / "log"))
    assert "Store and log agree: 3 records." in done(case("check"))
    monkeypatch.delenv("STILLWATCH_LOG")
    assert case("check").code == 2


def test_names_of_a_campaign_cannot_command_the_terminal(case: Cli, scans: Scans) -> None:
    done(case("open", scans.scan(group("abc", shares="\x1b[2Jpm[bold]"))))
    shown = done(case("show", 1))
    assert "\x1b" not in shown and "[2Jpm[bold]" in shown
