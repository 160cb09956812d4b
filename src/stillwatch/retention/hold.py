"""To begin and to end a hold."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from stillwatch import results
from stillwatch.campaigns.document import load
from stillwatch.durable import replaced
from stillwatch.errors import NoInputError, OutputError, UsageError
from stillwatch.retention.days import rows_of
from stillwatch.sketch.holds import Hold, holds, path_of, unchanged

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def hold(
    out: Path,
    name: str,
    reason: str,
    accounts: Sequence[str],
    until: datetime | None,
    now: datetime,
) -> Hold:
    """Holds accounts under a name; whom it holds already stay held.

    Without `accounts` it holds those of the campaign or lead with this id in the last scan.

    Raises
    ------
    UsageError
        The name cannot be one of a file, the reason is empty, or the end has passed.
    NoInputError
        There is no such campaign or lead, or there are no sketches of a named account.
    OutputError
        The hold cannot be written, or one is damaged, or sketches expire or are erased just now.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} is no name of a hold: a letter or digit, then letters, digits, '.', '_' "
            "and '-', a hundred at most"
        )
    if not reason.strip():
        raise UsageError(f"hold {name}: say why with --reason; whoever releases it needs to know")
    if until is not None and until <= now:
        raise UsageError(f"hold {name}: ends at {until}, which has passed")
    with unchanged(out):
        there = {one.name: one for one in holds(out)}
        if unknown := sorted(set(accounts) - rows_of(out, accounts).keys()):
            raise NoInputError(f"{out}: there are no sketches of {', '.join(map(repr, unknown))}")
        before = set(there[name].accounts) if name in there and there[name].active(now) else set()
        held = Hold(
            name=name,
            reason=reason,
            made=now,
            until=until,
            accounts=tuple(sorted(before | (set(accounts) or _members(out, name)))),
        )
        write(out, held)
        return held


def release(out: Path, name: str) -> Hold:
    """Ends a hold.

    Raises `NoInputError` where there is none of this name, and `OutputError` where it cannot be
    removed, or sketches expire or are erased just now.
    """
    with unchanged(out):
        found = {held.name: held for held in holds(out)}
        if name not in found:
            names = f"; there are {', '.join(found)}" if found else ""
            raise NoInputError(f"{out}: nothing is held as {name!r}{names}")
        path = path_of(out, name)
        try:
            path.unlink()
        except OSError as error:
            raise OutputError(f"{path}: cannot be removed: {error.strerror}") from error
        return found[name]


def write(out: Path, held: Hold) -> None:
    """Puts a hold in place all at once. Raises `OutputError` where it cannot."""
    path = path_of(out, held.name)
    try:
        path.parent.mkdir(exist_ok=True)
        with replaced(path) as fresh:
            fresh.write_text(held.model_dump_json(by_alias=True, indent=1) + "\n", "utf-8")
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror}") from error


def _members(out: Path, name: str) -> set[str]:
    # Where there is no result at all, the error says so.
    found = [load(place / results.CAMPAIGNS) for place in results.places(out) or [out]]
    groups = [group for scan in found if (group := scan.group(name))]
    if named := [group for group in groups if group.verdict != "spared"]:
        return {member.account for campaign in named for member in campaign.accounts}
    raise NoInputError(
        f"{out}: the last scan has no campaign or lead {name!r}; name accounts with --account"
    )
