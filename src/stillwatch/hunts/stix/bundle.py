"""A STIX 2.1 bundle as indicators, each with what its author said of it."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any as Json

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from stillwatch.complaints import sentence
from stillwatch.errors import FormatError, NoInputError
from stillwatch.hunts.indicator import Asked, Indicator, SetAside
from stillwatch.hunts.stix.mapping import UnansweredError
from stillwatch.hunts.stix.pattern import read


class _Object(BaseModel):
    """What is read of an indicator (STIX 2.1, section 4.7); all else may be there."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str = Field(pattern=r"^indicator--[0-9a-fA-F-]{36}$")
    modified: AwareDatetime
    pattern: str
    pattern_type: str
    name: str | None = None
    valid_from: AwareDatetime | None = None
    valid_until: AwareDatetime | None = None
    revoked: bool = False


def indicators(path: Path, now: datetime | None = None) -> Asked:
    """The indicators of a bundle. `now` tells which have expired.

    Raises
    ------
    NoInputError, FormatError
        The file is not there, or is no bundle, or has no indicator in it.
    """
    asked = Asked()
    newest: dict[str, _Object] = {}
    others: Counter[str] = Counter()
    for number, one in enumerate(_objects(path)):
        kind = one.get("type") if isinstance(one, dict) else None
        if kind != "indicator":
            others[_unicode(str(kind or "unknown"))] += 1
            continue
        try:
            found = _Object.model_validate(one)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            told = f"is no indicator of STIX 2.1: {where}: {sentence(first, _Object)}"
            asked.aside.append(SetAside(f"stix:{path}, objects[{number}]", told))
            continue
        if found.id not in newest or newest[found.id].modified < found.modified:
            newest[found.id] = found
    if not newest and not asked.aside:
        raise FormatError(f"{path}: the bundle has no indicator in it")
    for found in newest.values():
        asked.add(_indicator(found, str(path), now or datetime.now(UTC)))
    for kind, count in sorted(others.items()):
        told = f"{count:,} of type {kind}, which {'is' if count == 1 else 'are'} no indicator"
        asked.aside.append(SetAside(f"stix:{path}", told + "s" * (count > 1)))
    return asked


def _indicator(found: _Object, source: str, now: datetime) -> Asked:
    text = f"stix:{found.id}"
    title = _unicode(found.name or found.pattern)
    if found.revoked:
        return Asked(aside=[SetAside(text, "was revoked by its author")])
    if found.pattern_type != "stix":
        told = f"its pattern is of type {_unicode(found.pattern_type)}, not stix"
        return Asked(aside=[SetAside(text, told)])
    try:
        pattern = read(found.pattern)
    except UnansweredError as error:
        return Asked(aside=[SetAside(text, _unicode(str(error)))])
    one = Indicator(
        text=text,
        title=title,
        source=source,
        asked=pattern.asked,
        valid_from=found.valid_from,
        valid_until=found.valid_until,
        expired=found.valid_until is not None and found.valid_until <= now,
    )
    return Asked([one], [SetAside(text, f"in part: {_unicode(told)}") for told in pattern.left_out])


def _objects(path: Path) -> list[Json]:
    try:
        content = json.loads(path.read_bytes().decode("utf-8"))
    except (ValueError, RecursionError) as error:
        told = "nested too deeply" if isinstance(error, RecursionError) else error
        raise FormatError(f"{path}: not JSON: {told}") from error
    except OSError as error:
        raise NoInputError(f"{path}: cannot be read: {error.strerror}") from error
    if not isinstance(content, dict) or content.get("type") != "bundle":
        raise FormatError(f'{path}: is no STIX bundle: it has no "type": "bundle"')
    objects = content.get("objects", [])
    if not isinstance(objects, list):
        raise FormatError(f"{path}: is no STIX bundle: its objects are no list")
    return objects


def _unicode(text: str) -> str:
    """The text without halves of surrogate pairs, which JSON can hold and nothing else."""
    return text.encode("utf-8", "replace").decode()
