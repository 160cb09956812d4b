"""What pydantic has against a value, as a sentence that says what may stand there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

_KINDS = {
    "bool": "true or false",
    "date": "a date",
    "datetime": "a time in ISO 8601",
    "decimal": "a number",
    "dict": "a table",
    "finite": "a finite number",
    "float": "a number",
    "int": "a whole number",
    "list": "a list",
    "model": "a table",
    "path": "a path",
    "string": "text",
    "tuple": "a list",
    "uuid": "a UUID",
}
"""By the first word of the kind of error."""
_BOUNDS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "greater_than": lambda c: f"greater than {c['gt']:g}",
    "greater_than_equal": lambda c: f"at least {c['ge']:g}",
    "less_than": lambda c: f"less than {c['lt']:g}",
    "less_than_equal": lambda c: f"at most {c['le']:g}",
    "literal_error": lambda c: f"one of {c['expected'].replace(' or ', ', ')}",
    "enum": lambda c: f"one of {c['expected'].replace(' or ', ', ')}",
    "string_too_short": lambda _: "text that is not empty",
    "string_too_long": lambda c: f"text of at most {c['max_length']} characters",
}
_WHOLE: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "value_error": lambda c: str(c["error"]),
    "missing": lambda _: "must be given",
    "json_invalid": lambda c: f"is not JSON: {c['error']}",
    "too_short": lambda c: f"must hold at least {c['min_length']}, and holds {c['actual_length']}",
    "too_long": lambda c: f"must hold at most {c['max_length']}, and holds {c['actual_length']}",
}
LONGEST = 40
"""Characters of a value that are shown: it may be a whole text."""


def sentence(error: ErrorDetails, model: type[BaseModel]) -> str:
    """What must stand where the error is, and what stands there instead.

    `model` is what was to be read.

    Examples
    --------
    >>> error = {"type": "greater_than", "ctx": {"gt": 0.0}, "input": -1, "loc": (), "msg": ""}
    >>> sentence(error, BaseModel)
    'must be greater than 0, not -1'
    """
    kind, context = error["type"], error.get("ctx", {})
    if kind in _WHOLE:
        return _WHOLE[kind](context)
    if kind == "extra_forbidden":
        *within, key = error["loc"]
        return f"there is no such key{meant(str(key), keys(model, within))}"
    instead = shown(error["input"])
    if kind == "string_pattern_mismatch":
        return f"must match the pattern {context['pattern']}, not {instead}"
    if kind in _BOUNDS:
        return f"must be {_BOUNDS[kind](context)}, not {instead}"
    first = kind.split("_")[0]
    return f"must be {_KINDS[first]}, not {instead}" if first in _KINDS else error["msg"]


def keys(model: type[BaseModel], place: Iterable[str | int]) -> list[str]:
    """The keys that may stand at a place of what a model reads."""
    fields = model_at(model, place).model_fields
    return [field.alias or name for name, field in fields.items()]


def model_at(model: type[BaseModel], place: Iterable[str | int]) -> type[BaseModel]:
    """The model of the part at a place of what a model reads."""
    for step in place:
        # What is no field is a place in a list, or a name in a table of alike parts.
        field = model.model_fields.get(str(step))
        model = (field and _part(field.annotation)) or model
    return model


def _part(annotation: Any) -> type[BaseModel] | None:
    """The model within an annotation, such as that of a list of parts."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_part, get_args(annotation))), None)


def shown(value: object) -> str:
    """A value as it may stand in a sentence, cut where it is long."""
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, bool):
        return str(value).lower()
    text = value.isoformat() if isinstance(value, date) else repr(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def meant(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?` where a known word is close to this one, else which ones there are."""
    choices = list(known)
    close = get_close_matches(word.lower(), choices, n=1, cutoff=0.6)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; there are {', '.join(choices)}" if choices else ""
