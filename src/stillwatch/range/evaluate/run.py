"""Runs the jobs of an evaluation, several at a time, and keeps what is done."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from stillwatch.errors import StillwatchError
from stillwatch.interrupts import uninterrupted
from stillwatch.progress import Progress, silent
from stillwatch.range.evaluate.outcome import Outcome
from stillwatch.range.evaluate.plan import Job
from stillwatch.range.evaluate.store import Store
from stillwatch.range.evaluate.task import FAILED, Task

MEMORY = 75
"""Percent of the machine's memory that the engines of all processes may use together."""


def run(jobs: Sequence[Job], out: Path, workers: int, progress: Progress = silent) -> list[Outcome]:
    """The outcomes of all jobs, in their order; those that are in `out` already are taken as are.

    Raises
    ------
    OutputError, UsageError
        If `out` cannot be written, or holds outcomes of other code or weights.
    StillwatchError
        If a job fails; what was done before is kept.
    """
    store = Store(out)
    try:
        done = {job.key: found for job in jobs if (found := store.get(job))}
        todo = [job for job in jobs if job.key not in done]
        with closing(_made(todo, store.scratch, workers)) as made:
            for job, found in made:
                store.put(job, found)
                done[job.key] = found
                progress("evaluate", len(done) / len(jobs))
    finally:
        store.close()
    return [done[job.key] for job in jobs]


def _made(todo: Sequence[Job], scratch: Path, workers: int) -> Generator[tuple[Job, Outcome]]:
    processes: list[subprocess.Popen[str]] = []
    pool = ThreadPoolExecutor(workers)
    memory = f"{MEMORY // workers}%"
    try:
        pending = {pool.submit(_work, job, scratch, memory, processes): job for job in todo}
        for future in as_completed(pending):
            yield pending[future], future.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.kill()
        pool.shutdown()


def _work(job: Job, scratch: Path, memory: str, processes: list[subprocess.Popen[str]]) -> Outcome:
    with TemporaryDirectory(dir=scratch) as home:
        with uninterrupted():
            process = subprocess.Popen(
                [sys.executable, "-m", "stillwatch.range.evaluate.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        processes.append(process)
        task = Task(job=job, home=Path(home), memory=memory)
        told, complaint = process.communicate(task.model_dump_json())
        processes.remove(process)
    if process.returncode < 0:
        raise StillwatchError(
            f"{job.key}: its process was killed (signal {-process.returncode}); out of memory? "
            "What is done is kept: run it again with fewer --workers"
        )
    if process.returncode == FAILED:
        raise StillwatchError(f"{job.key}: {complaint.strip()}")
    if process.returncode:
        # Of a traceback, the last line is the error itself.
        lines = complaint.strip().splitlines()
        raise StillwatchError(f"{job.key}: {lines[-1] if lines else 'failed without a word'}")
    return Outcome.model_validate_json(told)
