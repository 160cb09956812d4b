"""An endpoint is asked within the budget, politely, and nothing is asked twice."""

from __future__ import annotations

import errno
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_endpoint import Act, FakeEndpoint, lines, said, written

from stillwatch.errors import (
    EndpointError,
    FormatError,
    NoInputError,
    OutputError,
    UsageError,
)
from stillwatch.suspects import asking
from stillwatch.suspects.asking import Budget, Endpoint, Gathered, Pace, pace, verify
from stillwatch.suspects.asking.transcript import opened

FAST = Pace(rate=1000, at_once=4, timeout=5)


@pytest.fixture
def fake() -> Iterator[FakeEndpoint]:
    with FakeEndpoint() as endpoint:
        yield endpoint


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(pace, "LONGEST_WAIT", 0.02)


def ask(fake: FakeEndpoint, folder: Path, count: int = 10, **given: Any) -> Gathered:
    prompts = written(folder / "prompts.jsonl", count)
    endpoint = Endpoint(fake.url, "heron", given.pop("api", "chat"))
    budget = Budget(given.pop("requests", 1000), given.pop("output_tokens", None))
    given = {"pace": FAST, "max_tokens": 20} | given
    return asking.ask(endpoint, prompts, folder / "out", budget, **given)


def test_every_prompt_is_asked_before_any_is_asked_again(
    fake: FakeEndpoint, tmp_path: Path
) -> None:
    gathered = ask(fake, tmp_path, 3, samples=2, pace=Pace(1000, 1))
    assert fake.prompts == [f"What is {n}?" for n in (0, 1, 2, 0, 1, 2)]
    assert (gathered.answered, gathered.left, gathered.requests) == (6, 0, 6)
    assert gathered.output_tokens == 42
    assert fake.got[0].path == "/v1/chat/completions"
    assert fake.got[0].json == {
        "model": "heron",
        "messages": [{"role": "user", "content": "What is 0?"}],
        "temperature": 1.0,
        "max_tokens": 20,
    }
    assert verify(tmp_path / "out").problems == ()
    assert next(a.said for a in asking.answers(tmp_path / "out")) == "heard: What is 0?"


def test_messages_are_sent_as_they_are_and_completions_take_prompts(
    fake: FakeEndpoint, tmp_path: Path
) -> None:
    ask(fake, tmp_path, 1, api="completions")
    assert fake.got[0].path == "/v1/completions"
    assert fake.got[0].json["prompt"] == "What is 0?"
    talk = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Why?\u2028"}]
    prompts = tmp_path / "talk.jsonl"
    prompts.write_text(json.dumps({"messages": talk}, ensure_ascii=False), "utf-8")
    asking.ask(Endpoint(fake.url, "m"), prompts, tmp_path / "talk", Budget(1))
    assert fake.got[1].json["messages"] == talk
    (answer,) = asking.answers(tmp_path / "talk")
    assert answer.asked == ("Be brief.", "Why?\u2028")
    with pytest.raises(UsageError, match=r"talk\.jsonl:1: completions take no messages"):
        asking.ask(Endpoint(fake.url, "m", "completions"), prompts, tmp_path / "x", Budget(1))


@pytest.mark.parametrize("at_once", [1, 8])
def test_the_budget_of_requests_is_never_exceeded(
    fake: FakeEndpoint, tmp_path: Path, at_once: int
) -> None:
    fake.respond = lambda n, _: Act(status=500 if n % 3 == 0 else 200, wait=0.002)
    for limit, answered in ((7, 5), (7, 5), (20, 14)):
        gathered = ask(fake, tmp_path, 40, requests=limit, pace=Pace(1000, at_once))
        assert len(fake.got) == gathered.requests == limit
        assert gathered.answered == answered
        assert "budget of requests" in gathered.ended
    assert verify(tmp_path / "out").problems == ()


def test_the_budget_of_tokens_leaves_room_for_the_longest_answer(
    fake: FakeEndpoint, tmp_path: Path
) -> None:
    fake.respond = lambda *_: Act(body=said("x", 20), wait=0.002)
    gathered = ask(fake, tmp_path, 40, output_tokens=119, pace=Pace(1000, 8))
    assert (gathered.output_tokens, len(fake.got)) == (100, 5)
    assert "room for another answer" in gathered.ended
    # Short answers leave room that longer ones would have taken.
    fake.respond = lambda *_: Act(body=said("x", 1), wait=0.002)
    gathered = ask(fake, tmp_path, 40, output_tokens=150, pace=Pace(1000, 8))
    assert gathered.output_tokens == 131
    assert len(fake.got) == 36


