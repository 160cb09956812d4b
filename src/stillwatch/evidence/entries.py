"""Entries of a log: one fact each, as JSON; and bundles of them (c2sp.org/tlog-tiles)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from stillwatch.complaints import sentence
from stillwatch.errors import UsageError

SCHEMA_ID = "stillwatch.entry/1"
LONGEST = (1 << 16) - 1
"""Bytes of an entry: a bundle says its length with 16 bits."""
Kind = Literal["fact", "weight", "decision", "hold", "export", "document", "key"]
KINDS = get_args(Kind)
LONGEST_SUBJECT = 500
"""Characters."""
_encoded = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
).encode


class _Written(BaseModel):
    """What is logged: one fact, as compact JSON with sorted keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    schema_id: Literal["stillwatch.entry/1"] = Field(
        alias="schema", description="Form of the entry, and its version."
    )
    kind: Kind = Field(description="What it is. `key` and `export` are written by the log itself.")
    at: AwareDatetime = Field(description="When it was said, by the clock of whoever logged it.")
    subject: str = Field(
        min_length=1,
        max_length=LONGEST_SUBJECT,
        description="Id of what it is about, such as that of a case. No name of a person.",
    )
    body: dict[str, Any] = Field(description="What is said.")


def _now() -> datetime:
    """The time, as an entry can say it."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


@dataclass(frozen=True, slots=True)
class Entry:
    """What is put on record. kind: of what kind; subject: the id of what it is about, such as that
    of a case; body: what is said, a JSON object; at: when, to the millisecond.

    data: the bytes that are logged. The same entry has the same bytes, since keys are sorted; they
    are kept as they are and never made anew, so nothing rests on a canonical form.

    What is in a log stays in it: names and texts of people belong into commitments.
    Raises `UsageError` where it cannot be logged.
    """

    kind: Kind
    subject: str
    body: Mapping[str, Any]
    at: datetime = field(default_factory=_now)
    data: bytes = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "data", self._written())

    @classmethod
    def parsed(cls, data: bytes) -> Entry:
        """Reads an entry. Raises `ValueError` that says why it is none."""
        try:
            found = _Written.model_validate_json(data)
        except ValidationError as error:
            raise ValueError(sentence(error.errors()[0], _Written)) from None
        return cls(found.kind, found.subject, found.body, found.at)

    def _written(self) -> bytes:
        if self.kind not in KINDS:
            raise UsageError(f"{self.kind}: is no kind of entry; there are {', '.join(KINDS)}")
        if not 0 < len(self.subject) <= LONGEST_SUBJECT:
            raise UsageError(f"the subject of an entry has 1 to {LONGEST_SUBJECT} characters")
        if self.at.tzinfo is None:
            raise UsageError(f"{self.subject}: the time of an entry has a zone")
        when = self.at.astimezone(UTC).isoformat(timespec="milliseconds")
        try:
            body, subject = _encoded(dict(self.body)), _encoded(self.subject)
            text = (
                f'{{"at":"{when}","body":{body},"kind":"{self.kind}","schema":"{SCHEMA_ID}",'
                f'"subject":{subject}}}'
            )
            data = text.encode()
        except (TypeError, ValueError, RecursionError) as error:
            raise UsageError(f"{self.subject!r}: is no JSON that can be logged: {error}") from None
        if len(data) > LONGEST:
            raise UsageError(
                f"{self.subject}: an entry has at most {LONGEST:,} bytes, this one {len(data):,}; "
                "log the SHA-256 of what is longer"
            )
        return data


def json_schema() -> dict[str, Any]:
    """JSON Schema of an entry."""
    return _Written.model_json_schema(by_alias=True)


def prefixed(data: bytes) -> bytes:
    """An entry as it stands in a bundle: after its length, in 16 bits (section Log entries)."""
    return len(data).to_bytes(2) + data


def unpacked(bundle: bytes) -> list[bytes]:
    """The entries of a bundle. Raises `ValueError` where it does not end with one."""
    entries, at = [], 0
    while at < len(bundle):
        start = at + 2
        at = start + int.from_bytes(bundle[at:start])
        entries.append(bundle[start:at])
    if at != len(bundle):
        raise ValueError("ends amid an entry")
    return entries
