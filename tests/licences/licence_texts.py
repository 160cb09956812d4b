"""Licences as tests write them: whole, with what they change."""

from __future__ import annotations

from typing import Any

from plain_yaml import plain
from stillwatch.licences import Licence

WHOLE: dict[str, Any] = {
    "id": "heron-2026",
    "holder": "Heron Learning",
    "kind": "distillation",
    "purpose": "A tutor for schools.",
    "accounts": ["acct-heron"],
    "models": ["aster-3"],
    "from": "2026-10-01",
    "until": "2027-10-01",
}


def given(**changes: Any) -> dict[str, Any]:
    """What a licence says; `None` takes a field away, `start` and `end` are `from` and `until`."""
    names = {"start": "from", "end": "until"}
    whole = WHOLE | {names.get(name, name): value for name, value in changes.items()}
    return {name: value for name, value in whole.items() if value is not None}


def licence(**changes: Any) -> Licence:
    return Licence.model_validate(given(**changes))


def text(**changes: Any) -> str:
    return plain(given(**changes))
