"""Takes what is new into the lake, each source all at once and each record once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

from stillwatch.errors import InputError, NoInputError, StillwatchError, UsageError
from stillwatch.ingest import pool
from stillwatch.ingest.own import own
from stillwatch.ingest.task import Task
from stillwatch.plural import plural
from stillwatch.sketch.forgotten import Forgotten
from stillwatch.sketch.holds import held
from stillwatch.sketch.lake import Lake, rejected_path
from stillwatch.sketch.manifest import Manifest
from stillwatch.traffic import Source, sources
from stillwatch.traffic.database import is_table
from stillwatch.traffic.listing import is_folder
from stillwatch.traffic.sources import Shut, hidden, is_local, is_url
from stillwatch.watch.news import New, News, Versions, renamed_in
from stillwatch.watch.taken import Taken, missing, watched

if TYPE_CHECKING:
    from stillwatch.traffic.topic import Partition

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
    """What became of one round. tried: sources that were read; manifests: of those that were taken;
    troubles: what could not be read, in words; lost: messages that expired before they were read;
    late, open: as in `News`."""

    tried: int = 0
    manifests: list[Manifest] = field(default_factory=list)
    troubles: list[StillwatchError] = field(default_factory=list)
    lost: int = 0
    late: int = 0
    open: int = 0

    @property
    def full(self) -> bool:
        """Whether there may be more for another round, which would not only try the same again."""
        return self.tried >= ROUND and bool(self.manifests)


def is_topic(path: str) -> bool:
    """Whether a path means a topic of Kafka."""
    return path.startswith("kafka://")


def take(
    lake: Lake, feed: Feed, now: datetime, quiet: Versions, note: Callable[[Manifest], None]
) -> Took:
    """Takes what is new, `ROUND` sources at most; `note` is told of each as it is done."""
    took = Took()
    known = Taken.of(watched(lake.manifests()))
    followed: set[str] = set()
    news = News(known, now, quiet)
    new = chain(
        news.of(_listed(feed.logs, known, lake.directory, took)),
        *(_messages(url, feed.kafka, known, took, followed) for url in feed.topics),
    )
    chosen: dict[str, New] = {}
    tasks = _tasks(islice(new, ROUND), lake, feed, now, chosen)
    for task, manifest in pool.run(tasks, feed.workers):
        one = chosen.pop(task.key)
        took.tried += 1
        accepted = replace(manifest, replaces=one.replaces)
        if not one.still():
            pass  # It changed while it was read: what there is now is for the next turn.
        elif one.begins and not manifest.rows and manifest.rejected:
            quiet[one.source.location] = one.version
            took.troubles.append(_unusable(lake, manifest))
        else:
            lake.accept(accepted)
            took.manifests.append(accepted)
            note(accepted)
            continue
        rejected_path(lake.directory, task.key).unlink(missing_ok=True)
    took.late, took.open = news.late, news.open
    took.troubles += [InputError(f"{path}: {why}") for path, why in news.failed.items()]
    return took


def _unusable(lake: Lake, manifest: Manifest) -> InputError:
    """That nothing of a source could be used: most likely it is read in the wrong way."""
    with rejected_path(lake.directory, manifest.digest).open(encoding="utf-8") as lines:
        first = json.loads(next(lines))
    told = f": {first['detail']}" if first["detail"] else ""
    records = plural(sum(manifest.rejected.values()), "record")
    return InputError(
        f"{manifest.meta['path']}: not one of its {records} can be used ({first['reason']}{told}); "
        "it is not taken, and tried again when it changes or at the next start"
    )


def _tasks(
    new: Iterable[New], lake: Lake, feed: Feed, now: datetime, chosen: dict[str, New]
) -> Iterator[Task]:
    forgotten, kept = Forgotten.read(lake.directory), held(lake.directory, now)
    mapping = str(feed.mapping) if feed.mapping else None
    seen: set[str] = set()
    for one in new:
        key = one.source.digest
        if key in seen:
            continue  # Paths overlap.
        seen.add(key)
        chosen[key] = one
        yield Task(one.source, key, lake.directory, feed.format, mapping, forgotten, kept, one.meta)


def _listed(paths: Iterable[str], known: Taken, out: Path, took: Took) -> Iterator[Source]:
    """The files behind paths; a path that leads nowhere yet is told, an empty folder is not.

    Behind them come logs that were followed and have a name by now that no path means.
    """
    there: dict[str, Source] = {}
    folders: set[Path] = set()
    for path in paths:
        folder = Path(path).expanduser().parent
        if not is_url(path) and is_folder(folder):
            folders.add(folder.absolute())
        try:
            there |= {source.location: source for source in sources([path])}
        except NoInputError as error:
            if not is_folder(Path(path).expanduser()):
                took.troubles.append(error)
    files = [source for source in there.values() if not own(source, out)]
    shut = [source for source in files if isinstance(source, Shut)]
    took.troubles += [InputError(f"{s.path}: cannot be read: {s.why.strerror}") for s in shut]
    yield from (source for source in files if not isinstance(source, Shut))
    folders |= {Path(s.location).parent for s in files if is_local(s)}
    for folder in sorted(folders - {Path(source.location) for source in shut}):
        try:
            renamed = renamed_in(folder, known.inodes)
        except OSError as error:
            told = f"cannot be listed, so logs that are renamed in it are missed: {error.strerror}"
            took.troubles.append(InputError(f"{folder}: {told}"))
            continue
        yield from (s for s in renamed if s.location not in there and not own(s, out))


def _messages(
    url: str, settings: Path | None, known: Taken, took: Took, followed: set[str]
) -> Iterator[New]:
    from stillwatch.traffic.topic import topic

    try:
        with topic(url, settings) as opened:
            for partition in opened.partitions():
                if partition.name in followed:
                    continue  # Another broker was named for the same topic.
                followed.add(partition.name)
                stream, ranges = known.stream(partition.name, partition.high)
                if ranges and ranges[-1].end < partition.low:
                    took.lost += partition.low - ranges[-1].end
                    took.troubles.append(_expired(partition, ranges[-1].end))
                for gap in missing(ranges, partition.high):
                    start = max(gap.start, partition.low)
                    if start < gap.end:
                        for stretch in opened.stretches(partition, stream, start, gap.end):
                            yield New.stretch(stretch, begins=not ranges)
    except NoInputError as error:
        # Other sources go on.
        took.troubles.append(error)


def _expired(partition: Partition, end: int) -> InputError:
    return InputError(
        f"{partition.path}: {partition.low - end:,} messages expired before they were read"
    )


def check(feed: Feed) -> None:
    """Raises `UsageError` where nothing is named, or the client of Kafka is needed and missing."""
    if not feed.paths:
        raise UsageError("name what to follow: files, folders, globs, URLs or topics")
    for path in feed.paths:
        if is_table(path) and not is_topic(path):
            raise UsageError(f"{hidden(path)}: tables are not followed; scan them each night")
    if feed.kafka is not None and not feed.kafka.is_file():
        raise UsageError(f"--kafka {feed.kafka}: no such file")
    if feed.topics:
        try:
            import stillwatch.traffic.topic  # noqa: F401
        except ImportError as error:
            raise UsageError(
                f"{feed.topics[0]}: {error.name} is not installed; pip install 'stillwatch[kafka]'"
            ) from error
