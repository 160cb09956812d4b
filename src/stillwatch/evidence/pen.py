"""The end of a tail, where several threads append and wait for the disk together."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from stillwatch.durable import write_all
from stillwatch.errors import OutputError
from stillwatch.evidence import tail


class Pen:
    """Writes frames. settled: is told of entries, in their order, once they are on the disk."""

    def __init__(
        self, directory: Path, found: tail.Found, settled: Callable[[list[bytes]], None]
    ) -> None:
        self._directory = directory
        self._path = directory / tail.NAME
        self._tell = settled
        self._writing = threading.Lock()
        self._syncing = threading.Lock()
        # Entries that are written and wait for the disk: whoever waits next takes all along.
        self._waiting: list[bytes] = []
        self._broken: str | None = None
        self._handle = -1
        self._take(found)

    def _take(self, found: tail.Found) -> None:
        self.close()
        self._handle = os.open(self._path, os.O_WRONLY | os.O_APPEND)
        self._digest = found.digest
        self._end = found.end
        self._next = self._settled = found.start + sum(map(len, found.frames))

    def append(self, entries: list[bytes]) -> int:
        """Writes a frame; the index of its first entry. On return it outlives a power cut.

        Raises `OutputError` where it cannot be written.
        """
        with self._writing:
            self._check()
            frame, digest = tail.framed(entries, self._digest)
            try:
                write_all(self._handle, frame)
            except OSError as error:
                self._take_back()
                raise self._unwritable(error) from error
            first = self._next
            self._digest = digest
            self._end += len(frame)
            self._next += len(entries)
            self._waiting += entries
        with self._syncing:
            if self._settled < first + len(entries):
                self._sync()
        return first

    @contextmanager
    def still(self) -> Iterator[None]:
        """Nothing is appended meanwhile, and all that was is on the disk."""
        with self._syncing:
            self._sync()
            with self._writing:
                yield

    def begin(self, start: int, signed: int, rest: list[bytes]) -> None:
        """Goes on in a new tail; only while it is still."""
        tail.begin(self._directory, start, signed, rest)
        self._take(tail.read(self._directory))

    @property
    def closed(self) -> bool:
        """Whether it let go of the file."""
        return self._handle < 0

    def close(self) -> None:
        """Lets go of the file."""
        if not self.closed:
            os.close(self._handle)
            self._handle = -1

    def _sync(self) -> None:
        self._check()
        with self._writing:
            waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        try:
            os.fsync(self._handle)
        except OSError as error:
            # What is on the disk now is not known, and a second try would not say (fsync(2)).
            self._broken = f"{error.strerror}; open the log anew"
            raise self._unwritable(error) from error
        self._settled += len(waiting)
        self._tell(waiting)

    def _take_back(self) -> None:
        """Takes a frame away that was written in part."""
        try:
            os.ftruncate(self._handle, self._end)
        except OSError as error:
            self._broken = f"{error.strerror}; open the log anew"

    def _check(self) -> None:
        if self.closed:
            raise OutputError(f"{self._path}: the log is closed")
        if self._broken is not None:
            raise OutputError(f"{self._path}: cannot be written: {self._broken}")

    def _unwritable(self, error: OSError) -> OutputError:
        return OutputError(f"{self._path}: cannot be written: {error.strerror}; nothing is logged")
