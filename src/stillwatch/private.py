"""Files that only their owner can read: the master key, an examiner's, that of a log."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from stillwatch.durable import append, sync_directory
from stillwatch.errors import NoInputError, OutputError, UsageError


def write_private(path: Path, content: bytes) -> None:
    """Puts a secret into a new file. Raises `OutputError` where one is in the way."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb"):
            append(handle, content)
        sync_directory(path.parent)
    except FileExistsError as error:
        raise OutputError(f"{path}: is there already; a key is never replaced") from error
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror}") from error


def read_private(path: Path) -> bytes:
    """A secret out of its file.

    Raises
    ------
    NoInputError
        There is none.
    UsageError
        Others than its owner can read it.
    """
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            content = file.read()
    except OSError as error:
        raise NoInputError(f"{path}: cannot be read: {error.strerror}") from error
    check_private(path, mode, "a new one")
    return content


def check_private(path: Path, mode: int, instead: str) -> None:
    """Raises `UsageError` where others than its owner can read a file; instead: of what to think,
    since they may have."""
    if stat.S_IMODE(mode) & 0o077:
        raise UsageError(f"{path}: others can read it; chmod 600 it, and think of {instead}")
