"""Rules from files and folders, checked; every problem of every file is told at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from stillwatch.errors import UsageError
from stillwatch.rules.model import TYPES, LinkRule, Rule
from stillwatch.signals import registry
from stillwatch.signals.model import Link
from stillwatch.written import source
from stillwatch.written.models import files, follow, told
from stillwatch.written.problems import Problem
from stillwatch.written.source import Source


@dataclass(frozen=True, slots=True)
class Loaded:
    """A rule and the file that holds it."""

    rule: Rule
    path: Path


def load(paths: Iterable[Path]) -> tuple[Loaded, ...]:
    """The rules of files and folders (those below them, too), in the order of their names.

    Raises `UsageError` with file, line, field and what to do, for all that is wrong.
    """
    found: list[Loaded] = []
    wrong: list[str] = []
    for path in files(paths, "rule"):
        try:
            found.append(Loaded(_rule(source.read(path, "rule", "title")), path))
        except UsageError as error:
            wrong.append(str(error))
    wrong.extend(_repeated(found))
    wrong.extend(_copies(found))
    if wrong:
        raise UsageError("\n".join(wrong))
    return tuple(sorted(found, key=lambda one: one.rule.name))


def _rule(read: Source) -> Rule:
    given = read.content
    kind = given.get("type")
    model = TYPES.get(kind) if isinstance(kind, str) else None
    if model is None:
        known = f"{kind!r} is no type of rule" if "type" in given else "is missing"
        raise UsageError(told(read, Problem(("type",), f"{known}; it is account, link or hunt")))
    return follow(read, model)


def _repeated(found: Sequence[Loaded]) -> Iterator[str]:
    for what in ("name", "id"):
        seen: dict[object, Path] = {}
        for one in found:
            value = getattr(one.rule, what)
            if value in seen:
                taken = f"{str(value)!r} is taken by {seen[value]}"
                yield f"{one.path}: {what}: {taken}; choose another"
            seen.setdefault(value, one.path)


def _copies(found: Sequence[Loaded]) -> Iterator[str]:
    """Links that the catalogue has already; what accounts share would count twice."""
    known = {frozenset(s.about.needs): s for s in registry.signals() if isinstance(s, Link)}
    for one in found:
        if isinstance(one.rule, LinkRule) and one.rule.detection is None:
            same = known.get(frozenset(one.rule.fields))
            if same is not None:
                yield (
                    f"{one.path}: fields: the link {same.about.name!r} is by these already; add a "
                    "detection or another column"
                )
