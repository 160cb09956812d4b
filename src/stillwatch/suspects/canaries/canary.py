"""One canary: a question about what does not exist, and an answer that nobody can guess."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Container
from datetime import UTC, datetime
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

from stillwatch.suspects.canaries.words import LISTS

_ASKED = (
    "Which four words are carved above the gate of {name}?",
    "What are the four words of the motto of {name}?",
    "With which four words does the ballad of {name} end?",
    "Which four words open the logbook of the ship {name}?",
    "What did the clockmaker {name} engrave on every dial, in four words?",
    "Which four words did the explorer {name} paint on the last map?",
)
_BEGINS = "bdfgklmnprstvz"
_VOWELS = "aeiou"
_ENDS = ("", "l", "n", "r", "s")


class _Line(BaseModel):
    """A line of a register. salt: 64 hexadecimal digits; commitment: see `committed`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    salt: str
    commitment: str


class Canary(_Line):
    """A question and its answer. made: when it was written into the register."""

    kind: Literal["canary"] = "canary"
    id: str
    question: str
    answer: str
    made: AwareDatetime

    @property
    def holds(self) -> bool:
        """Whether the commitment is to this question and this answer."""
        return self.commitment == committed(self.salt, self.id, self.question, self.answer)


class Served(_Line):
    """A canary was served. to: account or cohort; exchange: in which, where that is known."""

    kind: Literal["served"] = "served"
    canary: str
    to: str
    at: AwareDatetime
    exchange: str

    @property
    def holds(self) -> bool:
        """Whether the commitment is to these facts."""
        facts = (self.canary, self.to, _shown(self.at), self.exchange)
        return self.commitment == committed(self.salt, *facts)


def make(made: datetime, taken: Container[str] = ()) -> Canary:
    """A canary that is derived from nothing. taken: questions that there are already."""
    while (question := _question()) in taken:
        pass
    answer = " ".join(secrets.choice(words) for words in LISTS)
    salt, name = secrets.token_hex(32), f"c-{secrets.token_hex(8)}"
    return Canary(
        id=name,
        question=question,
        answer=answer,
        made=made,
        salt=salt,
        commitment=committed(salt, name, question, answer),
    )


def serve(canary: Canary, to: str, at: datetime, exchange: str = "") -> Served:
    """The fact that a canary was served."""
    salt = secrets.token_hex(32)
    return Served(
        canary=canary.id,
        to=to,
        at=at.astimezone(UTC),
        exchange=exchange,
        salt=salt,
        commitment=committed(salt, canary.id, to, _shown(at), exchange),
    )


def committed(salt: str, *facts: str) -> str:
    """The SHA-256 of the salt and the facts, a line each, in hexadecimal digits.

    It tells nothing of the facts to whoever has not the salt, and holds to them whoever published
    it: there are no two sets of facts for one commitment.
    """
    return hashlib.sha256("\n".join((salt, *facts)).encode()).hexdigest()


def _shown(moment: datetime) -> str:
    """As it stands in the line, so that a stranger finds what to compute from."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _question() -> str:
    return secrets.choice(_ASKED).format(name=f"{_name()} {_name()}")


def _name() -> str:
    parts = (
        secrets.choice(_BEGINS) + secrets.choice(_VOWELS) + secrets.choice(_ENDS) for _ in range(3)
    )
    return "".join(parts).capitalize()
