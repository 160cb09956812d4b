"""Versions of terms as tests write them: whole, with what they change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from plain_yaml import plain

CLAUSE: dict[str, Any] = {
    "id": "no-distillation",
    "title": "No training of other models",
    "text": "Answers may not be used to train another model.",
    "evidence": [{"verdict": "campaign", "account_bits": 3}],
    "measures": [{"measure": "ask", "people": 1}, {"measure": "suspend", "people": 2}],
}
WHOLE: dict[str, Any] = {"title": "Terms of use", "version": "2026-10", "from": "2026-10-01"}


def clause(**changes: Any) -> dict[str, Any]:
    """A clause; `None` takes a field away, `start` and `end` are `from` and `until`."""
    return _changed(CLAUSE, changes)


def given(*clauses: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return _changed(WHOLE | {"clauses": list(clauses or [clause()])}, changes)


def written(path: Path, *clauses: dict[str, Any], **changes: Any) -> Path:
    path.write_text(plain(given(*clauses, **changes)), "utf-8")
    return path


def _changed(whole: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    names = {"start": "from", "end": "until"}
    whole = whole | {names.get(name, name): value for name, value in changes.items()}
    return {name: value for name, value in whole.items() if value is not None}
