"""Errors of a signal, told by its name: it may be a third party's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from stillwatch.errors import StillwatchError, UsageError
from stillwatch.signals.model import Signal


@contextmanager
def blamed(signal: Signal) -> Iterator[None]:
    """Turns what a signal raises while it writes its expressions into a `UsageError`."""
    try:
        yield
    except StillwatchError:
        raise
    except Exception as error:
        raise UsageError(
            f"signal {signal.about.name!r} is broken: {type(error).__name__}: {error}"
        ) from error
