"""Expiry: days that are old enough go, but for the accounts that are held."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from stillwatch.errors import UsageError
from stillwatch.ingest.task import rejected_path
from stillwatch.progress import Progress, silent
from stillwatch.retention.holds import holds
from stillwatch.retention.thinning import Stays, left, of_accounts, thin
from stillwatch.sketch.lake import Lake
from stillwatch.sketch.manifest import Part
from stillwatch.sketch.parts import NO_DAY


@dataclass(frozen=True, slots=True)
class Expired:
    """What went, or would go. before: first day that stays whole; held: rows of older days that
    stay, since their accounts are held."""

    before: date
    days: tuple[date, ...]
    rows: int
    held: int


def expire(
    out: Path, keep_days: int, now: datetime, *, dry_run: bool = False, progress: Progress = silent
) -> Expired:
    """Deletes the sketches of all days that ended more than `keep_days` days before `now`.

    A log that nothing is left of loses its list of records set aside, too. Its manifest stays, so
    that it is not read again. Cut off and called again, it finishes.

    Raises
    ------
    UsageError
        Less than one day would be kept.
    OutputError
        Another process writes here, or a hold or manifest is damaged.
    """
    if keep_days < 1:
        raise UsageError(f"--keep-days {keep_days}: keep one day at least")
    before = now.astimezone(UTC).date() - timedelta(days=keep_days)
    held = {account for one in holds(out) if one.active(now) for account in one.accounts}
    stays = of_accounts(held) if held else False
    days: set[date] = set()
    rows = kept = 0

    def rule(part: Part) -> Stays:
        return stays if _old(part, before) else True

    with Lake.open(out, write=True) as lake:
        manifests = lake.every_manifest()
        for done, manifest in enumerate(manifests, 1):
            old = [part for part in manifest.parts if _old(part, before)]
            for part in old:
                remain = left(lake, part, stays)
                kept += remain
                rows += part.rows - remain
                if remain < part.rows:
                    days.add(date.fromisoformat(part.day))
            if not dry_run:
                after = thin(lake, manifest, rule)
                if after.gone and not after.parts:
                    rejected_path(out, manifest.digest).unlink(missing_ok=True)
            progress("expire", done / len(manifests))
    return Expired(before, tuple(sorted(days)), rows, kept)


def _old(part: Part, before: date) -> bool:
    return part.day != NO_DAY and date.fromisoformat(part.day) < before
