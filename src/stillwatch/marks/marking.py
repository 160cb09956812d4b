"""The keys to mark with now: of the epoch that has begun, and none that is revoked."""

from __future__ import annotations

import os
from pathlib import Path

from stillwatch.errors import TamperedError, UsageError
from stillwatch.marks.coded import Coded
from stillwatch.marks.keys import LEVELS, Key
from stillwatch.marks.register import Register, at
from stillwatch.marks.scheme import Scheme

_ACCOUNT = LEVELS.index("account") + 1
_Stamp = tuple[int, int, int]


class Marking:
    """Keys below one that was opened to mark with.

    The register is looked at each time, and read where it has changed: what is rotated or revoked
    is so from the next request on.
    """

    def __init__(self, key: Key, register: Path) -> None:
        self._key = key
        self._chain = at(register)
        self._read = self._fresh()

    def current(self, *names: str) -> Key:
        """The key of an account's epoch. names: those between the opened key and the account's.

        Raises
        ------
        RevokedError
            It is revoked, or one above it.
        UsageError
            No epoch has begun, or the names do not lead to an account.
        TamperedError
            The register was changed otherwise than by a new line.
        """
        path = (*self._key.path, *names)
        if len(path) != _ACCOUNT:
            missing = ", ".join(LEVELS[len(self._key.path) : _ACCOUNT])
            raise UsageError(f"name the {missing} to mark for, and nothing else")
        register = self._register()
        epoch = register.epoch(path)
        register.check_marks((*path, epoch))
        return self._key.below((*names, epoch))

    def coded(self, within: Scheme) -> Coded:
        """A scheme in which accounts mark with codewords, so that all can be traced at once.

        Raises `UsageError` where what was opened is no deployment.
        """
        if len(self._key.path) != 1:
            raise UsageError("codewords are of a deployment: open its key to mark with")
        return Coded.under(self._key, within)

    def _register(self) -> Register:
        stamp, known = self._read
        if stamp != _stamp(self._chain.path):
            fresh = self._fresh()
            if not fresh[1].content.went_through(known.content.head):
                raise TamperedError(
                    f"{self._chain.path}: lines of the register that were there are gone, or are "
                    "others; nothing is marked until they are back"
                )
            self._read = fresh
        return self._read[1]

    def _fresh(self) -> tuple[_Stamp | None, Register]:
        # The stamp first: what changes while it is read is read again.
        stamp = _stamp(self._chain.path)
        return stamp, Register(self._chain.read())


def _stamp(path: Path) -> _Stamp | None:
    try:
        found = os.stat(path)  # noqa: PTH116 - a third of the time, and for each request
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
