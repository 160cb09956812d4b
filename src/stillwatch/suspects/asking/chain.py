"""The chain of a transcript: whether every line is there, in its place, as it was written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stillwatch.errors import FormatError, NoInputError
from stillwatch.plural import plural
from stillwatch.suspects.asking import lines, manifest
from stillwatch.suspects.asking.lines import Line

TRANSCRIPT = "transcript.jsonl"
SEAL = "seal.json"
_GO_ON = (
    "whoever wrote it was killed, or is still at it: the command that asked, run again, puts it "
    "right"
)
_TOLD = 20
"""Things that are wrong which are told; a file that was rewritten has as many as lines."""


class Seal(BaseModel):
    """head: SHA-256 of the last line of a transcript when it was sealed; lines: how many it had."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_id: Literal["stillwatch.seal/1"] = Field(default="stillwatch.seal/1", alias="schema")
    head: str
    lines: int


@dataclass(slots=True)
class Chain:
    """The lines of a transcript, followed from the first to the last.

    Once it was gone through: count: lines; head: the hash of the last; torn: bytes behind it that
    are no whole line; at: the line of each hash that was asked for; problems: what is wrong.
    """

    folder: Path
    wanted: frozenset[str] = frozenset()
    count: int = 0
    head: str = ""
    whole: int = 0
    torn: int = 0
    at: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def follow(self) -> Iterator[Line]:
        """The lines that are lines. Raises `NoInputError` where there is no transcript."""
        _, self.head = manifest.read(self.folder)
        if self.head in self.wanted:
            self.at[self.head] = 0
        try:
            with (self.folder / TRANSCRIPT).open("rb") as file:
                for data in file:
                    if not data.endswith(b"\n"):
                        self.torn = len(data)
                        break
                    line = self._next(data[:-1])
                    self.whole += len(data)
                    if line is not None:
                        yield line
        except FileNotFoundError:
            return
        except OSError as error:
            raise NoInputError(
                f"{self.folder / TRANSCRIPT}: cannot be read: {error.strerror}"
            ) from error

    def _next(self, data: bytes) -> Line | None:
        self.count += 1
        before, self.head = self.head, hashlib.sha256(data).hexdigest()
        if self.head in self.wanted:
            self.at[self.head] = self.count
        try:
            line = lines.parsed(data)
        except ValueError:
            self.problems.append(f"line {self.count} was changed: it is no line of a transcript")
            return None
        if line.line > self.count:
            gap = f"line {self.count} is missing, or more"
            self.problems.append(f"{gap}: the line that stands there is line {line.line}")
        elif line.line < self.count:
            self.problems.append(
                f"line {self.count} is in the wrong place, or was put in: it is line {line.line}"
            )
        elif line.previous != before:
            first = "the manifest" if self.count == 1 else f"line {self.count - 1}"
            self.problems.append(f"{first} was changed, or line {self.count}: they do not fit")
        return line


@dataclass(frozen=True, slots=True)
class Verified:
    """What is to be said of a transcript.

    lines: how many there are; head: the hash of the last; answered, refused, failed: requests that
    ended so; told: the line that a head told earlier is of, None if none was asked for; broken:
    what was changed, in words; unfinished: what is no more than the work of a process that was
    killed or is still at it.
    """

    lines: int
    head: str
    answered: int
    refused: int
    failed: int
    told: int | None
    broken: tuple[str, ...]
    unfinished: tuple[str, ...]

    @property
    def problems(self) -> tuple[str, ...]:
        """All that is wrong; nothing where all is well."""
        return self.broken + self.unfinished


def verify(folder: Path, head: str | None = None) -> Verified:
    """Follows the chain of a transcript from its manifest to its seal.

    head: one that was told to somebody earlier; that it is no more in the chain is a problem.

    What it cannot see: that the whole folder was made anew, with the seal. Only a head that
    somebody else knows shows that.

    Raises
    ------
    NoInputError
        The folder holds no transcript, or its manifest is damaged.
    """
    seal, broken = _seal(folder)
    sealed_head = "" if seal is None else seal.head
    chain = Chain(folder, frozenset({sealed_head, (head or "").lower()}))
    counts = {"answered": 0, "refused": 0, "failed": 0}
    for line in chain.follow():
        if line.what in counts:
            counts[line.what] += 1
    broken += chain.problems
    unfinished = []
    if chain.torn:
        unfinished.append(f"line {chain.count + 1} is torn; {_GO_ON}")
    if seal is None:
        if not broken:
            unfinished.append(f"there is no seal; {_GO_ON}")
    elif seal.lines > chain.count:
        broken.append(
            f"the last lines are missing: the seal is of {seal.lines}, there are {chain.count}"
        )
    elif chain.at.get(seal.head) != seal.lines:
        broken.append(f"line {seal.lines} was changed, or the seal: they do not fit")
    elif seal.lines < chain.count:
        rest = plural(chain.count - seal.lines, "line")
        unfinished.append(f"after line {seal.lines} there is no seal for {rest}; {_GO_ON}")
    told = None if head is None else chain.at.get(head.lower())
    if head is not None and told is None:
        broken.append(f"no line has the hash {head}: what was there when it was told is not now")
    if len(broken) > _TOLD:
        broken[_TOLD:] = [f"and {plural(len(broken) - _TOLD, 'further thing')}"]
    return Verified(
        chain.count,
        chain.head,
        **counts,
        told=told,
        broken=tuple(broken),
        unfinished=tuple(unfinished),
    )


def check(folder: Path, head: str | None = None) -> Verified:
    """`verify`, for whoever goes on to use the transcript. Raises `FormatError` with problems."""
    found = verify(folder, head)
    if found.problems:
        raise FormatError(f"{folder}: " + f"\n{folder}: ".join(found.problems))
    return found


def _seal(folder: Path) -> tuple[Seal | None, list[str]]:
    path = folder / SEAL
    try:
        return Seal.model_validate_json(path.read_bytes()), []
    except FileNotFoundError:
        return None, []
    except OSError as error:
        raise NoInputError(f"{path}: cannot be read: {error.strerror}") from error
    except ValidationError as error:
        return None, [f"the seal was changed: {error.errors()[0]['msg']}"]
