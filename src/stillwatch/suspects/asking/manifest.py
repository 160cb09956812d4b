"""What a folder of transcripts is of: who was asked what, and how."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stillwatch.durable import replaced
from stillwatch.errors import NoInputError, UsageError
from stillwatch.suspects.asking.endpoint import Api, Endpoint
from stillwatch.suspects.asking.prompts import Prompts
from stillwatch.version import __version__

NAME = "manifest.json"
SOFTWARE = f"stillwatch {__version__}"


class Manifest(BaseModel):
    """Written once, before anything is asked; the chain of the transcript begins with its hash."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_id: Literal["stillwatch.asking/1"] = Field(default="stillwatch.asking/1", alias="schema")
    url: str
    model: str
    api: Api
    prompts: str
    """SHA-256 of the file of prompts."""
    samples: int
    temperature: float
    max_tokens: int
    begun: datetime
    software: str

    def differences(self, other: Manifest) -> list[str]:
        """In what another asks for something else, in words."""
        mine, theirs = self._asked(), other._asked()
        return [
            f"{name.replace('_', '-')}: {mine[name]!r} before, {theirs[name]!r} now"
            for name in mine
            if mine[name] != theirs[name]
        ]

    def _asked(self) -> dict[str, object]:
        return self.model_dump(exclude={"schema_id", "begun", "software"})


def manifest(
    endpoint: Endpoint, prompts: Prompts, samples: int, temperature: float, max_tokens: int
) -> Manifest:
    """The manifest of an asking that begins now. Raises `UsageError` for what makes no sense."""
    if samples < 1:
        raise UsageError(f"samples: {samples}; at least 1 of each prompt")
    if not 0 <= temperature <= 2:
        raise UsageError(f"temperature: {temperature:g}; from 0 to 2")
    if max_tokens < 1:
        raise UsageError(f"max-tokens: {max_tokens}; at least 1")
    if endpoint.api == "completions":
        for line, prompt in prompts.by_line.items():
            if not isinstance(prompt, str):
                raise UsageError(f"{prompts.path}:{line}: completions take no messages; ask chat")
    return Manifest(
        url=endpoint.url,
        model=endpoint.model,
        api=endpoint.api,
        prompts=prompts.sha256,
        samples=samples,
        temperature=temperature,
        max_tokens=max_tokens,
        begun=datetime.now(UTC),
        software=SOFTWARE,
    )


def write(folder: Path, made: Manifest) -> None:
    """Puts the manifest in place."""
    with replaced(folder / NAME) as fresh:
        fresh.write_text(made.model_dump_json(by_alias=True, indent=1) + "\n", "utf-8")


def read(folder: Path) -> tuple[Manifest, str]:
    """The manifest of a folder, and the SHA-256 of its bytes.

    Raises `NoInputError` where there is none, or it is damaged.
    """
    path = folder / NAME
    try:
        data = path.read_bytes()
        return Manifest.model_validate_json(data), hashlib.sha256(data).hexdigest()
    except OSError as error:
        raise NoInputError(
            f"{folder}: holds no transcripts: {NAME} cannot be read: {error.strerror}"
        ) from error
    except ValidationError as error:
        raise NoInputError(
            f"{path}: no manifest of stillwatch.asking/1, or it was changed: "
            f"{error.errors()[0]['msg']}"
        ) from error
