"""What a suspect said, as token ids of the teacher: texts collected from it, and transcripts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from stillwatch.errors import UsageError
from stillwatch.marks.texts import texts
from stillwatch.marks.tokenizer import Tokenizer
from stillwatch.marks.windows import Tokens
from stillwatch.suspects.asking import answers, is_transcript


@dataclass(frozen=True, slots=True)
class Said:
    """asked: the texts of the prompt, tokens apart for each; said: the answer alone.

    A model that repeats its prompt says what it did not learn: windows of `asked` tell nothing
    where they come again in `said`.
    """

    asked: tuple[Tokens, ...]
    said: Tokens


def transcribed(folder: Path, tokenizer: Tokenizer) -> Iterator[Said]:
    """The answers in a folder of transcripts, beside what was asked.

    Raises
    ------
    NoInputError
        The folder holds no transcript.
    FormatError
        It was changed since it was sealed, or is not sealed.
    """
    for answer in answers(folder):
        yield Said(tuple(map(tokenizer, answer.asked)), tokenizer(answer.said))


def said(paths: Sequence[str], tokenizer: Tokenizer | None = None) -> Iterator[Said]:
    """What a suspect said, in texts and in folders of transcripts; of texts nobody knows what was
    asked.

    paths: such folders, and what `stillwatch.marks.texts.texts` reads. Raises what it raises, and
    `UsageError` where a transcript comes without a tokenizer.
    """
    for path in paths:
        folder = Path(path).expanduser()
        if not is_transcript(folder):
            for text in texts([path], tokenizer):
                yield Said((), text)
            continue
        if tokenizer is None:
            raise UsageError(
                f"{path}: a transcript is text: name the tokenizer of the model that marked, with "
                "--tokenizer"
            )
        yield from transcribed(folder, tokenizer)


def tokens(paths: Sequence[str], tokenizer: Tokenizer | None = None) -> Iterator[Tokens]:
    """As `said`, without what was asked."""
    for one in said(paths, tokenizer):
        yield one.said