def test_an_answer_that_does_not_say_its_length_counts_as_the_longest(
    fake: FakeEndpoint, tmp_path: Path
) -> None:
    odd = [said("x", None), said("x", -5), said("x", True), b'{"choices": [{"message": {}}]}']
    fake.respond = lambda n, _: Act(body=odd[n - 1])
    assert ask(fake, tmp_path, 4).output_tokens == 80


def test_what_was_answered_is_not_asked_again(fake: FakeEndpoint, tmp_path: Path) -> None:
    first = ask(fake, tmp_path, requests=4)
    second = ask(fake, tmp_path)
    assert sorted(fake.prompts) == sorted(f"What is {n}?" for n in range(10))
    assert (first.answered, second.answered) == (4, 10)
    again = ask(fake, tmp_path)
    assert len(fake.got) == 10
    assert again.head == second.head, "where nothing was asked nothing is written"


def test_no_more_wait_together_and_no_faster_than_was_said(
    fake: FakeEndpoint, tmp_path: Path
) -> None:
    fake.respond = lambda *_: Act(wait=0.05)
    ask(fake, tmp_path, 12, pace=Pace(1000, 3))
    assert fake.most == 3
    begun = time.monotonic()
    ask(fake, tmp_path, 12, samples=1, pace=Pace(1000, 3))
    assert time.monotonic() - begun < 1
    slow = tmp_path / "slow"
    slow.mkdir()
    fake.times.clear()
    ask(fake, slow, 6, pace=Pace(20, 6))
    assert fake.times[-1] - fake.times[0] > 5 / 20 - 0.02


def test_a_busy_endpoint_is_left_alone_as_long_as_it_wants(
    fake: FakeEndpoint, tmp_path: Path
) -> None:
    fake.respond = lambda n, _: Act(429, b"", {"Retry-After": "1"}) if n == 2 else Act()
    gathered = ask(fake, tmp_path, 5, pace=Pace(1000, 1))
    assert gathered.answered == 5
    assert fake.times[2] - fake.times[1] > 0.9


