"""Workers: processes of their own that sketch one source at a time.

Not `multiprocessing`: its spawned processes import the caller's main module again, which breaks
every notebook and script without a main guard, and forking is unsafe beside Arrow's threads.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from itertools import chain, islice

from stillwatch.errors import StillwatchError
from stillwatch.ingest.task import Task
from stillwatch.interrupts import uninterrupted
from stillwatch.sketch.manifest import Manifest


def run(tasks: Iterable[Task], workers: int) -> Iterator[tuple[Task, Manifest]]:
    """Runs tasks on some processes and yields each with its manifest as it is done.

    Tasks are asked for as workers get free, so they may be endless. The first error stops the
    rest; what was yielded before it stands.
    """
    ahead = iter(tasks)
    first = list(islice(ahead, 2))
    waiting = chain(first, ahead)
    if workers <= 1 or len(first) < 2:
        for task in waiting:
            yield task, task.run()
        return
    local = threading.local()
    processes: list[subprocess.Popen[bytes]] = []

    def work(task: Task) -> Manifest:
        if not hasattr(local, "process"):
            local.process = _start()
            processes.append(local.process)
        return _ask(local.process, task)

    pool = ThreadPoolExecutor(workers)
    try:
        pending = {pool.submit(work, task): task for task in islice(waiting, workers)}
        while pending:
            done, _ = wait(pending, return_when=FIRST_COMPLETED)
            ended = [(pending.pop(future), future) for future in done]
            pending |= {pool.submit(work, task): task for task in islice(waiting, len(ended))}
            for task, future in ended:
                yield task, future.result()
    finally:
        for process in processes:
            process.kill()
        pool.shutdown(cancel_futures=True)
        for process in processes:
            process.communicate()


def _start() -> subprocess.Popen[bytes]:
    with uninterrupted():
        return subprocess.Popen(
            [sys.executable, "-m", "stillwatch.ingest.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )


def _ask(process: subprocess.Popen[bytes], task: Task) -> Manifest:
    if process.stdin is None or process.stdout is None:
        raise TypeError("a worker needs both its pipes")
    try:
        pickle.dump(task, process.stdin)
        process.stdin.flush()
        manifest, error = pickle.load(process.stdout)  # noqa: S301 - from our own child
    except (EOFError, pickle.UnpicklingError, BrokenPipeError) as broken:
        raise StillwatchError(
            f"{task.source.path}: the worker reading it died (exit code {process.poll()}); out of "
            "memory? Fewer workers, set in the config file, need less of it."
        ) from broken
    if isinstance(error, StillwatchError):
        raise error
    if manifest is None:
        raise StillwatchError(f"{task.source.path}: {error}")
    found: Manifest = manifest
    return found
