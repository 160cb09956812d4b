"""The lines of a transcript: each thing that happened, and the hash of the line before it."""

from __future__ import annotations

import base64
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from stillwatch.suspects.asking.prompts import Question


class Chained(BaseModel):
    """What every line has."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    line: int = 0
    """Which line of the file it is, from 1."""
    previous: str = ""
    """SHA-256 of the bytes of the line before without its line end; of the manifest, in the first.
    """
    at: AwareDatetime | None = None
    """When it was written, UTC."""


class Begun(Chained):
    """A run begins. cut: bytes of a torn line that were cut off before."""

    what: Literal["begun"] = "begun"
    software: str
    requests: int
    output_tokens: int | None = None
    cut: int = 0


class Asked(Chained):
    """A request is about to be sent. request: its body, as JSON."""

    what: Literal["asked"] = "asked"
    prompt: int
    sample: int
    url: str
    request: dict[str, Any]

    @property
    def question(self) -> Question:
        """Which question this asks."""
        return Question(self.prompt, self.sample)


class Outcome(Chained):
    """What became of a request.

    to: the line that asked; why: what was wrong with it; status: of HTTP; headers: those that
    matter later; body: what came, as text, or in Base64 where it is no UTF-8; cut: that it was too
    long to be kept; blotted: that it held the key; peer, certificate: the server's address, and the
    SHA-256 of its certificate; seconds: from sending to the last byte; output_tokens: what it
    counts against the budget.
    """

    what: Literal["answered", "refused", "failed"]
    to: int
    why: str | None = None
    status: int | None = None
    headers: dict[str, str] = {}
    body: str = ""
    encoding: Literal["utf-8", "base64"] = "utf-8"
    cut: bool = False
    blotted: bool = False
    peer: str | None = None
    certificate: str | None = None
    seconds: float = 0.0
    output_tokens: int = 0

    @property
    def data(self) -> bytes:
        """The body as it came."""
        return self.body.encode() if self.encoding == "utf-8" else base64.b64decode(self.body)


class Ended(Chained):
    """A run ends, and why."""

    what: Literal["ended"] = "ended"
    why: str


Line = Begun | Asked | Outcome | Ended
_LINE: TypeAdapter[Line] = TypeAdapter(Annotated[Line, Field(discriminator="what")])


def parsed(data: bytes) -> Line:
    """A line of a transcript. Raises `ValueError` where it is none."""
    return _LINE.validate_json(data)


def text_of(body: bytes) -> tuple[str, Literal["utf-8", "base64"]]:
    """A body as a line holds it, and how."""
    try:
        return body.decode(), "utf-8"
    except UnicodeDecodeError:
        return base64.b64encode(body).decode(), "base64"
