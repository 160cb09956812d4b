"""Takes what is new into the lake, each source all at once and each record once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

from stillwatch.errors import NoInputError, UsageError
from stillwatch.ingest import pool
from stillwatch.ingest.own import own
from stillwatch.ingest.task import Task
from stillwatch.sketch.forgotten import Forgotten
from stillwatch.sketch.holds import held
from stillwatch.sketch.lake import Lake, rejected_path
from stillwatch.sketch.manifest import Manifest
from stillwatch.traffic import Source, sources
from stillwatch.watch.news import New, News, Versions
from stillwatch.watch.taken import Taken, missing, watched

if TYPE_CHECKING:
    from stillwatch.traffic.topic import Topic

ROUND = 256
"""Sources taken before those in the lake are joined."""


@dataclass(frozen=True, slots=True)
class Feed:
    """What is followed, and how it is read. kafka: a file with settings of the client."""

    paths: Sequence[str]
    format: str | None
    mapping: Path | None
    kafka: Path | None
    workers: int

    @property
    def topics(self) -> list[str]:
        """The paths that are topics."""
        return [path for path in self.paths if is_topic(path)]

    @property
    def logs(self) -> list[str]:
        """The paths that are files, folders, globs and URLs of stores."""
        return [path for path in self.paths if not is_topic(path)]


@dataclass
class Took:
    """What became of one round. sources: how many were taken; troubles: what could not be read,
    in words; lost: messages that expired before they were read; late, open: as in `News`."""

    manifests: list[Manifest] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    nowhere: list[NoInputError] = field(default_factory=list)
    lost: int = 0
    late: int = 0
    open: int = 0


def is_topic(path: str) -> bool:
    """Whether a path means a topic of Kafka."""
    return path.startswith("kafka://")


def take(
    lake: Lake, feed: Feed, now: datetime, quiet: Versions, note: Callable[[Manifest], None]
) -> Took:
    """Takes what is new, `ROUND` sources at most; `note` is told of each as it is done."""
    took = Took()
    known = Taken.of(watched(lake.manifests()))
    news = News(known, now, quiet)
    with ExitStack() as stack:
        new = chain(
            news.of(_listed(feed.logs, lake.directory, took)),
            *(_messages(url, feed.kafka, known, took, stack) for url in feed.topics),
        )
        chosen: dict[str, New] = {}
        tasks = _tasks(islice(new, ROUND), lake, feed, now, chosen)
        for task, manifest in pool.run(tasks, feed.workers):
            one = chosen.pop(task.key)
            if not one.still():
                # It changed while it was read: what there is now is for the next turn.
                rejected_path(lake.directory, task.key).unlink(missing_ok=True)
                continue
            accepted = replace(manifest, replaces=one.replaces)
            lake.accept(accepted)
            took.manifests.append(accepted)
            note(accepted)
    took.late, took.open = news.late, news.open
    took.troubles += [f"{path}: {why}" for path, why in news.failed.items()]
    return took


def _tasks(
    new: Iterable[New], lake: Lake, feed: Feed, now: datetime, chosen: dict[str, New]
) -> Iterator[Task]:
    forgotten, kept = Forgotten.read(lake.directory), held(lake.directory, now)
    mapping = str(feed.mapping) if feed.mapping else None
    for one in new:
        key = one.source.digest
        chosen[key] = one
        yield Task(one.source, key, lake.directory, feed.format, mapping, forgotten, kept, one.meta)


def _listed(paths: Iterable[str], out: Path, took: Took) -> Iterator[Source]:
    """The files behind paths; a path that leads nowhere yet is told."""
    for path in paths:
        try:
            yield from (source for source in sources([path]) if not own(source, out))
        except NoInputError as error:
            took.nowhere.append(error)


def _messages(
    url: str, settings: Path | None, known: Taken, took: Took, stack: ExitStack
) -> Iterator[New]:
    from stillwatch.traffic.topic import topic

    opened: Topic = stack.enter_context(topic(url, settings))
    for partition in opened.partitions():
        stream, ranges = known.stream(partition.name, partition.high)
        if ranges and ranges[-1].end < partition.low:
            took.lost += partition.low - ranges[-1].end
            took.troubles.append(
                f"{partition.path}: {partition.low - ranges[-1].end:,} messages expired before "
                "they were read"
            )
        for gap in missing(ranges, partition.high):
            start = max(gap.start, partition.low)
            if start < gap.end:
                for stretch in opened.stretches(partition, stream, start, gap.end):
                    yield New.stretch(stretch)


def check(feed: Feed) -> None:
    """Raises `UsageError` where nothing is named, or the client of Kafka is needed and missing."""
    if not feed.paths:
        raise UsageError("name what to follow: files, folders, globs, URLs or topics")
    if feed.topics:
        try:
            import stillwatch.traffic.topic  # noqa: F401
        except ImportError as error:
            raise UsageError(
                f"{feed.topics[0]}: {error.name} is not installed; pip install 'stillwatch[kafka]'"
            ) from error
