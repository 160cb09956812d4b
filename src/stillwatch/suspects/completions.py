"""What models answered, from files: a prompt and a completion a line, several to a prompt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from stillwatch.errors import FormatError, NoInputError
from stillwatch.suspects.asking import answers, is_transcript
from stillwatch.traffic import RecordError, sources
from stillwatch.traffic.compression import chunks
from stillwatch.traffic.documents import documents

Completions = Mapping[str, Sequence[str]]
"""Prompt to what was answered, in the order of the file."""

_HOW = 'write {"prompt": "...", "completion": "..."}, one answer a line'


def completions(paths: Sequence[str]) -> dict[str, list[str]]:
    """The answers in JSON Lines files (packed or not), folders, globs, and folders of transcripts,
    by their prompts. Of a transcript a prompt is all the texts that were sent, a line apart.

    Raises
    ------
    NoInputError
        A path leads to nothing, or no file holds an answer.
    FormatError
        With the file and the line of what is no prompt with its completion; a transcript is not
        as it was sealed.
    """
    found: dict[str, list[str]] = {}
    folders = [path for path in paths if is_transcript(Path(path).expanduser())]
    for folder in folders:
        for answer in answers(Path(folder).expanduser()):
            found.setdefault("\n".join(answer.asked), []).append(answer.said)
    files = [path for path in paths if path not in folders]
    for source in sources(files) if files else ():
        for line, value in documents(chunks(source)):
            if isinstance(value, RecordError):
                raise FormatError(f"{source.path}:{line}: {value}; {_HOW}")
            prompt, completion = _pair(value)
            if not prompt or completion is None:
                missing = "completion" if prompt else "prompt"
                raise FormatError(f"{source.path}:{line}: {missing} is no text; {_HOW}")
            found.setdefault(prompt, []).append(completion)
    if not found:
        raise NoInputError(f"{', '.join(paths)}: there are no answers in it; {_HOW}")
    return found


def common(answered: Iterable[Completions], fewest: int = 1) -> list[str]:
    """The prompts that all were asked and answered `fewest` times or more, sorted."""
    asked = [{p for p, given in one.items() if len(given) >= fewest} for one in answered]
    return sorted(set.intersection(*asked))


def _pair(value: object) -> tuple[str, str | None]:
    if not isinstance(value, dict):
        return "", None
    prompt, completion = value.get("prompt"), value.get("completion")
    return (
        prompt if isinstance(prompt, str) else "",
        completion if isinstance(completion, str) else None,
    )
