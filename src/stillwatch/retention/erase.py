"""Erasure: the rows of a person's accounts go everywhere in a scan's directory."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from stillwatch import output, results
from stillwatch.campaigns.document import Scan, load
from stillwatch.durable import replaced
from stillwatch.errors import UsageError
from stillwatch.progress import Progress, silent
from stillwatch.retention.hold import write
from stillwatch.retention.redaction import naming, redacted
from stillwatch.retention.thinning import of_accounts, plan, thin
from stillwatch.sketch.forgotten import Forgotten
from stillwatch.sketch.holds import Hold, holds, path_of, unchanged
from stillwatch.sketch.lake import REJECTED, Lake, check

MEND = "scan again with this version, or remove the results, and erase again"


@dataclass(frozen=True, slots=True)
class Erased:
    """What went: rows of sketches, and groups of the last scan that named one of the accounts."""

    rows: int
    groups: int


def erase(
    out: Path, accounts: Collection[str], now: datetime, progress: Progress = silent
) -> Erased:
    """Removes accounts from the sketches and from the results in `out`.

    What they asked before `now` is not read again either, should a log still have it. Cut off and
    called again, it finishes.

    Raises
    ------
    UsageError
        One of them is held.
    FormatError
        The results are of another release.
    OutputError
        Another process writes here, or a file of the lake is damaged.
    """
    names = set(accounts)
    if not names:
        raise UsageError("name the accounts to erase with --account")
    check(out)
    with Lake.open(out, write=True) as lake, unchanged(out):
        there = holds(out)
        _check_free(there, names, now)
        told = {place: load(place / results.CAMPAIGNS, MEND) for place in results.places(out)}
        # First of all, so that a log that is read meanwhile brings nothing back.
        Forgotten.read(out).also(names, now).write(out)
        _from_ended_holds(out, there, names)
        theirs = of_accounts(names)
        manifests = lake.every_manifest()
        # Sketches go last: cut off, the ids of their exchanges are still there to look for.
        ids = {i for m in manifests for part in m.parts for i in _ids(out / part.path, theirs)}
        groups = {i for place, one in told.items() for i in _redact(place, one, names, ids)}
        for path in sorted((out / REJECTED).glob("*.jsonl")):
            with replaced(path) as fresh:
                output.write_records(fresh, _others(path, ids))
        rows = 0
        for done, manifest in enumerate(manifests, 1):
            rows += (
                thin(lake, manifest, plan(lake, manifest, lambda _: ~theirs)).gone - manifest.gone
            )
            progress("erase", done / len(manifests))
    return Erased(rows, len(groups))


def _ids(part: Path, theirs: pc.Expression) -> list[str]:
    found: list[str] = ds.dataset(part).to_table(["exchange_id"], theirs)["exchange_id"].to_pylist()
    return found


def _check_free(there: Iterable[Hold], names: set[str], now: datetime) -> None:
    for one in there:
        if one.active(now) and names & set(one.accounts):
            held = ", ".join(sorted(names & set(one.accounts)))
            raise UsageError(
                f"{held}: held as {one.name} ({one.reason}); `stillwatch lake release` it first, "
                "if it may be erased"
            )


def _from_ended_holds(out: Path, there: Iterable[Hold], names: set[str]) -> None:
    for one in there:
        if not names & set(one.accounts):
            continue
        if others := tuple(account for account in one.accounts if account not in names):
            write(out, one.model_copy(update={"accounts": others}))
        else:
            path_of(out, one.name).unlink()


def _redact(out: Path, document: Scan, names: set[str], ids: set[str]) -> set[str]:
    """Writes the last results anew without the accounts; the ids of groups that had named one."""
    with results.replaced(out) as run:
        output.write(
            run,
            redacted(document, names),
            _rows(out / results.ACCOUNTS, names),
            _rows(out / results.EXCHANGES, names),
            _others(out / results.REJECTED, ids),
        )
    return naming(document, names)


def _rows(path: Path, names: set[str]) -> pa.Table:
    return pq.read_table(path, filters=~of_accounts(names))


def _others(path: Path, ids: set[str]) -> Iterator[dict[str, Any]]:
    """Records set aside that are none of these exchanges."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            record: dict[str, Any] = json.loads(line)
            if record["exchange_id"] not in ids:
                yield record
