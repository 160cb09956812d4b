"""A process that uses a master again and again, and says so each time; for those that kill it."""

from __future__ import annotations

from multiprocessing.connection import Connection
from pathlib import Path

from stillwatch.marks import Master


def use(path: Path, name: str, times: int, told: Connection) -> None:
    """Opens a key, and tells when it has it."""
    master = Master(path, by=name)
    for n in range(times):
        key = master.open("detect", [f"eu/c/{name}-{n}"])
        told.send((name, n, len(key.keys)))
    told.close()
