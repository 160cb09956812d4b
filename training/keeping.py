"""Counts many scenarios, two at a time, and keeps what is done, so that it can be cut off."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

import alike
import belonging
import counting
from counting import Counted, Job, counted
from stillwatch.durable import replaced
from stillwatch.range.evaluate.source import made_by

HOME = Path(".bench/weights")
COUNTS_BY = (counting, belonging, alike)
"""Modules of this folder that counts hang on, besides the package."""


def all_counted(jobs: Sequence[Job], home: Path = HOME) -> list[Counted]:
    """What each job shows, in their order; what the same code counted already is taken as it is."""
    place = home / _digest()
    place.mkdir(parents=True, exist_ok=True)
    paths = {job: place / f"{_name(job)}.pickle" for job in jobs}
    todo = [job for job, path in paths.items() if not path.exists()]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        running = {pool.submit(counted, job): job for job in todo}
        try:
            for done, future in enumerate(as_completed(running), len(paths) - len(todo) + 1):
                _put(paths[running[future]], future.result())
                print(f"\r{done} of {len(paths)} scenarios", end="", flush=True)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    print()
    return [pickle.loads(paths[job].read_bytes()) for job in jobs]  # noqa: S301 - our own


def _put(path: Path, found: Counted) -> None:
    with replaced(path) as fresh:
        fresh.write_bytes(pickle.dumps(found))


def _name(job: Job) -> str:
    kinds = ("alone", "quiet", "unplaced")
    return "-".join([job.split, str(job.seed), *(k for k in kinds if getattr(job, k))])


def _digest() -> str:
    digest = hashlib.blake2b(made_by()["digest"].encode(), digest_size=8)
    for module in COUNTS_BY:
        digest.update(Path(str(module.__file__)).read_bytes())
    return digest.hexdigest()
