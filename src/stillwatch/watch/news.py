"""What is new in some logs: stretches of those that grow, and whole files."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pyarrow import fs

from stillwatch.traffic import Log, Source, Stretch, grows
from stillwatch.traffic.sources import is_local
from stillwatch.watch.taken import Range, Taken, Whole, inode, missing

SETTLED = timedelta(seconds=60)
"""After so long without a change a file on a local disk is thought to be written to its end."""
REREAD = timedelta(days=1)
"""So long after its last change, what was read of a file may be joined with others."""

Versions = dict[str, tuple[int, int]]
"""Location → size and time of change."""


@dataclass(frozen=True, slots=True)
class New:
    """Something to read: a source, what its manifest says of it, and which one it replaces."""

    source: Source
    streams: dict[str, list[Range]] = field(default_factory=dict)
    wholes: list[Whole] = field(default_factory=list)
    replaces: tuple[str, ...] = ()
    begins: bool = True
    """Whether nothing was ever taken of it."""
    version: tuple[int, int] = (0, 0)
    """Size and time of change of the file, when it was chosen."""

    @classmethod
    def stretch(cls, stretch: Stretch, begins: bool, version: tuple[int, int] = (0, 0)) -> New:
        """A stretch as something to read."""
        read = Range(stretch.start, stretch.end, stretch.lines, stretch.tail)
        return cls(stretch, {stretch.stream: [read]}, begins=begins, version=version)

    @property
    def meta(self) -> dict[str, Any]:
        """What the manifest says."""
        return {"streams": self.streams, "wholes": self.wholes}

    def still(self) -> bool:
        """Whether what was read is what it was when it was chosen to be read."""
        try:
            return not self.wholes or Whole.of(self.source.again()) == self.wholes[0]
        except OSError:
            return False


@dataclass
class News:
    """What is new in logs. quiet: logs that had nothing new in this version; late: files that
    changed when it was too late to read them again; open: files somebody may still write to;
    failed: files that cannot be read, and why."""

    taken: Taken
    now: datetime
    quiet: Versions
    late: int = 0
    open: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)

    def of(self, sources: Iterable[Source]) -> Iterator[New]:
        """What there is to read, one after the other, in the order of the sources."""
        for source in sources:
            version = (source.size, source.mtime_ns)
            if self.quiet.get(source.location) == version:
                continue
            before = len(self._seen)
            try:
                yield from self._new(source)
            except FileNotFoundError:
                continue  # Renamed since the folder was listed; the next turn finds it.
            except OSError as error:
                self.failed[source.path] = error.strerror or str(error)
                continue
            if len(self._seen) == before and self._settled(source):
                self.quiet[source.location] = version

    def _new(self, source: Source) -> Iterator[New]:
        if source.location in self.taken.wholes:
            yield from self._whole(source)
            return
        with grows(source) as log:
            yield from self._whole(source) if log is None else self._stretches(log)

    def _stretches(self, log: Log) -> Iterator[New]:
        # A link, or a log that is renamed while the folder is listed, is there twice.
        if log.name in self._seen:
            return
        stream, ranges = self.taken.stream(log.name, log.size, log.continues)
        settled = self._settled(log.source)
        version = (log.source.size, log.source.mtime_ns)
        more = 0
        for gap in missing(ranges, log.size):
            before = gap.lines + more
            for stretch in log.stretches(stream, gap.start, gap.end, before, settled):
                self._seen.add(log.name)
                more += stretch.lines
                yield New.stretch(stretch, begins=not ranges, version=version)

    def _whole(self, source: Source) -> Iterator[New]:
        there = self.taken.wholes.get(source.location, [])
        version = (source.size, source.mtime_ns)
        if any((one.size, one.mtime_ns) == version for one in there):
            return
        local = is_local(source)
        if local and (inode(source), *version) in self.taken.renamed:
            return
        if local and not self._settled(source):
            self.open += 1
            return
        whole = Whole.of(source)
        grown = next((one for one in there if one.grew_to(source)), None)
        if grown is not None and grown not in self.taken.alone:
            self.late += 1
            return
        # A file that two paths lead to is there twice.
        place = f"{whole.inode} {version}" if local else source.location
        if place in self._seen:
            return
        self._seen.add(place)
        replaces = () if grown is None else (self.taken.alone[grown],)
        yield New(source, wholes=[whole], replaces=replaces, version=version)

    def _settled(self, source: Source) -> bool:
        return self.now.timestamp() - source.mtime_ns / 1e9 >= SETTLED.total_seconds()


def renamed_in(folder: Path, inodes: Collection[int]) -> list[Source]:
    """The files in a folder that are logs of some inodes, whatever they are called."""
    with os.scandir(folder) as entries:
        found = [e for e in entries if e.inode() in inodes and e.is_file(follow_symlinks=False)]
    local = fs.LocalFileSystem()
    made = []
    for entry in sorted(found, key=lambda entry: entry.name):
        status = entry.stat()
        made.append(Source(entry.path, status.st_size, status.st_mtime_ns, local, entry.path))
    return made


def may_join(wholes: Iterable[Whole], now: datetime) -> bool:
    """Whether none of some files will be read again, should it change."""
    return all(now.timestamp() - one.mtime_ns / 1e9 >= REREAD.total_seconds() for one in wholes)
