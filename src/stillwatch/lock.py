"""Locks that processes hold on a directory."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from stillwatch.errors import OutputError


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


@contextmanager
def alone(path: Path, busy: str) -> Iterator[None]:
    """Holds the lock in a file, whose directory is made if need be.

    busy: what somebody else is at who has it. Raises `OutputError` then, and where the directory
    cannot be written.
    """
    out = path.parent
    with ExitStack() as stack:
        try:
            out.mkdir(parents=True, exist_ok=True)
            stack.enter_context(locked(path))
        except BlockingIOError as error:
            raise OutputError(f"{out}: {busy}") from error
        except OSError as error:
            raise OutputError(f"{out}: cannot be written: {error.strerror}") from error
        yield
