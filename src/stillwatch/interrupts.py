"""Interrupts: remembered where libraries make an error of them, and kept from workers."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Keeps interrupts from the processes that are started meanwhile, as long as they run.

    Interrupting is their parent's business, which ends them itself. A process inherits what its
    parent's thread blocks (POSIX, exec), so there is no moment at which it is interrupted; what it
    could say of itself comes after its imports.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Interrupts:
    """Whether this process was interrupted since `note` was called."""

    def __init__(self) -> None:
        self.noted = False

    def note(self) -> None:
        """Installs the handler, which raises `KeyboardInterrupt` as Python's own does.

        What service managers send to end a process does so, too.
        """
        # A shell starts a job in the background with interrupts ignored, and so they must stay.
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, self._interrupt)
        if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            signal.signal(signal.SIGTERM, self._interrupt)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        self.noted = True
        signal.default_int_handler(number, frame)
