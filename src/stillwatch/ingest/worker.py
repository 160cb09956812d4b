"""The process behind a worker: answers pickled tasks until the other side closes."""

from __future__ import annotations

import os
import pickle
import sys
from typing import IO

from stillwatch.errors import StillwatchError
from stillwatch.ingest.task import Task
from stillwatch.sketch.manifest import Manifest

Answer = tuple[Manifest | None, StillwatchError | str | None]
"""The manifest, or what went wrong."""


def serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Runs each task that comes in and sends its answer back.

    Raises `BrokenPipeError` when nobody is left to take an answer.
    """
    while True:
        try:
            task: Task = pickle.load(requests)  # noqa: S301 - from our own parent
        except (EOFError, pickle.UnpicklingError):
            return
        answer: Answer
        try:
            answer = (task.run(), None)
        except StillwatchError as error:
            answer = (None, error)
        except Exception as error:
            answer = (None, f"could not be read: {type(error).__name__}")
        pickle.dump(answer, answers)
        answers.flush()


if __name__ == "__main__":
    try:
        serve(sys.stdin.buffer, sys.stdout.buffer)
    except BrokenPipeError:
        # The parent was killed. Python would try to send the rest of the answer as it ends, and
        # complain to a terminal where somebody else works by now.
        os._exit(1)
