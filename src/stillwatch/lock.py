"""Locks that processes hold on a directory."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import IO


def locked(path: Path) -> IO[bytes]:
    """A file that nobody else can lock until it is closed.

    The kernel lets go of it when the process dies, however it dies. Raises `BlockingIOError` where
    somebody else has it, and `OSError` where it cannot be made.
    """
    lock = path.open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BaseException:
        lock.close()
        raise
    return lock
