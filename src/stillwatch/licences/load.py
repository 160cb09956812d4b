"""Licences from files and folders, checked by themselves and against each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from stillwatch.errors import UsageError
from stillwatch.licences.model import Licence
from stillwatch.written import source
from stillwatch.written.models import files, follow
from stillwatch.written.times import shown


@dataclass(frozen=True, slots=True)
class Loaded:
    """A licence and the file that holds it."""

    licence: Licence
    path: Path


def load(paths: Iterable[Path]) -> tuple[Licence, ...]:
    """The licences of files and folders (those below them, too), in the order of their ids.

    Raises `UsageError` with file, line, field and what to do, for all that is wrong; also where two
    could cover the same exchange.
    """
    found: list[Loaded] = []
    wrong: list[str] = []
    for path in files(paths, "licence"):
        try:
            read = source.read(path, "licence", "id")
            found.append(Loaded(follow(read, Licence), path))
        except UsageError as error:
            wrong.append(str(error))
    wrong.extend(_repeated(found))
    wrong.extend(_both(found))
    if wrong:
        raise UsageError("\n".join(wrong))
    return tuple(sorted((one.licence for one in found), key=lambda one: one.id))


def _repeated(found: Sequence[Loaded]) -> Iterator[str]:
    seen: dict[str, Path] = {}
    for one in found:
        if one.licence.id in seen:
            taken = f"{one.licence.id!r} is taken by {seen[one.licence.id]}"
            yield f"{one.path}: id: {taken}; choose another"
        seen.setdefault(one.licence.id, one.path)


def _both(found: Sequence[Loaded]) -> Iterator[str]:
    """Pairs that could cover one exchange, so that nobody could say whose volume is used."""
    for one, other in combinations(found, 2):
        a, b = one.licence, other.licence
        if max(a.start, b.start) >= min(a.end, b.end) or not (model := _model(a, b)):
            continue
        if a.customers and b.customers and a.subkey == b.subkey and not _keys(a) & _keys(b):
            continue
        for what in ("accounts", "organizations"):
            common = sorted({*getattr(a, what)} & {*getattr(b, what)})
            if common:
                yield (
                    f"{other.path}: {b.id} and {a.id} could both cover {what[:-1]} {common[0]} on "
                    f"{model} at {shown(max(a.start, b.start))}; leave it to one"
                )


def _model(a: Licence, b: Licence) -> str | None:
    """A model that both are for."""
    if a.any_model:
        return "any model" if b.any_model else b.models[0]
    return next((m for m in a.models if b.names(m)), None)


def _keys(licence: Licence) -> set[str]:
    return {key for customer in licence.customers for key in customer.keys}
