"""What a suspect is asked: a prompt, or a conversation, a line of a file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stillwatch.errors import FormatError, NoInputError

_HOW = 'write {"prompt": "..."} or {"messages": [{"role": "user", "content": "..."}]}, one a line'

Prompt = str | tuple[dict[str, str], ...]
"""Text, or messages with `role` and `content`."""


@dataclass(frozen=True, slots=True)
class Question:
    """prompt: which line of the file, from 1; sample: the how-manieth time it is asked, from 1."""

    prompt: int
    sample: int


@dataclass(frozen=True, slots=True)
class Prompts:
    """The prompts of a file, by line. sha256: of the file."""

    path: str
    sha256: str
    by_line: dict[int, Prompt]

    def questions(self, samples: int) -> Iterator[Question]:
        """All that is asked: every prompt once, then every prompt again."""
        for sample in range(1, samples + 1):
            for line in self.by_line:
                yield Question(line, sample)


def read(path: Path) -> Prompts:
    """The prompts of a JSON Lines file.

    Raises
    ------
    NoInputError
        There is no file, or nothing in it.
    FormatError
        With the line of what is no prompt.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise NoInputError(f"{path}: cannot be read: {error.strerror}") from error
    # Not `splitlines`: JSON may have other line ends inside a text.
    lines = enumerate(data.split(b"\n"), 1)
    found = {n: _prompt(f"{path}:{n}", line) for n, line in lines if line.strip()}
    if not found:
        raise NoInputError(f"{path}: no prompt in it; {_HOW}")
    return Prompts(str(path), hashlib.sha256(data).hexdigest(), found)


def _prompt(place: str, line: bytes) -> Prompt:
    try:
        found = json.loads(line.decode())
        # Half a surrogate pair is JSON, and cannot be sent.
        json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise FormatError(f"{place}: no JSON in UTF-8; {_HOW}") from error
    if isinstance(found, dict) and len(found) == 1:
        match found:
            case {"prompt": str(text)} if text:
                return text
            case {"messages": [_, *_] as messages} if all(map(_is_message, messages)):
                return tuple(messages)
    raise FormatError(f"{place}: no prompt; {_HOW}")


def _is_message(found: Any) -> bool:
    return (
        isinstance(found, dict)
        and set(found) == {"role", "content"}
        and all(isinstance(value, str) for value in found.values())
    )
