"""`proof.json`: entries of a log, and all that is needed to verify them but the key."""

from __future__ import annotations

from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

SCHEMA_ID: Final = "stillwatch.proof/1"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Included(_Part):
    """An entry, and the way from it to the root."""

    index: int = Field(ge=0, description="Which entry of the log it is, from 0.")
    entry: str = Field(description="The entry, as it was logged.")
    path: tuple[str, ...] = Field(
        description="Inclusion proof (RFC 9162, 2.1.3), hashes in base64, from the leaf up."
    )


class Since(_Part):
    """That the log is the one that was signed earlier, and more."""

    checkpoint: str = Field(description="The earlier checkpoint, a signed note.")
    path: tuple[str, ...] = Field(
        description="Consistency proof (RFC 9162, 2.1.4), hashes in base64."
    )


class Document(_Part):
    """A proof."""

    schema_id: Literal["stillwatch.proof/1"] = Field(
        alias="schema", description="Form of the proof, and its version."
    )
    origin: str = Field(description="Name of the log.")
    key: str = Field(
        description="Name and id of the key that signed; the key itself is given apart."
    )
    checkpoint: str = Field(description="What was signed (c2sp.org/tlog-checkpoint).")
    handovers: tuple[str, ...] = Field(
        description="Notes by which each key of the log named the next, first to last."
    )
    entries: tuple[Included, ...] = Field(
        min_length=1, description="By index; the last says that this proof was made, and of what."
    )
    since: Since | None = Field(description="That an earlier checkpoint became this one.")

    def written(self) -> bytes:
        """The file. There is one way to write it, so that no byte of it can be another."""
        return self.model_dump_json(by_alias=True, indent=1).encode() + b"\n"


def json_schema() -> dict[str, Any]:
    """JSON Schema of `proof.json`."""
    return Document.model_json_schema(by_alias=True)
