"""The custody log: who used which key, when and for what. No key is in it, and no account's name.

Names of deployments and epochs are the provider's own and stand as they are. Those of cohorts and
accounts are other people's: pseudonyms stand for them that only the holder of the key can tell.
"""

from __future__ import annotations

import os
import platform
import pwd
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, ConfigDict, Field

from stillwatch.errors import UsageError
from stillwatch.marks.chain import Chain, Link
from stillwatch.marks.keys import LEVELS, Key, Names, written

SCHEMA_ID = "stillwatch.custody/1"
SUFFIX = ".custody.jsonl"
MOST = 100
"""Keys that are named in one entry. Of more, it says under which deployments they are."""
LONGEST = 500
"""Characters of a name or a reason."""
Purpose = Literal[
    "new", "mark", "detect", "suspect test", "suspect trace", "export", "rotate", "revoke", "audit"
]


@dataclass(frozen=True, slots=True)
class Person:
    """Who uses a key. user: whom the system runs this for; name: who that says to be, which
    nobody checks; why: what for, in words."""

    user: str
    host: str
    name: str | None
    why: str | None

    @classmethod
    def here(cls, name: str | None, why: str | None) -> Person:
        """Who runs this. Raises `UsageError` where a text is too long."""
        for option, text in (("--as", name), ("--why", why)):
            if text is not None and not 0 < len(text) <= LONGEST:
                raise UsageError(f"{option}: 1 to {LONGEST} characters")
        try:
            user = pwd.getpwuid(os.getuid()).pw_name
        except KeyError:
            user = str(os.getuid())
        return cls(user, platform.node(), name, why)

    def fields(self) -> dict[str, object]:
        """What a line says of when and who."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        return {"at": now, "user": self.user, "host": self.host, "as": self.name, "why": self.why}


class Signed(Link):
    """A line that says who wrote it, and when."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    at: AwareDatetime
    user: str
    host: str
    name: str | None = Field(alias="as")
    why: str | None


class Entry(Signed):
    """One use of the master. register: head of the register of that moment, which so cannot be
    shortened afterwards; to, sealed: of an export, the fingerprint of its recipient and the
    SHA-256 of the file."""

    schema_id: Literal["stillwatch.custody/1"] = Field(alias="schema")
    purpose: Purpose = Field(alias="for")
    keys: tuple[str, ...]
    count: int
    to: str | None = None
    sealed: str | None = None
    register_n: int
    register_digest: str


def beside(master: Path) -> Chain[Entry]:
    """The log of a master key."""
    return at(master.with_name(master.name + SUFFIX))


def at(path: Path) -> Chain[Entry]:
    """The log in a file, such as a copy of one."""
    return Chain(path, Entry, "custody log")


def named(root: Key, paths: Iterable[Names]) -> dict[str, object]:
    """What an entry says of keys."""
    all_of_them = list(paths)
    if len(all_of_them) <= MOST:
        keys = [shown(root, path) for path in all_of_them]
    else:
        keys = sorted({written(p[:1]) + "/*" * (len(p) > 1) for p in all_of_them})
    return {"keys": keys, "count": len(all_of_them)}


def shown(root: Key, path: Names) -> str:
    """A key as the log has it."""
    parts = []
    key = root
    for level, name in zip(LEVELS, path, strict=False):
        key = key.child(name)
        theirs = level in ("cohort", "account")
        parts.append(f"~{key.pseudonym()}" if theirs else written((name,)))
    return "/".join(parts)


def covers(entry: Entry, key: str) -> bool:
    """Whether whoever wrote an entry had a key, one above it or one below, or may have had.

    Whoever has a key below can write what marks with that one. The key is as in the log.
    """
    return any(
        key.startswith(one[:-1])
        if one.endswith("/*")
        else f"{key}/".startswith(f"{one}/") or one.startswith(f"{key}/")
        for one in entry.keys
    )
