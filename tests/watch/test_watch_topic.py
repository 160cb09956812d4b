"""Topics are followed by their offsets. The broker is librdkafka's own, which speaks the protocol
and runs in the client's process; a broker of Kafka itself is not tested against."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from turned import Turned, once, rejected

from stillwatch.errors import NoInputError, UsageError
from stillwatch.sketch.lake import Lake
from stillwatch.traffic import topic as topics
from stillwatch.watch.take import Feed, check

confluent_kafka = pytest.importorskip("confluent_kafka")
Record = Callable[..., dict[str, Any]]
Watching = Callable[..., Turned]


class Broker:
    """A broker with topics of four partitions."""

    def __init__(self) -> None:
        self.producer = confluent_kafka.Producer(
            {"test.mock.num.brokers": 1, "bootstrap.servers": "-", "log_level": 2}
        )
        brokers = self.producer.list_topics(timeout=10).brokers.values()
        self.address = ",".join(f"{b.host}:{b.port}" for b in brokers)

    def send(self, partition: int, *values: dict[str, Any] | bytes | None) -> None:
        for value in values:
            body = json.dumps(value).encode() if isinstance(value, dict) else value
            self.producer.produce("calls", value=body, partition=partition)
        assert self.producer.flush(10) == 0


@pytest.fixture
def broker() -> Iterator[Broker]:
    yield Broker()


def test_messages_are_taken_once(broker: Broker, record: Record, watching: Watching) -> None:
    broker.send(0, record(0), record(1))
    broker.send(2, record(2))
    url = f"kafka://{broker.address}/calls"
    watch = watching(url, url)
    assert watch.turn() == once(0, 1, 2)
    assert any("took 3 exchanges from 2 sources" in line for line in watch.told)
    assert watch.turn() == once(0, 1, 2)
    broker.send(0, record(3))
    broker.send(3, record(4))
    assert watch.again().turn() == once(0, 1, 2, 3, 4)


def test_what_is_no_exchange_is_told_by_its_offset(
    broker: Broker, record: Record, watching: Watching
) -> None:
    spread = json.dumps(record(1), indent=2).encode()
    broker.send(1, b"a,b\n1,2", spread, None, b"{broken", record(2))
    broker.send(1, b"")
    watch = watching(f"kafka://{broker.address}/calls")
    assert watch.turn() == once(1, 2)
    broker.send(1, b"{broken", record(3))
    assert watch.turn() == once(1, 2, 3)
    lines = rejected(watch.watcher.out)
    assert sorted(one["line"] for one in lines) == [0, 2, 3, 6]
    assert all(one["file"].endswith("/calls/1") for one in lines)


def test_many_messages_are_taken_in_stretches(
    broker: Broker, record: Record, watching: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(topics, "LONGEST", 1000)
    broker.send(0, *map(record, range(50)))
    watch = watching(f"kafka://{broker.address}/calls")
    assert watch.turn() == once(*range(50))
    with Lake.open(watch.watcher.out, write=True) as lake:
        assert sum(len(m.meta["streams"]) for m in lake.manifests()) <= 16
    assert watch.again().turn() == once(*range(50))


def test_messages_that_expired_are_told_once(
    broker: Broker, record: Record, watching: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker.send(0, *map(record, range(3)))
    watch = watching(f"kafka://{broker.address}/calls")
    watch.turn()
    broker.send(0, *map(record, range(3, 9)))
    found = topics.Topic.partitions
    monkeypatch.setattr(
        topics.Topic,
        "partitions",
        lambda self: [replace(p, low=5) if p.number == 0 else p for p in found(self)],
    )
    assert watch.turn() == once(0, 1, 2, 5, 6, 7, 8)
    assert watch.turn() == once(0, 1, 2, 5, 6, 7, 8)
    assert [line for line in watch.told if "2 messages expired" in line]
    assert watch.watcher.metrics.lost._value.get() == 2


def test_offsets_without_a_message_are_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where transactions end, or a topic is compacted."""
    monkeypatch.setattr(topics, "WIDEST", 10)
    sent = [(3, b"a"), (5, b"b"), (40, b"c"), (45, None)]

    class Fake:
        def assign(self, _: object) -> None: ...

    topic = topics.Topic("kafka://b/t", "t", Fake())
    monkeypatch.setattr(topics.Topic, "_lines", lambda *_: iter(sent))
    partition = topics.Partition("c/t/0", "kafka://b/t/0", 0, 0, 45)
    made = list(topic.stretches(partition, "c/t/0", 1, 45))
    assert [(s.start, s.end, s.data) for s in made] == [
        (1, 6, b"\n\na\n\nb\n"),
        (40, 45, b"c\n\n\n\n\n"),
    ]
    assert made[0].line(3) == 3
    assert made[1].line(1) == 40


def test_brokers_and_settings_that_are_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(topics, "_TIMEOUT", 1.0)
    for url in ("kafka://b:9092", "kafka:///calls", "kafka://b:9092/a/b"):
        with pytest.raises(UsageError, match="name brokers and a topic"), topics.topic(url, None):
            pass
    url = "kafka://127.0.0.1:1/calls"
    with pytest.raises(NoInputError, match="cannot be read"), topics.topic(url, None) as topic:
        topic.partitions()
    file = tmp_path / "kafka.toml"
    for text, why in (
        ("x", "not TOML"),
        ("security.protocol = 'SSL'", "in quotes"),
        ("'group.id' = 'x'", "set by Stillwatch"),
        ("'security.protocol' = 'BOGUS'", "BOGUS"),
    ):
        file.write_text(text)
        with pytest.raises(UsageError, match=why), topics.topic(url, file):
            pass
    with pytest.raises(UsageError, match="cannot be read"), topics.topic(url, tmp_path / "none"):
        pass


def test_without_the_client_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "stillwatch.traffic.topic", None)
    with pytest.raises(UsageError, match=r"stillwatch\[kafka\]"):
        check(Feed(("kafka://b/c",), None, None, None, 1))


def test_a_broker_that_is_away_stops_nothing_else(
    tmp_path: Path, record: Record, watching: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(topics, "_TIMEOUT", 1.0)
    log = tmp_path / "a.jsonl"
    log.write_text(json.dumps(record(0)) + "\n")
    watch = watching("kafka://127.0.0.1:1/calls", log)
    assert watch.turn() == once(0)
    assert any("kafka://127.0.0.1:1/calls: cannot be read" in line for line in watch.told)
    assert watch.watcher.metrics.turn._value.get() > 0
