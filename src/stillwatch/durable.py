"""Files that are put in place all at once, and outlive a power cut."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

FRESH = ".tmp"
"""How files end that are not in place yet. One that lies around is of a process that was killed."""


@contextmanager
def replaced(path: Path) -> Iterator[Path]:
    """A fresh file to write, which becomes `path` on leaving without an error.

    Whoever reads `path` sees the old or the new. Where it is a link, what it points at is replaced.
    """
    place = path.resolve()
    fresh = place.with_name(f".{place.name}.{uuid4().hex}{FRESH}")
    try:
        yield fresh
        sync_file(fresh)
        fresh.replace(place)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    sync_directory(place.parent)


def sweep(directory: Path) -> None:
    """Takes away what killed processes had not put in place; only while no other writes there."""
    for left in directory.glob(f".*{FRESH}"):
        left.unlink()


def sync_file(path: Path) -> None:
    """Make a file's content outlive a power cut."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def sync_directory(path: Path) -> None:
    """Make renames and new names in a directory outlive a power cut (POSIX fsync(2), notes)."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def append(handle: int, data: bytes) -> None:
    """Write all of some bytes to an open file, so that they outlive a power cut."""
    write_all(handle, data)
    os.fsync(handle)


def write_all(handle: int, data: bytes) -> None:
    """Write all of some bytes to an open file."""
    left = memoryview(data)
    while left:
        left = left[os.write(handle, left) :]
