"""What a suspect answered, read from a sealed transcript."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from stillwatch.errors import FormatError
from stillwatch.suspects.asking import manifest
from stillwatch.suspects.asking.chain import TRANSCRIPT, Chain, check
from stillwatch.suspects.asking.completion import text
from stillwatch.suspects.asking.lines import Asked, Outcome
from stillwatch.suspects.asking.prompts import Question


@dataclass(frozen=True, slots=True)
class Answer:
    """asked: the texts of the prompt; said: the answer alone; line: of the transcript."""

    question: Question
    asked: tuple[str, ...]
    said: str
    line: int


def is_transcript(path: Path) -> bool:
    """Whether a path is a folder of transcripts."""
    return (path / manifest.NAME).is_file() and (path / TRANSCRIPT).is_file()


def answers(folder: Path) -> Iterator[Answer]:
    """The answers of a folder of transcripts, in the order in which they came.

    Raises
    ------
    NoInputError
        The folder holds no transcript.
    FormatError
        It was changed since it was sealed, or is not sealed; the message says in which line.
    """
    check(folder)
    there, _ = manifest.read(folder)
    asked: dict[int, Asked] = {}
    for line in Chain(folder).follow():
        if isinstance(line, Asked):
            asked[line.line] = line
        elif isinstance(line, Outcome):
            to = asked.pop(line.to, None)
            if line.what != "answered":
                continue
            try:
                if to is None:
                    raise ValueError("nothing asked for it")  # noqa: TRY301
                said = text(line.data, there.api)
            except ValueError as error:
                raise FormatError(
                    f"{folder / TRANSCRIPT}:{line.line}: no answer: {error}"
                ) from error
            yield Answer(to.question, _asked(to), said, line.line)


def _asked(line: Asked) -> tuple[str, ...]:
    request = line.request
    if "prompt" in request:
        return (str(request["prompt"]),)
    return tuple(str(message["content"]) for message in request["messages"])
