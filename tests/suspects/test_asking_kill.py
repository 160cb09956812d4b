"""Killed at any moment, asking loses nothing that was answered, and goes on."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from fake_endpoint import Act, FakeEndpoint, lines, written

from stillwatch.suspects import asking
from stillwatch.suspects.asking import verify

PROMPTS = 60


def start(url: str, folder: Path, **more: int) -> subprocess.Popen[str]:
    given = {"requests": 500, "rate": 1000, "at-once": 3, **more}
    command = [sys.executable, "-c", "from stillwatch.cli import main; main()", "suspect", "ask"]
    command += [str(folder / "prompts.jsonl"), "--endpoint", url, "--model", "heron"]
    command += ["--out", str(folder / "out")]
    command += [part for name, value in given.items() for part in (f"--{name}", str(value))]
    return subprocess.Popen(  # noqa: S603
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_interruptible,  # noqa: PLW1509
    )


def _interruptible() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def wait_for(fake: FakeEndpoint, count: int) -> None:
    until = time.monotonic() + 20
    while len(fake.got) < count and time.monotonic() < until:
        time.sleep(0.002)


def test_killed_at_random(tmp_path: Path) -> None:
    chance = random.Random(5)
    written(tmp_path / "prompts.jsonl", PROMPTS)
    with FakeEndpoint(lambda *_: Act(wait=chance.random() * 0.02)) as fake:
        kills = 4
        for _ in range(kills):
            process = start(fake.url, tmp_path)
            wait_for(fake, len(fake.got) + chance.randrange(3, 12))
            time.sleep(chance.random() * 0.01)
            os.kill(process.pid, signal.SIGKILL)
            process.communicate()
            answered = [a.question for a in whole_answers(tmp_path / "out")]
            assert len(answered) == len(set(answered))
        end = start(fake.url, tmp_path)
        out, err = end.communicate(timeout=60)
        assert end.returncode == 0, err
        assert f"{PROMPTS} of {PROMPTS} questions answered" in out
        found = verify(tmp_path / "out")
        assert (found.problems, found.answered) == ((), PROMPTS)
        asked = Counter(fake.prompts)
        assert len(asked) == PROMPTS
        # What was on its way when it was killed, and nothing else, was asked again.
        assert len(fake.got) - PROMPTS <= 3 * kills
        # Each request that came was written down before.
        written_down = sum(line["what"] == "asked" for line in lines(tmp_path / "out"))
        assert written_down >= len(fake.got)


def whole_answers(folder: Path) -> list[asking.Answer]:
    """Those that are on disk, though nothing is sealed."""
    from stillwatch.suspects.asking.chain import Chain
    from stillwatch.suspects.asking.lines import Asked, Outcome

    chain = Chain(folder)
    asked: dict[int, Asked] = {}
    found = []
    for line in chain.follow():
        if isinstance(line, Asked):
            asked[line.line] = line
        elif isinstance(line, Outcome) and line.what == "answered":
            found.append(asking.Answer(asked[line.to].question, (), line.body, line.line))
    assert not chain.problems
    return found


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_waits_for_what_is_on_its_way(tmp_path: Path, how: int) -> None:
    written(tmp_path / "prompts.jsonl", PROMPTS)
    with FakeEndpoint(lambda *_: Act(wait=0.1)) as fake:
        process = start(fake.url, tmp_path)
        wait_for(fake, 5)
        process.send_signal(how)
        _, err = process.communicate(timeout=30)
        assert process.returncode == 130
        assert "interrupted; what was done is kept, and the same command goes on" in err
        found = verify(tmp_path / "out")
        assert found.problems == ()
        assert found.answered == len(fake.got)
        assert lines(tmp_path / "out")[-1]["why"] == "interrupted"


def test_interrupted_twice_it_waits_for_nothing(tmp_path: Path) -> None:
    written(tmp_path / "prompts.jsonl", PROMPTS)
    with FakeEndpoint(lambda n, _: Act(wait=0.0 if n < 5 else 20.0)) as fake:
        process = start(fake.url, tmp_path)
        wait_for(fake, 7)
        process.send_signal(signal.SIGINT)
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=10)
        assert process.returncode == 130, err
        found = verify(tmp_path / "out")
        assert (found.problems, found.answered) == ((), 4)
        dropped = [line for line in lines(tmp_path / "out") if line["what"] == "failed"]
        assert len(dropped) == 3
        assert all(line["output_tokens"] == 512 for line in dropped)
