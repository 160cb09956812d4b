"""`alarms.jsonl`: a line for each campaign, when it was first reported."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from stillwatch import results
from stillwatch.campaigns.document import Campaign, Scan
from stillwatch.errors import OutputError
from stillwatch.watch.looks import Window

FILE = "alarms.jsonl"


def raised(out: Path, document: Scan, window: Window, place: Path) -> Sequence[Campaign]:
    """Appends the campaigns of a document that are not in the file yet, and returns them.

    Called again for the same document it appends nothing, so it makes up for an end between the
    result and its alarms.
    """
    path = out / FILE
    there = _ids(path)
    fresh = [campaign for campaign in document.campaigns if campaign.id not in there]
    if fresh:
        with path.open("a", encoding="utf-8") as file:
            for campaign in fresh:
                file.write(json.dumps(_line(campaign, document, window, place)) + "\n")
            file.flush()
            os.fsync(file.fileno())
    return fresh


def _line(campaign: Campaign, document: Scan, window: Window, place: Path) -> dict[str, object]:
    return {
        "id": campaign.id,
        "time": _shown(document.until or document.made),
        "window": window,
        "accounts": campaign.account_count,
        "exchanges": campaign.exchanges,
        "bits": round(campaign.bits, 2),
        "q_value": campaign.q_value,
        "first_seen": _shown(campaign.first_seen),
        "report": (place / results.REPORT).as_posix(),
    }


def _shown(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _ids(path: Path) -> set[str]:
    """Ids in the file. The end of a line that was cut off is taken off."""
    if not path.exists():
        return set()
    whole, ended, rest = path.read_bytes().rpartition(b"\n")
    if rest:
        os.truncate(path, len(whole) + len(ended))
    try:
        return {json.loads(line)["id"] for line in whole.splitlines()}
    except (ValueError, KeyError, TypeError) as error:
        raise OutputError(
            f"{path}: is damaged; move it away, and all campaigns of the next look are alarms"
        ) from error
