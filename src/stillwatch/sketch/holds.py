"""Holds: accounts whose sketches must outlive their age, since a case rests on them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from stillwatch.complaints import sentence
from stillwatch.errors import OutputError
from stillwatch.lock import alone
from stillwatch.sketch.lake import check

FOLDER = "holds"
_LOCK = ".holds.lock"


class Hold(BaseModel):
    """`holds/<name>.json`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_id: str = Field(default="stillwatch.hold/1", alias="schema")
    name: str = Field(description="Id of a campaign, or what a person called it.")
    reason: str
    made: AwareDatetime
    until: AwareDatetime | None = Field(default=None, description="When it ends by itself.")
    accounts: tuple[str, ...] = Field(min_length=1)

    def active(self, now: datetime) -> bool:
        """Whether it still holds."""
        return self.until is None or now < self.until


def holds(out: Path) -> tuple[Hold, ...]:
    """All holds, by name.

    Raises
    ------
    NoInputError
        `out` is no directory of a scan.
    OutputError
        One is damaged. Nothing may run out then.
    """
    check(out)
    return tuple(_read(path) for path in sorted((out / FOLDER).glob("*.json")))


@contextmanager
def unchanged(out: Path) -> Iterator[None]:
    """Lets nobody else begin or end a hold, nor act on what is held.

    Not by the lock of the lake: a hold must be possible while a scan of hours goes on.

    Raises
    ------
    NoInputError
        `out` is no directory of a scan.
    OutputError
        Somebody else does so.
    """
    check(out)
    busy = "sketches expire or are erased just now, or a hold is changed; wait for it"
    with alone(out / _LOCK, busy):
        yield


def held(out: Path, now: datetime) -> frozenset[str]:
    """The accounts that are held now."""
    return frozenset(a for one in holds(out) if one.active(now) for a in one.accounts)


def path_of(out: Path, name: str) -> Path:
    """Where a hold of this name lies."""
    return out / FOLDER / f"{name}.json"


def _read(path: Path) -> Hold:
    try:
        found = Hold.model_validate_json(path.read_bytes())
    except OSError as error:
        raise OutputError(f"{path}: cannot be read: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "file"
        raise OutputError(
            f"{path}: damaged hold ({where}: {sentence(first, Hold)}); mend it, or remove it and "
            "hold anew"
        ) from None
    if found.name != path.stem:
        raise OutputError(f"{path}: is the hold {found.name!r}; name the file so, or remove it")
    return found
