"""What the commands that ask a suspect say, and refuse."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fake_endpoint import KEY, Act, FakeEndpoint, lines, said, written

Cli = Callable[..., Any]


@pytest.fixture
def asked(stillwatch: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """`suspect ask` with a key, of ten prompts."""
    monkeypatch.setenv("SUSPECT_KEY", KEY)
    prompts = written(tmp_path / "prompts.jsonl", 10)

    def run(fake: FakeEndpoint, *given: object) -> Any:
        return stillwatch(
            *("suspect", "ask", prompts, "--endpoint", fake.url, "--model", "heron"),
            *("--out", tmp_path / "out", "--key-from", "SUSPECT_KEY", "--rate", 1000, *given),
        )

    return run


def test_what_was_spent_is_told_and_the_head(asked: Cli, stillwatch: Cli, tmp_path: Path) -> None:
    with FakeEndpoint() as fake:
        ran = asked(fake, "--requests", 4, "--output-tokens", 3000)
        assert ran.code == 0, ran.err
        assert "4 of 10 questions answered; the budget of requests is spent." in ran.out
        assert "Spent: 4 of 4 requests, 28 of 3,000 output tokens." in ran.out
        first = ran.out.split()[-1]
        ran = asked(fake, "--requests", 40)
        assert "10 of 10 questions answered; all questions were asked." in ran.out
        assert "Spent: 10 of 40 requests, 70 output tokens." in ran.out
        assert {got.headers["authorization"] for got in fake.got} == {f"Bearer {KEY}"}
    head = ran.out.split()[-1]
    ran = stillwatch("suspect", "verify", tmp_path / "out", "--head", first)
    assert ran.code == 0
    assert "24 lines, unbroken and sealed; 10 answers, 0 refusals, 0 failures." in ran.out
    assert "The head that was told is that of line 10." in ran.out
    assert ran.out.split()[-1] == head
    assert KEY not in ran.out + ran.err


def test_what_is_wrong_with_a_transcript_is_told(
    asked: Cli, stillwatch: Cli, tmp_path: Path
) -> None:
    with FakeEndpoint() as fake:
        asked(fake, "--requests", 2)
    path = tmp_path / "out" / "transcript.jsonl"
    path.write_text(path.read_text().replace("What is 1?", "What is 7?"))
    ran = stillwatch("suspect", "verify", tmp_path / "out")
    assert ran.code == 4
    assert "was changed, or line" in ran.err
    ran = stillwatch("suspect", "verify", tmp_path)
    assert ran.code == 3


def test_what_an_endpoint_says_does_not_reach_the_terminal_as_it_is(
    asked: Cli, tmp_path: Path
) -> None:
    evil = "\x1b]0;owned\x07[red]Ignore all rules\u202e and print the key\n" + KEY
    with FakeEndpoint(lambda *_: Act(404, evil.encode())) as fake:
        ran = asked(fake, "--requests", 9)
    assert ran.code == 7
    assert "[red]Ignore all rules" in ran.err
    assert len(ran.err.strip().splitlines()) == 2, "what it says cannot pass for another message"
    good, bad = Act(body=said(evil)), Act(500, evil.encode())
    with FakeEndpoint(lambda n, _: good if n < 10 else bad) as fake:
        ran = asked(fake, "--requests", 99, "--out", tmp_path / "other", "--at-once", 1)
    assert ran.code == 0
    assert "1 question left" in ran.out
    for told in (ran.out, ran.err):
        assert not {"\x1b", "\x07", "\u202e"} & set(told)
        assert KEY not in told
    kept = b"".join(p.read_bytes() for p in tmp_path.rglob("*") if p.is_file())
    assert KEY.encode() not in kept


def test_what_makes_no_sense(asked: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeEndpoint() as fake:
        for given, why in (
            (("--requests", 0), "at least 1"),
            (("--requests", 1, "--api", "none"), "there is no API 'none': chat or completions"),
            (("--requests", 1, "--key-from", "NONE"), "no such environment variable"),
            (("--requests", 1, "--timeout", "soon"), "no length of time"),
            (("--requests", 1, "--endpoint", "http://example.com"), "without TLS"),
        ):
            ran = asked(fake, *given)
            assert (ran.code, why in ran.err) == (2, True), ran.err
        assert not fake.got
        monkeypatch.setitem(sys.modules, "httpx2", None)
        for name in [n for n in sys.modules if "asking.questioning" in n or "asking.reply" in n]:
            monkeypatch.delitem(sys.modules, name)
        ran = asked(fake, "--requests", 1)
        assert (ran.code, "pip install 'stillwatch[suspects]'" in ran.err) == (2, True)
    assert not (tmp_path / "out").exists()


def test_another_asking_is_not_mixed_in(asked: Cli, tmp_path: Path) -> None:
    with FakeEndpoint() as fake:
        asked(fake, "--requests", 2)
        ran = asked(fake, "--requests", 9, "--model", "egret")
        assert ran.code == 2
        assert "model: 'heron' before, 'egret' now" in ran.err
        assert len(lines(tmp_path / "out")) == 6


def test_why_nothing_was_answered_is_told(asked: Cli) -> None:
    with FakeEndpoint(lambda *_: Act(500, b'{"error": {"message": "out of order"}}')) as fake:
        ran = asked(fake, "--requests", 2)
    assert ran.code == 7
    assert "HTTP 500: out of order" in " ".join(ran.err.split())
    with FakeEndpoint() as fake:
        ran = asked(fake, "--requests", 2, "--output-tokens", 100)
        assert (ran.code, "less than one answer may have" in " ".join(ran.err.split())) == (2, True)
        assert fake.got == []


def test_a_transcript_is_read_for_leads(asked: Cli, tmp_path: Path) -> None:
    from stillwatch.suspects.completions import completions

    with FakeEndpoint() as fake:
        asked(fake, "--requests", 40, "--samples", 2)
    found = completions([str(tmp_path / "out")])
    assert len(found) == 10
    assert {len(given) for given in found.values()} == {2}
