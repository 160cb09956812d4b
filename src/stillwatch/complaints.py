"""What pydantic has against a value, as a sentence that says what may stand there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic_core import ErrorDetails

_KINDS = {
    "bool": "true or false",
    "date": "a date",
    "datetime": "a time in ISO 8601",
    "decimal": "a number",
    "dict": "a table",
    "float": "a number",
    "int": "a whole number",
    "list": "a list",
    "model": "a table",
    "path": "a path",
    "string": "text",
    "tuple": "a list",
    "uuid": "a UUID",
}
_BOUNDS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "greater_than": lambda c: f"greater than {c['gt']:g}",
    "greater_than_equal": lambda c: f"at least {c['ge']:g}",
    "less_than": lambda c: f"less than {c['lt']:g}",
    "less_than_equal": lambda c: f"at most {c['le']:g}",
    "literal_error": lambda c: f"one of {c['expected'].replace(' or ', ', ')}",
    "enum": lambda c: f"one of {c['expected'].replace(' or ', ', ')}",
    "int_from_float": lambda _: "a whole number",
    "string_too_short": lambda _: "text that is not empty",
    "too_short": lambda c: f"a list of at least {c['min_length']}",
}
LONGEST = 40
"""Characters of a value that are shown: it may be a whole text."""


def sentence(error: ErrorDetails) -> str:
    """What must stand where the error is, and what stands there instead.

    Examples
    --------
    >>> sentence({"type": "greater_than", "ctx": {"gt": 0.0}, "input": -1, "loc": (), "msg": ""})
    'must be greater than 0, not -1'
    """
    kind, context = error["type"], error.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    if kind == "missing":
        return "must be given"
    if kind == "extra_forbidden":
        return "is unknown"
    if kind in _BOUNDS:
        wanted = _BOUNDS[kind](context)
    elif kind.removesuffix("_type").removesuffix("_parsing") in _KINDS:
        wanted = _KINDS[kind.removesuffix("_type").removesuffix("_parsing")]
    else:
        return error["msg"]
    return f"must be {wanted}, not {_shown(error['input'])}"


def _shown(value: object) -> str:
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, bool):
        return str(value).lower()
    text = repr(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
