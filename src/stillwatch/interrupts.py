"""Interrupts that are remembered, for libraries that turn a `KeyboardInterrupt` into an error."""

from __future__ import annotations

import signal
from types import FrameType


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
