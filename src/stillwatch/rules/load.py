"""Rules from files and folders, checked; every problem of every file is told at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from stillwatch.complaints import meant, sentence
from stillwatch.errors import UsageError
from stillwatch.rules import source
from stillwatch.rules.model import TYPES, LinkRule, Rule
from stillwatch.rules.problems import Place, Problem, RuleError
from stillwatch.rules.source import Source
from stillwatch.signals import registry
from stillwatch.signals.model import Link

ENDINGS = (".yml", ".yaml")


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
    # A file that is named beside its folder is one file.
    for path in {p.resolve(): p for p in _files(paths)}.values():
        try:
            found.append(Loaded(_rule(source.read(path)), path))
        except UsageError as error:
            wrong.append(str(error))
    wrong.extend(_repeated(found))
    wrong.extend(_copies(found))
    if wrong:
        raise UsageError("\n".join(wrong))
    return tuple(sorted(found, key=lambda one: one.rule.name))


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        below = sorted(p for p in path.rglob("*") if p.suffix in ENDINGS and p.is_file())
        if not below:
            raise UsageError(f"{path}: holds no rule; their files end in .yml or .yaml")
        yield from below


def _rule(read: Source) -> Rule:
    given = read.content
    kind = given.get("type")
    model = TYPES.get(kind) if isinstance(kind, str) else None
    if model is None:
        told = f"{kind!r} is no type of rule" if "type" in given else "is missing"
        raise UsageError(_told(read, Problem(("type",), f"{told}; it is account, link or hunt")))
    try:
        return model.model_validate(given)
    except ValidationError as error:
        problems = _problems(error, model)
        lines = [_told(read, p) for p in sorted(problems, key=lambda p: read.line(p.place))]
        raise UsageError("\n".join(lines)) from error


def _told(read: Source, problem: Problem) -> str:
    field = ".".join(map(str, problem.place))
    where = f"{read.path}:{read.line(problem.place)}"
    return f"{where}: {field}: {problem.message}" if field else f"{where}: {problem.message}"


def _problems(error: ValidationError, model: type[BaseModel]) -> Iterator[Problem]:
    errors = error.errors(include_url=False)
    # A misspelled key is one problem, and not a strange one and a missing one.
    strange = {e["loc"] for e in errors if e["type"] == "extra_forbidden"}
    for found in errors:
        place: Place = found["loc"]
        context: dict[str, Any] = found.get("ctx", {})
        cause = context.get("error")
        if isinstance(cause, RuleError):
            yield from (Problem((*place, *p.place), p.message) for p in cause.problems)
            continue
        match found["type"]:
            case "missing" if any(_misspelled(place, other) for other in strange):
                pass
            case "missing":
                yield Problem(place, f"is missing; {_asked(model, place)}")
            case "literal_error":
                choices = get_args(
                    _within(model, place[:-1]).model_fields[str(place[-1])].annotation
                )
                told = meant(str(found["input"]), choices)
                yield Problem(place, f"is not one of {', '.join(choices)}{_only_meant(told)}")
            case _:
                yield Problem(place, sentence(found, model))


def _within(model: type[BaseModel], place: Place) -> type[BaseModel]:
    """The model of the part at a place."""
    for step in place:
        annotation = model.model_fields[str(step)].annotation
        choices: Sequence[Any] = (annotation, *get_args(annotation))
        model = next(c for c in choices if isinstance(c, type) and issubclass(c, BaseModel))
    return model


def _asked(model: type[BaseModel], place: Place) -> str:
    told = _within(model, place[:-1]).model_fields[str(place[-1])].description or "add it"
    return f"{told[:1].lower()}{told[1:]}".rstrip(".")


def _misspelled(place: Place, other: Place) -> bool:
    near = get_close_matches(str(other[-1]).lower(), [str(place[-1])], cutoff=0.6)
    return place[:-1] == other[:-1] and bool(near)


def _only_meant(told: str) -> str:
    return told if "did you mean" in told else ""


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
