"""A stretch of a source that grows: whole records of it, from where the last reading ended.

A log on a local disk with a JSON document a line is read by ranges of bytes, and known again by
its inode and first line when it is renamed. Everything else is read as a whole.
"""

from __future__ import annotations

import codecs
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

from stillwatch.traffic.compression import CHUNK
from stillwatch.traffic.documents import LARGEST, is_spread
from stillwatch.traffic.sources import Source, is_local

LONGEST = 32 << 20
"""Bytes of a stretch, but for a record that is longer by itself."""
TAIL = 256
"""Bytes before the place where a log is read on, by which it is known to be the same."""
_HEAD = 1 << 16
_SPREAD = 1 << 20


@dataclass(frozen=True, slots=True)
class Stretch(Source):
    """Whole records of a growing source, from `start` to before `end`.

    stream: which source, whatever it is called by now; start, end: bytes of a log, offsets of a
    topic; before: lines or offsets before its first one; lines: how many there are in it; data:
    the records. A log may have another name, or be gone, before they are looked at.
    """

    stream: str
    start: int
    end: int
    before: int
    lines: int
    data: bytes = field(compare=False, repr=False)

    @property
    def tail(self) -> str:
        """By which the place behind it is known again: how many of its last bytes, and a digest."""
        return tail(self.data[-TAIL:])

    @property
    def digest(self) -> str:
        """32 hexadecimal digits that name the stream and the range."""
        facts = f"{self.stream}\0{self.start}\0{self.end}"
        return hashlib.blake2b(facts.encode(), digest_size=16).hexdigest()

    def open(self) -> pa.NativeFile:
        """The records, seekable."""
        return pa.BufferReader(self.data)

    def line(self, number: int) -> int:
        """The line in the whole log, or the offset in the topic."""
        return self.before + number


@dataclass(frozen=True, slots=True)
class Log:
    """A log that grows. name: which one, whatever it is called; size: bytes there are by now."""

    source: Source
    name: str
    size: int
    file: BinaryIO

    def continues(self, end: int, mark: str) -> bool:
        """Whether what lies before `end` is what was read there: its `tail`."""
        length = int(mark.partition(":")[0])
        self.file.seek(end - length)
        return tail(self.file.read(length)) == mark

    def stretches(
        self, stream: str, start: int, end: int, before: int, settled: bool
    ) -> Iterator[Stretch]:
        """Whole lines between two bytes; `before`: lines in front of `start`.

        The last line of a log counts as whole when its end of line is there, or when the log is
        `settled`, so that nobody writes to it any more, and the line is a whole document.
        """
        while start < end:
            data = _whole_lines(self.file, start, end)
            lines = data.count(b"\n")
            if not data and settled:
                data = _document(self.file, start, end)
            if not data:
                return
            yield Stretch(
                path=self.source.path,
                size=len(data),
                mtime_ns=self.source.mtime_ns,
                fs=self.source.fs,
                location=self.source.location,
                stream=stream,
                start=start,
                end=start + len(data),
                before=before,
                lines=lines,
                data=data,
            )
            start, before = start + len(data), before + lines


@contextmanager
def grows(source: Source) -> Iterator[Log | None]:
    """The source as a log that grows, open to be read; None where it must be read as a whole.

    Raises `OSError` where it is gone or may not be read.
    """
    if not is_local(source):
        yield None
        return
    with Path(source.location).open("rb") as file:
        yield _log(source, file)


def _log(source: Source, file: BinaryIO) -> Log | None:
    head = file.read(_HEAD)
    if not head.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"{"):
        return None
    if head.count(b"\n") < 2:
        head += file.read(_SPREAD)
    if b"\n" not in head:
        head += file.readline(LARGEST)
    first, ended, _ = head.partition(b"\n")
    if not ended or is_spread(head.removeprefix(codecs.BOM_UTF8)):
        return None
    # A file of another name is the same log if the file system says so. One that took its place
    # has another first line, or something else where the last reading ended.
    status = os.fstat(file.fileno())
    return Log(source, f"{status.st_ino}-{_digest(first)}", status.st_size, file)


def tail(data: bytes) -> str:
    """The length of some bytes and a digest of them."""
    return f"{len(data)}:{_digest(data)}"


def inode_of(name: str) -> int:
    """The inode in the name of a log."""
    return int(name.partition("-")[0])


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=8).hexdigest()


def _whole_lines(file: BinaryIO, start: int, end: int) -> bytes:
    """As many whole lines from `start` as make a stretch; a longer one makes it longer."""
    file.seek(start)
    pieces: list[bytes] = []
    size = 0
    while start + size < end:
        chunk = file.read(min(CHUNK, end - start - size))
        if not chunk:
            break
        pieces.append(chunk)
        size += len(chunk)
        if size >= LONGEST and b"\n" in chunk:
            break
    data = b"".join(pieces)
    return data[: data.rfind(b"\n") + 1]


def _document(file: BinaryIO, start: int, end: int) -> bytes:
    if end - start > LARGEST:
        return b""
    file.seek(start)
    data = file.read(end - start)
    try:
        return data if isinstance(json.loads(data), dict) else b""
    except (ValueError, RecursionError):
        return b""
