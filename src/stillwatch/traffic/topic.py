"""Topics of Kafka as sources that grow: each message is a JSON document.

How far a topic was read is for the caller to keep; nothing is committed to the broker.
"""

from __future__ import annotations

import logging
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from pyarrow import fs

from stillwatch.errors import NoInputError, UsageError
from stillwatch.traffic.stretch import Stretch

LONGEST = 16 << 20
"""Bytes of messages in one stretch, but for a message that is longer by itself."""
WIDEST = 100_000
"""Offsets in one stretch."""
_TIMEOUT = 15.0
"""Seconds that a broker has to answer."""
_AT_ONCE = 500
# What the client logs of a lost broker comes as an error, too.
_LOG = logging.getLogger("stillwatch.kafka")
_LOG.addHandler(logging.NullHandler())
_LOG.propagate = False
_OURS = ("group.id", "enable.auto.commit", "enable.partition.eof", "auto.offset.reset")


@dataclass(frozen=True, slots=True)
class Partition:
    """A partition of a topic. name: in whatever cluster it lies; low, high: offsets there are."""

    name: str
    path: str
    number: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic, connected. path: what people are shown."""

    path: str
    topic: str
    consumer: Consumer = field(repr=False)

    def partitions(self) -> list[Partition]:
        """The partitions there are, with the offsets that can be read now."""
        told = self.consumer.list_topics(self.topic, _TIMEOUT)
        found = told.topics[self.topic]
        if found.error is not None:
            raise NoInputError(f"{self.path}: {found.error.str()}")
        made = []
        for number in sorted(found.partitions):
            place = TopicPartition(self.topic, number)
            low, high = self.consumer.get_watermark_offsets(place, _TIMEOUT)
            name = f"{told.cluster_id}/{self.topic}/{number}"
            made.append(Partition(name, f"{self.path}/{number}", number, low, high))
        return made

    def stretches(
        self, partition: Partition, stream: str, start: int, end: int
    ) -> Iterator[Stretch]:
        """The messages between two offsets, as they are asked for.

        A message is a line, so that a record that is set aside is told by its offset; offsets that
        hold none, as those of transactions, are empty lines.
        """
        self.consumer.assign([TopicPartition(self.topic, partition.number, start)])
        lines: list[bytes] = []
        size = 0
        first = start
        for offset, line in self._lines(start, end):
            if lines and (size + len(line or b"") > LONGEST or offset - first >= WIDEST):
                yield _stretch(partition, stream, first, lines)
                first, lines, size = first + len(lines), [], 0
            if offset - first - len(lines) > WIDEST:
                first = offset
            lines += [b""] * (offset - first - len(lines))
            if line is not None:
                lines.append(line)
                size += len(line)
        if lines:
            yield _stretch(partition, stream, first, lines)

    def _lines(self, start: int, end: int) -> Iterator[tuple[int, bytes | None]]:
        """Offset and message, as a line, up to `end`; None behind the last, where others end."""
        at, heard = start, monotonic()
        while at < end:
            messages = self.consumer.consume(_AT_ONCE, 0.5)
            if messages:
                heard = monotonic()
            elif monotonic() - heard > _TIMEOUT:
                raise NoInputError(f"{self.path}: the broker does not answer any more")
            for message in messages:
                error, offset = message.error(), message.offset() or 0
                if error is not None and error.code() == KafkaError._PARTITION_EOF:
                    yield end, None
                    return
                if error is not None:
                    raise KafkaException(error)
                if offset >= end:
                    return
                at = offset + 1
                value = message.value()
                # A line end within a document is white space; a message without a value is none.
                yield offset, b"null" if value is None else value.replace(b"\n", b" ")


@contextmanager
def topic(url: str, settings: Path | None) -> Iterator[Topic]:
    """A topic, `kafka://host:9092,host:9092/name`, with settings of the client.

    Raises
    ------
    UsageError
        The URL or the settings are none.
    NoInputError
        The broker cannot be reached, or does not let us read.
    """
    parts = urlsplit(url)
    name = parts.path.strip("/")
    if not parts.netloc or not name or "/" in name:
        raise UsageError(f"{url}: name brokers and a topic, as in kafka://host:9092/calls")
    try:
        consumer = Consumer(
            {
                **(_settings(settings) if settings else {}),
                "bootstrap.servers": parts.netloc,
                "group.id": "stillwatch",
                "enable.auto.commit": False,
                "enable.partition.eof": True,
                "auto.offset.reset": "error",
                "logger": _LOG,
            }
        )
    except (KafkaException, ValueError, TypeError) as error:
        raise UsageError(f"{settings or url}: Kafka's client does not start: {error}") from error
    try:
        yield Topic(url, name, consumer)
    except KafkaException as error:
        raise NoInputError(f"{url}: cannot be read: {error.args[0].str()}") from error
    finally:
        consumer.close()


def _settings(path: Path) -> dict[str, Any]:
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: not TOML: {error}") from error
    for key, value in found.items():
        if isinstance(value, dict | list):
            raise UsageError(f'{path}: {key}: write the key in quotes, as "security.protocol"')
        if key in _OURS:
            raise UsageError(f"{path}: {key}: is set by Stillwatch; leave it out")
    return found


def _stretch(partition: Partition, stream: str, first: int, lines: list[bytes]) -> Stretch:
    data = b"\n".join(lines) + b"\n"
    return Stretch(
        path=partition.path,
        size=len(data),
        mtime_ns=0,
        fs=fs.LocalFileSystem(),
        location=partition.name,
        stream=stream,
        start=first,
        end=first + len(lines),
        # Offsets count from 0, and lines from 1.
        before=first - 1,
        lines=len(lines),
        data=data,
    )
