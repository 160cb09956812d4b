"""Holds: accounts whose sketches must outlive their age, since a case rests on them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stillwatch import results
from stillwatch.campaigns.document import load
from stillwatch.complaints import sentence
from stillwatch.durable import replaced
from stillwatch.errors import NoInputError, OutputError, UsageError

FOLDER = "holds"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class Hold(BaseModel):
    """`holds/<name>.json`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_id: str = Field(default="stillwatch.hold/1", alias="schema")
    name: str = Field(description="Id of a campaign, or what a person called it.")
    reason: str
    made: datetime
    until: datetime | None = Field(default=None, description="When it ends by itself.")
    accounts: tuple[str, ...] = Field(min_length=1)

    def active(self, now: datetime) -> bool:
        """Whether it still holds."""
        return self.until is None or now < self.until


def hold(
    out: Path,
    name: str,
    reason: str,
    accounts: Sequence[str],
    until: datetime | None,
    now: datetime,
) -> Hold:
    """Holds accounts under a name, in place of what was held under it before.

    Without `accounts` it holds those of the campaign or lead with this id in the last scan.

    Raises
    ------
    UsageError
        The name cannot be one of a file, the reason is empty, or the end has passed.
    NoInputError
        There is no such campaign or lead.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} is no name of a hold: letters, digits, '.', '_' and '-' only")
    if not reason.strip():
        raise UsageError(f"hold {name}: say why with --reason; whoever releases it needs to know")
    if until is not None and until <= now:
        raise UsageError(f"hold {name}: ends at {until}, which has passed")
    held = Hold(
        name=name,
        reason=reason,
        made=now,
        until=until,
        accounts=tuple(sorted(set(accounts) or _members(out, name))),
    )
    path = _path(out, name)
    try:
        path.parent.mkdir(exist_ok=True)
        with replaced(path) as fresh:
            fresh.write_text(held.model_dump_json(by_alias=True, indent=1) + "\n", "utf-8")
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror}") from error
    return held


def release(out: Path, name: str) -> Hold:
    """Ends a hold. Raises `NoInputError` where there is none of this name."""
    found = {held.name: held for held in holds(out)}
    if name not in found:
        names = f"; there are {', '.join(found)}" if found else ""
        raise NoInputError(f"{out}: nothing is held as {name!r}{names}")
    _path(out, name).unlink()
    return found[name]


def holds(out: Path) -> tuple[Hold, ...]:
    """All holds, by name. Raises `OutputError` for one that is damaged: nothing may run out then.

    Raises `NoInputError` where `out` is no directory of a scan.
    """
    if not (out / "sketches").is_dir():
        raise NoInputError(f"{out}: holds no sketches; name the --out of a scan")
    return tuple(_read(path) for path in sorted((out / FOLDER).glob("*.json")))


def _read(path: Path) -> Hold:
    try:
        return Hold.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "file"
        raise OutputError(
            f"{path}: damaged hold ({where}: {sentence(first, Hold)}); mend it, or hold anew"
        ) from None


def _members(out: Path, name: str) -> set[str]:
    found = load(out / results.CAMPAIGNS)
    for campaign in (*found.campaigns, *found.leads):
        if campaign.id == name:
            return {member.account for member in campaign.accounts}
    raise NoInputError(
        f"{out}: the last scan has no campaign or lead {name!r}; name accounts with --account"
    )


def _path(out: Path, name: str) -> Path:
    return out / FOLDER / f"{name}.json"
