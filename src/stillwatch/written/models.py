"""A written file against the model that it must follow; all that is wrong is told at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from stillwatch.complaints import meant, model_at, sentence
from stillwatch.errors import UsageError
from stillwatch.written.problems import PartError, Place, Problem
from stillwatch.written.source import Source

ENDINGS = (".yml", ".yaml")

Model = TypeVar("Model", bound=BaseModel)


def files(paths: Iterable[Path], what: str) -> Iterator[Path]:
    """Files, and those below folders, each once. Raises `UsageError` for a folder without any.

    `what`: what a file holds, such as `rule`.
    """
    seen: set[Path] = set()
    for path in paths:
        below = [path]
        if path.is_dir():
            below = sorted(p for p in path.rglob("*") if p.suffix in ENDINGS and p.is_file())
            if not below:
                raise UsageError(f"{path}: holds no {what}; their files end in .yml or .yaml")
        for one in below:
            if one.resolve() not in seen:
                seen.add(one.resolve())
                yield one


def follow(read: Source, model: type[Model]) -> Model:
    """The content of a file as a model. Raises `UsageError` with file, line, field and advice."""
    try:
        return model.model_validate(read.content)
    except ValidationError as error:
        problems = sorted(_problems(error, model), key=lambda p: read.line(p.place))
        raise UsageError("\n".join(told(read, p) for p in problems)) from error


def told(read: Source, problem: Problem) -> str:
    """A problem as a line: file, line, field, and what to do."""
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
        if isinstance(cause, PartError):
            yield from (Problem((*place, *p.place), p.message) for p in cause.problems)
            continue
        if found["type"] == "too_short" and any(_within(place, e["loc"]) for e in errors):
            # Items that are wrong were not counted.
            continue
        match found["type"]:
            case "missing" if any(_misspelled(place, other) for other in strange):
                pass
            case "missing":
                yield Problem(place, f"is missing; {_asked(model, place)}")
            case "literal_error" if choices := _choices(model, place):
                hint = meant(str(found["input"]), choices)
                close = hint if "did you mean" in hint else ""
                yield Problem(place, f"is not one of {', '.join(choices)}{close}")
            case _:
                yield Problem(place, sentence(found, model))


def _field(model: type[BaseModel], place: Place) -> FieldInfo | None:
    fields = model_at(model, place[:-1]).model_fields
    return next((f for name, f in fields.items() if place[-1] in (name, f.alias)), None)


def _choices(model: type[BaseModel], place: Place) -> tuple[str, ...]:
    field = _field(model, place)
    return tuple(a for a in get_args(field.annotation) if isinstance(a, str)) if field else ()


def _asked(model: type[BaseModel], place: Place) -> str:
    field = _field(model, place)
    asked = (field.description if field else None) or "add it"
    return f"{asked[:1].lower()}{asked[1:]}".rstrip(".")


def _within(place: Place, other: Place) -> bool:
    return len(other) > len(place) and other[: len(place)] == place


def _misspelled(place: Place, other: Place) -> bool:
    near = get_close_matches(str(other[-1]).lower(), [str(place[-1])], cutoff=0.6)
    return place[:-1] == other[:-1] and bool(near)
