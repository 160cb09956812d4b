"""The register: which epoch keys mark in now, and which keys are revoked. It holds no secret.

It names accounts, and so only its owner can read it; the custody log holds its head.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from stillwatch.errors import RevokedError, UsageError
from stillwatch.marks.chain import Chain, Content
from stillwatch.marks.custody import Signed
from stillwatch.marks.keys import LEVELS, Names, checked, path_of, written

SCHEMA_ID = "stillwatch.register/1"
SUFFIX = ".register.jsonl"


class Change(Signed):
    """A line of the register: an epoch that begins for all accounts of a key, or the end of it."""

    schema_id: Literal["stillwatch.register/1"] = Field(alias="schema")
    what: Literal["rotate", "revoke"]
    key: str
    epoch: str | None = None


class Revocation(BaseModel):
    """That a key and all below it no longer mark. key: as it is written; since: when it was said;
    the key may have been in other hands before."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str
    since: AwareDatetime
    why: str


def beside(master: Path) -> Chain[Change]:
    """The register of a master key."""
    return at(master.with_name(master.name + SUFFIX))


def at(path: Path) -> Chain[Change]:
    """The register in a file."""
    return Chain(path, Change, "register")


class Register:
    """What the lines of a register come to."""

    def __init__(self, content: Content[Change]) -> None:
        self.content = content
        self._epochs: dict[Names, tuple[int, str]] = {}
        self._revoked: dict[Names, Revocation] = {}
        for line in content.lines:
            path = path_of(line.key)
            if line.epoch is not None:
                self._epochs[path] = (line.n, line.epoch)
            else:
                found = Revocation(key=line.key, since=line.at, why=line.why or "")
                self._revoked.setdefault(path, found)

    def revoked(self, path: Names) -> Revocation | None:
        """The revocation of a key, or of the highest above it that is revoked."""
        return revocation(self._revoked, path)

    def around(self, path: Names) -> list[Revocation]:
        """The revocations of a key, of those above it, and of those below."""
        return [
            one
            for found, one in self._revoked.items()
            if found[: len(path)] == path or path[: len(found)] == found
        ]

    def epoch(self, path: Names) -> str:
        """The epoch that an account marks in now: the last that began for it, or for a key above.

        Raises `UsageError` where none has begun.
        """
        begun = [self._epochs[p] for p in _down_to(path) if p in self._epochs]
        if not begun:
            raise UsageError(
                f"{written(path)}: no epoch has begun; begin one with `stillwatch marks rotate "
                f"{written(path[:1])}`"
            )
        return max(begun)[1]

    def epochs(self, path: Names) -> tuple[str, ...]:
        """All epochs that ever began for an account, or for a key above it; the first first."""
        begun = (line for line in self.content.lines if line.epoch is not None)
        above = (line for line in begun if path_of(line.key) in set(_down_to(path)))
        return tuple(dict.fromkeys(line.epoch for line in above if line.epoch is not None))

    def check_marks(self, path: Names) -> None:
        """Raises `RevokedError` where a key, or one above it, is revoked."""
        if found := self.revoked(path):
            raise RevokedError(
                f"{written(path)}: is revoked since {found.since:%Y-%m-%d %H:%M} UTC"
                f"{'' if found.key == written(path) else f', with {found.key}'} ({found.why}); "
                "nothing more is marked with it"
            )

    def check_rotation(self, path: Names, epoch: str) -> None:
        """Raises `UsageError` where a key has no epochs, or had this one; `RevokedError` where it
        is revoked."""
        if len(path) == len(LEVELS):
            raise UsageError(f"{written(path)}: is an epoch; rotate the account, or a key above it")
        checked((*path, *["-"] * (len(LEVELS) - 1 - len(path)), epoch))
        for line in self.content.lines:
            other = path_of(line.key)
            related = other[: len(path)] == path or path[: len(other)] == other
            if related and line.epoch == epoch:
                raise UsageError(
                    f"{written(path)}: {epoch} began {line.at:%Y-%m-%d %H:%M} UTC, for {line.key}; "
                    "no epoch begins twice"
                )
        self.check_marks(path)

    def check_revocation(self, path: Names) -> None:
        """Raises `UsageError` where it is revoked already."""
        if found := self.revoked(path):
            raise UsageError(
                f"{written(path)}: is revoked already, since {found.since:%Y-%m-%d %H:%M} UTC"
            )


def revocation(revoked: Mapping[Names, Revocation], path: Names) -> Revocation | None:
    """The revocation of a key, or of the highest above it that is revoked."""
    return next((revoked[p] for p in _down_to(path) if p in revoked), None)


def _down_to(path: Names) -> Iterator[Names]:
    """The keys from the top to this one."""
    return (path[:n] for n in range(1, len(path) + 1))
