"""What was taken already, as the manifests of the lake say it: there is no other state.

A manifest of a watch says in its `meta` which `streams` it holds, as ranges of bytes or offsets
with the lines in each, and which `wholes`, files that were read as one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from stillwatch.sketch.manifest import Manifest
from stillwatch.traffic import Source
from stillwatch.traffic.sources import is_local
from stillwatch.traffic.stretch import inode_of

_LOG = re.compile(r"\d+-[0-9a-f]+(~\d+)?$")
HEAD = 4096
"""Bytes at the beginning of a file by which it is known again once it has grown."""


class Range(NamedTuple):
    """What was read of a stream: `start` to before `end`, and how many lines that is.

    tail: by which its end is known again (`Stretch.tail`).
    """

    start: int
    end: int
    lines: int
    tail: str = ""


class Whole(NamedTuple):
    """A file that was read as one. inode: 0 in a store; head: a digest of its first bytes."""

    location: str
    size: int
    mtime_ns: int
    inode: int
    beginning: int
    head: str

    @classmethod
    def of(cls, source: Source) -> Whole:
        """A file as it is now. Raises `OSError` where it cannot be read."""
        return cls(
            source.location,
            source.size,
            source.mtime_ns,
            inode(source),
            min(source.size, HEAD),
            _head(source, min(source.size, HEAD)),
        )

    def grew_to(self, source: Source) -> bool:
        """Whether a file at the same place begins as this one did."""
        return source.size >= self.beginning and _head(source, self.beginning) == self.head


@dataclass
class Taken:
    """Ranges of streams and versions of files, and which of those lie alone in a source."""

    streams: dict[str, list[Range]] = field(default_factory=dict)
    wholes: dict[str, list[Whole]] = field(default_factory=dict)
    alone: dict[Whole, str] = field(default_factory=dict)
    """File → digest of the manifest that holds it and nothing else."""
    renamed: dict[tuple[int, int, int], Whole] = field(default_factory=dict)
    """Files on local disks by inode, size and time of change."""

    @classmethod
    def of(cls, manifests: Iterable[Manifest]) -> Taken:
        """What some manifests of a watch hold."""
        found = cls()
        for manifest in manifests:
            for name, ranges in manifest.meta["streams"].items():
                found.streams.setdefault(name, []).extend(Range(*one) for one in ranges)
            wholes = [Whole(*one) for one in manifest.meta["wholes"]]
            for whole in wholes:
                found.wholes.setdefault(whole.location, []).append(whole)
                if whole.inode:
                    found.renamed[whole.inode, whole.size, whole.mtime_ns] = whole
            if len(wholes) == 1 and not manifest.meta["streams"]:
                found.alone[wholes[0]] = manifest.digest
        found.streams = {name: joined(ranges) for name, ranges in found.streams.items()}
        return found

    @property
    def inodes(self) -> frozenset[int]:
        """Those of all logs that were followed."""
        return frozenset(inode_of(name) for name in self.streams if _LOG.match(name))

    def stream(
        self, name: str, end: int, continues: Callable[[int, str], bool] = lambda *_: True
    ) -> tuple[str, list[Range]]:
        """The name and the ranges of a stream that ends at `end` by now.

        One that has become shorter than what was read of it, or that does not continue there,
        began anew.
        """
        number, latest = 0, name
        while (following := f"{name}~{number + 1}") in self.streams:
            number, latest = number + 1, following
        ranges = self.streams.get(latest, [])
        if ranges and not (ranges[-1].end <= end and continues(ranges[-1].end, ranges[-1].tail)):
            return f"{name}~{number + 1}", []
        return latest, ranges


def joined(ranges: Iterable[Range]) -> list[Range]:
    """The same ranges, ascending, those that touch as one."""
    whole: list[Range] = []
    for one in sorted(ranges):
        if whole and one.start <= whole[-1].end:
            last = whole[-1]
            tail = one.tail if one.end > last.end else last.tail
            whole[-1] = Range(last.start, max(last.end, one.end), last.lines + one.lines, tail)
        else:
            whole.append(one)
    return whole


def missing(ranges: Sequence[Range], end: int) -> Iterator[Range]:
    """What lies between and behind ranges, up to `end`; `lines`: how many are in front of it."""
    start = lines = 0
    for one in ranges:
        if start < one.start:
            yield Range(start, one.start, lines)
        start, lines = one.end, lines + one.lines
    if start < end:
        yield Range(start, end, lines)


def watched(manifests: Iterable[Manifest]) -> list[Manifest]:
    """Those of a lake's manifests that a watch made."""
    return [m for m in manifests if "streams" in m.meta]


def together(metas: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What the `meta` of several manifests of a watch is together."""
    streams: dict[str, list[Range]] = {}
    for meta in metas:
        for name, ranges in meta["streams"].items():
            streams.setdefault(name, []).extend(Range(*one) for one in ranges)
    times = [time for meta in metas for time in (meta["first"], meta["last"]) if time]
    nowhere: list[dict[str, str]] = [meta["unmatched"] for meta in metas]
    return {
        "path": "",
        "columns": sorted({name for meta in metas for name in meta["columns"]}),
        "unread": sorted({name for meta in metas for name in meta["unread"]}),
        "unmatched": {n: p for n, p in nowhere[0].items() if all(n in other for other in nowhere)},
        "first": min(times, default=None),
        "last": max(times, default=None),
        "streams": {name: joined(ranges) for name, ranges in streams.items()},
        "wholes": [whole for meta in metas for whole in meta["wholes"]],
    }


def inode(source: Source) -> int:
    """The file's inode on a local disk; 0 in a store."""
    return Path(source.location).stat().st_ino if is_local(source) else 0


def _head(source: Source, size: int) -> str:
    with source.open() as file:
        return hashlib.blake2b(file.read(size), digest_size=8).hexdigest()
