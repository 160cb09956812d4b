"""The output directory of a scan: the old result or the new one, never half of either.

Everything visible is a link through `.current`, and `.current` is switched by one rename.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from stillwatch.durable import sync_directory, sync_file
from stillwatch.errors import OutputError

CAMPAIGNS = "campaigns.json"
ACCOUNTS = "accounts.parquet"
EXCHANGES = "exchanges.parquet"
REPORT = "report.html"
REJECTED = "rejected.jsonl"
FILES = (CAMPAIGNS, ACCOUNTS, EXCHANGES, REPORT, REJECTED)

RECENT = "recent"
"""Below the output of a watch: where the results of its short window lie."""

_CURRENT = ".current"
_RUNS = ".runs"


def places(out: Path) -> list[Path]:
    """The directories below an output that hold a result: of a scan one, of a watch two."""
    return [place for place in (out, out / RECENT) if (place / CAMPAIGNS).exists()]


def check_free(out: Path, of: str) -> None:
    """Raises `OutputError` where a scan has its files, which those of something else are called
    like."""
    if any((out / name).exists() for name in (CAMPAIGNS, "sketches")):
        raise OutputError(f"{out}: holds a scan; choose another --out for the {of}")


@contextmanager
def replaced(out: Path) -> Iterator[Path]:
    """A fresh directory to write `FILES` into; on leaving without an error it becomes current."""
    run = out / _RUNS / uuid4().hex
    run.mkdir(parents=True)
    try:
        yield run
        for name in FILES:
            sync_file(run / name)
        sync_directory(run)
        # The links first: the switch of `.current` then shows all files at once.
        for name in FILES:
            _point(out / name, Path(_CURRENT) / name)
        _point(out / _CURRENT, Path(_RUNS) / run.name)
    except BaseException:
        shutil.rmtree(run, ignore_errors=True)
        raise
    sync_directory(out)
    for other in (out / _RUNS).iterdir():
        if other.name != run.name:
            shutil.rmtree(other, ignore_errors=True)


def _point(link: Path, target: Path) -> None:
    if link.is_symlink() and link.readlink() == target:
        return
    if link.exists() and not link.is_symlink():
        raise OutputError(f"{link}: is in the way; move it or choose another --out")
    fresh = link.with_name(f".{link.name}.{uuid4().hex}")
    fresh.symlink_to(target)
    fresh.replace(link)
