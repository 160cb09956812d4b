"""The versions of the terms in the order of time: which was in force, and when none was."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from stillwatch.errors import UsageError
from stillwatch.terms.model import Clause, Terms
from stillwatch.written import source
from stillwatch.written.models import files, follow, told
from stillwatch.written.problems import Problem
from stillwatch.written.source import Source
from stillwatch.written.times import shown

WHAT = "version of terms"


@dataclass(frozen=True, slots=True)
class Version:
    """A version, and until when it holds; `end` is None of one that goes on."""

    terms: Terms
    path: Path
    end: datetime | None


@dataclass(frozen=True, slots=True)
class InForce:
    """A clause that is in force, of which version, and from when until when."""

    clause: Clause
    version: Version

    @property
    def start(self) -> datetime:
        return self.clause.start or self.version.terms.start

    @property
    def end(self) -> datetime | None:
        ends = [end for end in (self.clause.end, self.version.end) if end]
        return min(ends, default=None)


@dataclass(frozen=True, slots=True)
class Versions:
    """All versions, the oldest first; no two hold at one time."""

    versions: Sequence[Version]

    def at(self, moment: datetime) -> Version | None:
        """The version that is in force at a time, if one is."""
        return next(
            (
                v
                for v in self.versions
                if v.terms.start <= moment and (v.end is None or moment < v.end)
            ),
            None,
        )

    def in_force(
        self, moment: datetime, *, region: str | None = None, model: str | None = None
    ) -> tuple[InForce, ...]:
        """The clauses that are in force at a time for a country and a model, or for any."""
        version = self.at(moment)
        if version is None:
            return ()
        found = (InForce(c, version) for c in version.terms.clauses if c.is_for(model, region))
        return tuple(f for f in found if f.start <= moment and (f.end is None or moment < f.end))

    def gaps(self) -> Iterator[tuple[datetime, datetime | None]]:
        """The times after the first version in which none is in force; None: for good."""
        for one, other in pairwise(self.versions):
            if one.end and one.end < other.terms.start:
                yield one.end, other.terms.start
        if self.versions and self.versions[-1].end:
            yield self.versions[-1].end, None


def load(paths: Iterable[Path]) -> Versions:
    """The versions in files and folders (those below them, too).

    Raises `UsageError` with file, line, field and what to do, for all that is wrong; also where
    versions contradict each other.
    """
    found: list[tuple[Source, Terms]] = []
    wrong: list[str] = []
    for path in files(paths, WHAT):
        try:
            read = source.read(path, WHAT, "title")
            found.append((read, follow(read, Terms)))
        except UsageError as error:
            wrong.append(str(error))
    found.sort(key=lambda one: (one[1].start, one[1].version))
    wrong.extend(_contradictions(found))
    if wrong:
        raise UsageError("\n".join(wrong))
    following = [terms.start for _, terms in found[1:]]
    ends = [terms.end or next_ for (_, terms), next_ in zip(found, [*following, None], strict=True)]
    return Versions(
        tuple(
            Version(terms, read.path, end) for (read, terms), end in zip(found, ends, strict=True)
        )
    )


def load_one(path: Path) -> Terms:
    """The version in one file. Raises `UsageError` for what is wrong with it."""
    return follow(source.read(path, WHAT, "title"), Terms)


def _contradictions(found: Sequence[tuple[Source, Terms]]) -> Iterator[str]:
    names: dict[str, Path] = {}
    for read, terms in found:
        if terms.version in names:
            said = f"{terms.version!r} is taken by {names[terms.version]}; choose another"
            yield told(read, Problem(("version",), said))
        names.setdefault(terms.version, read.path)
    for (first, one), (read, other) in pairwise(found):
        if one.start == other.start:
            said = (
                f"{one.version} ({first.path}) begins at {shown(one.start)}, too; only one can be "
                "in force"
            )
            yield told(read, Problem(("from",), said))
        elif one.end and one.end > other.start:
            said = (
                f"{one.version} ({first.path}) ends at {shown(one.end)}, after this version has "
                f"begun; end it at {shown(other.start)}, or leave its `until` out"
            )
            yield told(read, Problem(("from",), said))
        late = [c.id for c in one.clauses if (c.start or one.start) >= other.start]
        if late:
            said = (
                f"clause {late[0]} would begin when {other.version} ({read.path}) has taken this "
                "version's place; put it there"
            )
            yield told(first, Problem(("clauses",), said))
