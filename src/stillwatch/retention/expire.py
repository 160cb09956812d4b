"""Expiry: days that are old enough go, but for the accounts that are held."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from stillwatch.errors import UsageError
from stillwatch.progress import Progress, silent
from stillwatch.retention.thinning import Planned, of_accounts, plan, thin
from stillwatch.sketch.forgotten import Forgotten
from stillwatch.sketch.holds import held, unchanged
from stillwatch.sketch.lake import Lake, check, rejected_path
from stillwatch.sketch.manifest import Manifest, Part
from stillwatch.sketch.parts import NO_DAY

MOST_DAYS = 36_500


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

    What a log still has of them is not read again. A log that nothing is left of loses its list of
    records set aside, too. Cut off and called again, it finishes.

    Raises
    ------
    UsageError
        Less than one day would be kept, or more than a hundred years.
    OutputError
        Another process writes here, or a hold or manifest is damaged.
    """
    if not 1 <= keep_days <= MOST_DAYS:
        raise UsageError(f"--keep-days {keep_days}: keep 1 to {MOST_DAYS} days")
    before = now.astimezone(UTC).date() - timedelta(days=keep_days)
    check(out)
    days: set[date] = set()
    rows = kept = 0
    with Lake.open(out, write=True) as lake, unchanged(out):
        accounts = held(out, now)
        stays = of_accounts(accounts) if accounts else False
        if not dry_run:
            Forgotten.read(out).until(before).write(out)
        manifests = lake.every_manifest()
        for done, manifest in enumerate(manifests, 1):
            planned = plan(lake, manifest, lambda part: stays if _old(part, before) else True)
            for part, _, remain in planned:
                if _old(part, before):
                    kept += remain
                    rows += part.rows - remain
                    if remain < part.rows:
                        days.add(date.fromisoformat(part.day))
            if not dry_run:
                _thin(lake, manifest, planned)
            progress("expire", done / len(manifests))
    return Expired(before, tuple(sorted(days)), rows, kept)


def _thin(lake: Lake, manifest: Manifest, planned: list[Planned]) -> None:
    left_over = thin(lake, manifest, planned)
    if left_over.gone and not left_over.parts:
        if left_over.rejected:
            lake.accept(replace(left_over, rejected={}))
        rejected_path(lake.directory, manifest.digest).unlink(missing_ok=True)


def _old(part: Part, before: date) -> bool:
    return part.day != NO_DAY and date.fromisoformat(part.day) < before