@pytest.mark.parametrize(
    ("act", "why"),
    [
        (Act(500, b'{"error": {"message": "overloaded"}}'), "HTTP 500: overloaded"),
        (Act(200, b'{"choices": ['), "no JSON"),
        (Act(200, b"\xff\xfe"), "no UTF-8"),
        (Act(200, b"[" * 100_000), "nested too deeply"),
        (Act(200, b"[1]"), "no choices"),
        (Act(200, b'{"choices": []}'), "no choices"),
        (Act(200, b'{"choices": [{"message": "hi"}]}'), "message is no text"),
        (Act(200, b'{"choices": [{"message": {"content": [1]}}]}'), "content is no text"),
        (Act(200, b"{}", {}, 50), "without sending complete"),
        (Act(200, b" " * (9 << 20)), "longer than 8 MiB"),
        (Act(204, b""), "HTTP 204"),
        (Act(wait=3.0), "no whole answer in 0.2 seconds"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_answer_is_written_down_and_tried_again(
    fake: FakeEndpoint, tmp_path: Path, act: Act, why: str
) -> None:
    fake.respond = lambda n, _: act if n == 1 else Act()
    gathered = ask(fake, tmp_path, 2, pace=Pace(1000, 1, 0.2 if act.wait else 5))
    assert (gathered.answered, gathered.requests) == (2, 3)
    failed = [line for line in lines(tmp_path / "out") if line["what"] == "failed"]
    assert len(failed) == 1
    assert why in failed[0]["why"]
    assert verify(tmp_path / "out").problems == ()


def test_a_question_that_fails_too_often_waits_for_the_next_run(
    fake: FakeEndpoint, tmp_path: Path
) -> None:
    fake.respond = lambda _, got: Act(500, b"") if "2" in got.prompt else Act()
    gathered = ask(fake, tmp_path, 5)
    assert (gathered.answered, gathered.left, gathered.requests) == (4, 1, 7)
    assert gathered.last_failure == "HTTP 500"
    fake.respond = lambda *_: Act()
    assert ask(fake, tmp_path, 5).left == 0


def test_what_is_refused_is_not_asked_again(fake: FakeEndpoint, tmp_path: Path) -> None:
    fake.respond = lambda _, got: Act(400, b'{"error": "no"}') if "2" in got.prompt else Act()
    gathered = ask(fake, tmp_path, 5)
    assert (gathered.answered, gathered.refused, gathered.left) == (4, 1, 0)
    ask(fake, tmp_path, 5)
    assert len(fake.got) == 5


@pytest.mark.parametrize(
    ("act", "most", "why"),
    [
        (Act(500, b"sorry"), 11, "failed 8 times in a row: HTTP 500: sorry"),
        (Act(401, b"{}"), 4, "HTTP 401"),
        (Act(404, b'{"error": {"message": "no such model"}}'), 4, "no such model"),
        (Act(422, b'{"detail": "max_tokens"}'), 8, "5 questions in a row were refused"),
        (Act(429, b"", {"Retry-After": "7200"}), 4, "left alone for 7,200 seconds"),
    ],
)
def test_an_endpoint_that_does_not_answer_is_given_up(
    fake: FakeEndpoint, tmp_path: Path, act: Act, most: int, why: str
) -> None:
    ask(fake, tmp_path, 40, requests=2)
    fake.respond = lambda *_: act
    with pytest.raises(EndpointError, match="2 of 40 questions are answered and kept") as told:
        ask(fake, tmp_path, 40)
    assert why in str(told.value)
    assert len(fake.got) - 2 <= most
    found = verify(tmp_path / "out")
    assert (found.problems, found.answered) == ((), 2)
    fake.respond = lambda *_: Act()
    assert ask(fake, tmp_path, 40).left == 0


def test_where_every_question_fails_it_is_the_endpoint(fake: FakeEndpoint, tmp_path: Path) -> None:
    fake.respond = lambda *_: Act(200, b"hello")
    with pytest.raises(EndpointError, match=r"nothing was answered: .*no JSON"):
        ask(fake, tmp_path, 2)
    assert len(fake.got) == 6


def test_where_nobody_listens_it_is_told_soon(tmp_path: Path) -> None:
    with FakeEndpoint() as gone:
        url = gone.url
    gone.got.clear()
    prompts = written(tmp_path / "p", 5)
    with pytest.raises(EndpointError, match="failed 3 times in a row"):
        asking.ask(Endpoint(url, "m"), prompts, tmp_path / "out", Budget(50), pace=FAST)
    assert all(line.get("output_tokens", 0) == 0 for line in lines(tmp_path / "out"))


def test_a_folder_is_of_one_asking(fake: FakeEndpoint, tmp_path: Path) -> None:
    ask(fake, tmp_path)
    for given, why in (
        ({"count": 11}, "prompts: "),
        ({"samples": 2}, "samples: 1 before, 2 now"),
        ({"temperature": 0.5}, "temperature: 1.0 before, 0.5 now"),
        ({"max_tokens": 5}, "max-tokens: 20 before"),
        ({"api": "completions"}, "api: 'chat' before"),
    ):
        with pytest.raises(UsageError, match=why):
            ask(fake, tmp_path, **given)
    written(tmp_path / "prompts.jsonl", 10)
    with FakeEndpoint() as other, pytest.raises(UsageError, match=r"url: .* before"):
        ask(other, tmp_path)
    assert len(fake.got) == 10


def test_two_cannot_ask_into_one_folder(fake: FakeEndpoint, tmp_path: Path) -> None:
    ask(fake, tmp_path)
    from stillwatch.suspects.asking import manifest

    there, _ = manifest.read(tmp_path / "out")
    with opened(tmp_path / "out", there), pytest.raises(OutputError, match="another process"):
        ask(fake, tmp_path)
    (tmp_path / "out" / "manifest.json").unlink()
    with pytest.raises(OutputError, match="without its manifest"):
        ask(fake, tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot be written"):
        asking.ask(
            Endpoint(fake.url, "m"), tmp_path / "prompts.jsonl", tmp_path / "file", Budget(1)
        )


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        '{"prompt": ""}',
        '{"prompt": 1}',
        '{"prompt": "a", "model": "b"}',
        '{"messages": []}',
        '{"messages": [{"role": "user"}]}',
        '{"messages": [{"role": "user", "content": ["a"]}]}',
        '{"prompt": "\\ud800"}',
        "[" * 100_000,
    ],
    ids=range(10),
)
def test_what_is_no_prompt_is_told_with_its_line(
    fake: FakeEndpoint, tmp_path: Path, line: str
) -> None:
    prompts = tmp_path / "p.jsonl"
    prompts.write_text('{"prompt": "a"}\n\n' + line)
    with pytest.raises(FormatError, match=r"p.jsonl:3: no .*write \{"):
        asking.ask(Endpoint(fake.url, "m"), prompts, tmp_path / "out", Budget(1))
    assert not (tmp_path / "out").exists()
    assert not fake.got


def test_what_makes_no_sense(fake: FakeEndpoint, tmp_path: Path) -> None:
    for given in (
        {"requests": 0},
        {"output_tokens": 0},
        {"samples": 0},
        {"temperature": 3},
        {"max_tokens": 0},
    ):
        with pytest.raises(UsageError, match=next(iter(given)).replace("_", "-")):
            ask(fake, tmp_path, **given)
    for wrong in ((0.0, 1, 1.0), (1.0, 0, 1.0), (1.0, 1, 0.0), (float("nan"), 1, 1.0)):
        with pytest.raises(UsageError):
            Pace(*wrong)
    for url in ("", "host", "ftp://host", "https://", "https://h:x", "https://h/v1/completions"):
        with pytest.raises(UsageError):
            Endpoint(url, "m")
    with pytest.raises(UsageError, match="name the model"):
        Endpoint("https://h", " ")
    assert Endpoint("https://h/", "m").address == "https://h/v1/chat/completions"
    assert Endpoint("https://h/x/", "m", "completions").address == "https://h/x/completions"
    for path in ("none", "empty"):
        (tmp_path / "empty").touch()
        with pytest.raises(NoInputError):
            asking.ask(Endpoint(fake.url, "m"), tmp_path / path, tmp_path / "o", Budget(1))


def test_the_transcript_says_what_was_asked_and_who_answered(
    fake: FakeEndpoint, tmp_path: Path
) -> None:
    ask(fake, tmp_path, 1)
    begun, asked, answered, ended = lines(tmp_path / "out")
    assert [line["line"] for line in (begun, asked, answered, ended)] == [1, 2, 3, 4]
    assert asked["request"] == fake.got[0].json
    assert asked["url"] == f"{fake.url}/chat/completions"
    assert json.loads(answered["body"]) == json.loads(said("heard: What is 0?"))
    assert answered["headers"]["x-request-id"] == "req-1"
    assert answered["headers"]["date"].endswith("GMT")
    assert answered["peer"] == f"127.0.0.1 {fake.url.split(':')[2].split('/')[0]}"
    assert (answered["to"], answered["status"], answered["output_tokens"]) == (2, 200, 7)
    assert begun["at"].endswith("Z") and "stillwatch" in begun["software"]
    assert ended["why"] == "all questions were asked"


def test_two_requests_do_not_show_that_they_come_from_one_hand(
    fake: FakeEndpoint, tmp_path: Path
) -> None:
    fake.respond = lambda *_: Act(headers={"Set-Cookie": "you=1234; Path=/"})
    ask(fake, tmp_path, 3, pace=Pace(1000, 1))
    for got in fake.got:
        assert "cookie" not in got.headers
        assert "stillwatch" not in json.dumps(got.headers).lower()


def test_a_full_disk_leaves_no_half_line(
    fake: FakeEndpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, real = [3000], os.write

    def write(handle: int, data: memoryview) -> int:
        fits = min(len(data), room[0])
        room[0] -= fits
        if not fits:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(handle, data[:fits])

    monkeypatch.setattr("stillwatch.suspects.asking.transcript.os.write", write)
    with pytest.raises(OutputError, match="No space left on device; what was answered before"):
        ask(fake, tmp_path)
    monkeypatch.undo()
    found = verify(tmp_path / "out")
    assert found.broken == ()
    assert 0 < found.answered < 10
    gathered = ask(fake, tmp_path)
    assert gathered.answered == 10
    assert verify(tmp_path / "out").problems == ()


def test_what_is_asked_may_be_followed(fake: FakeEndpoint, tmp_path: Path) -> None:
    told: list[tuple[str, float]] = []
    ask(fake, tmp_path, 4, progress=lambda *said: told.append(said))
    assert told == [("asking", n / 4) for n in range(5)]
