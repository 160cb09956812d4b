"""What the command says, and what it refuses."""

from __future__ import annotations

import json
import re
import socket
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from stillwatch import watch
from stillwatch.lock import alone
from stillwatch.watch import Plan
from stillwatch.watch.metrics import Metrics

Record = Callable[..., dict[str, Any]]
Log = Callable[..., Path]
Cli = Callable[..., Any]


def test_a_turn_from_cron(stillwatch: Cli, tmp_path: Path, log: Log, record: Record) -> None:
    folder = log("a.jsonl", [*map(record, range(90)), "broken"]).parent
    out = tmp_path / "out"
    ran = stillwatch("watch", folder, "--out", out, "--once")
    assert ran.code == 0
    assert "took 90 exchanges from 1 source, 1 record set aside" in ran.err
    assert "looked at 2026-02-28 10:00 to 2026-03-01 10:00 UTC" in ran.err
    assert "looked at 2026-01-30 10:00" in ran.err
    assert json.loads((out / "recent" / "campaigns.json").read_text())["reading"]["exchanges"] == 60
    ran = stillwatch("watch", folder, "--out", out, "--once")
    assert (ran.code, ran.err) == (0, "")
    assert re.search(r"1 day .* 90 ", stillwatch("lake", "show", out).out)


def test_it_takes_what_it_is_told_to(stillwatch: Cli, tmp_path: Path, log: Log) -> None:
    lines = [{"at": f"2026-03-01T09:{n:02}:00Z", "who": "a", "text": "Hello"} for n in range(5)]
    folder = log("a.jsonl", lines).parent
    mapping = tmp_path / "map.toml"
    mapping.write_text('[columns]\ntime = "at"\naccount = "who"\nprompt = "text"\n')
    ran = stillwatch("watch", folder, "--out", tmp_path / "o", "--once", "--mapping", mapping)
    assert "took 5 exchanges" in ran.err, ran


@pytest.mark.parametrize(
    ("options", "code", "why"),
    [
        (["--every", "1x"], 2, "no length of time"),
        (["--every", "2d"], 2, "--recent as long as"),
        (["--metrics", "nowhere"], 2, "name host and port"),
        (["--metrics", "9464"], 2, "name host and port"),
        (["--metrics", "127.0.0.1:99999"], 2, "name host and port"),
        (["--kafka", "/none.toml"], 2, "no such file"),
        (["postgres://reader@db/gateway#calls"], 2, "tables are not followed"),
        (["--format", "none"], 4, "no format"),
        (["kafka://b"], 2, "name brokers and a topic"),
        (["/nowhere/at/all"], 3, "no such file"),
    ],
)
def test_what_makes_no_sense(
    stillwatch: Cli,
    tmp_path: Path,
    log: Log,
    record: Record,
    options: list[str],
    code: int,
    why: str,
) -> None:
    folder = log("a.jsonl", [record(0)]).parent
    ran = stillwatch("watch", folder, "--out", tmp_path / "out", "--once", *options)
    assert ran.code == code, ran.err
    assert why in ran.err
    assert "Traceback" not in ran.err


def test_only_one_watch_writes(stillwatch: Cli, tmp_path: Path, log: Log, record: Record) -> None:
    folder = log("a.jsonl", [record(0)]).parent
    with alone(tmp_path / "out" / watch.LOCK, "this test writes here"):
        ran = stillwatch("watch", folder, "--out", tmp_path / "out", "--once")
    assert ran.code == 6
    assert "another watch" in ran.err


def test_a_lake_that_is_in_use_is_waited_for(
    stillwatch: Cli, tmp_path: Path, log: Log, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    from stillwatch.sketch.lake import Lake

    folder = log("a.jsonl", [record(0)]).parent
    out = tmp_path / "out"
    held = [Lake.open(out, write=True)]

    def wait(_: float) -> None:
        if not held:
            raise KeyboardInterrupt
        held.pop().close()

    monkeypatch.setattr(watch, "sleep", wait)
    ran = stillwatch("watch", folder, "--out", out)
    assert "another process is writing here" in ran.err
    assert "took 1 exchange" in ran.err
    assert ran.code == 0
    assert "stopped; the same command goes on" in ran.err


def test_metrics_are_served_and_name_nobody(
    tmp_path: Path, log: Log, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    import stillwatch as sw

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    pages: list[str] = []

    def look(_: float) -> None:
        with urllib.request.urlopen(f"http://{address}/metrics", timeout=10) as page:
            pages.append(page.read().decode())
        raise KeyboardInterrupt

    monkeypatch.setattr(watch, "sleep", look)
    folder = log("a.jsonl", [*map(record, range(90)), "broken"]).parent
    with pytest.raises(KeyboardInterrupt):
        watch.watch(
            [str(folder)],
            tmp_path / "out",
            plan=Plan(),
            settings=sw.Settings(workers=1),
            tell=lambda _: None,
            metrics=address,
        )
    told = pages[0]
    assert "stillwatch_exchanges_total 90.0" in told
    assert 'stillwatch_records_rejected_total{reason="not JSON"} 1.0' in told
    assert 'stillwatch_looks_total{window="recent"} 1.0' in told
    assert 'stillwatch_campaigns{window="whole"} 0.0' in told
    assert "acct-" not in told
    assert "a.jsonl" not in told


def test_the_alerts_of_the_page_are_of_metrics_there_are() -> None:
    page = Path(__file__).parents[2] / "docs" / "how-to" / "watch.md"
    names = {
        word
        for word in page.read_text("utf-8").replace("(", " ").replace("[", " ").split()
        if word.startswith("stillwatch_")
    }
    there = {s.name for metric in Metrics().registry.collect() for s in metric.samples}
    there |= {f"{metric.name}_total" for metric in Metrics().registry.collect()}
    assert names
    assert names <= there


def test_turns_are_spans_and_name_nobody(
    tmp_path: Path, log: Log, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    import stillwatch as sw

    memory = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(memory))
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: provider)
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", provider)
    folder = log("a.jsonl", map(record, range(90))).parent
    watch.watch(
        [str(folder)],
        tmp_path / "out",
        plan=Plan(),
        settings=sw.Settings(workers=1),
        tell=lambda _: None,
        once=True,
    )
    spans = memory.get_finished_spans()
    assert [s.name for s in spans] == [
        "watch.join",
        "watch.take",
        "watch.look",
        "watch.look",
        "watch.turn",
    ]
    assert {s.attributes["stillwatch.window"] for s in spans if s.name == "watch.look"} == {
        "recent",
        "whole",
    }
    assert "acct-" not in "".join(s.to_json() for s in spans)
