"""`stillwatch suspect ask` and `verify`: transcripts of an endpoint, and whether they are whole."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from stillwatch.errors import UsageError
from stillwatch.moments import duration
from stillwatch.plural import plural
from stillwatch.printing import plain, progress_bar

if TYPE_CHECKING:
    from stillwatch.suspects.asking import Gathered


def ask(
    prompts: Annotated[
        Path,
        typer.Argument(help='JSON Lines of {"prompt": "..."} or {"messages": [...]}.'),
    ],
    endpoint: Annotated[str, typer.Option(help="Base URL, as https://host/v1.")],
    model: Annotated[str, typer.Option(help="Its name, as the endpoint calls it.")],
    out: Annotated[Path, typer.Option(help="Directory for the transcript.")],
    requests: Annotated[int, typer.Option(help="Budget: requests, over all runs.")],
    output_tokens: Annotated[
        int | None, typer.Option(help="Budget: tokens answered, over all runs.")
    ] = None,
    key_from: Annotated[
        str | None, typer.Option(help="Environment variable with the key; none is sent without.")
    ] = None,
    api: Annotated[str, typer.Option(help="chat or completions.")] = "chat",
    samples: Annotated[int, typer.Option(help="Answers wanted to each prompt.")] = 1,
    temperature: Annotated[float, typer.Option(help="Sent with each request.")] = 1.0,
    max_tokens: Annotated[int, typer.Option(help="Tokens of the longest answer.")] = 512,
    rate: Annotated[float, typer.Option(help="Requests a second.")] = 2.0,
    at_once: Annotated[int, typer.Option(help="Requests that wait together.")] = 4,
    timeout: Annotated[str, typer.Option(help="For a whole answer.")] = "2m",
) -> None:
    """Ask a suspect's OpenAI-compatible endpoint, and seal what it answers."""
    from stillwatch.suspects import asking

    with progress_bar(Console(stderr=True, highlight=False, emoji=False)) as progress:
        gathered = asking.ask(
            asking.Endpoint(endpoint, model, asking.known(api), asking.key_from(key_from)),
            prompts,
            out,
            asking.Budget(requests, output_tokens),
            samples=samples,
            temperature=temperature,
            max_tokens=max_tokens,
            pace=asking.Pace(rate, at_once, duration("--timeout", timeout).total_seconds()),
            progress=progress,
        )
    _print(Console(highlight=False, emoji=False), gathered, out, requests, output_tokens)


def verify(
    folder: Annotated[Path, typer.Argument(help="Directory of a transcript.")],
    head: Annotated[
        str | None, typer.Option(help="Head that was told to somebody earlier; it must be there.")
    ] = None,
) -> None:
    """Say whether a transcript is as it was written. Ends with 4 where it is not."""
    from stillwatch.suspects import asking

    if head is not None and re.fullmatch("[0-9a-fA-F]{64}", head) is None:
        raise UsageError(f"--head {head!r}: a head has 64 hexadecimal digits, all of them")
    if folder.is_file():
        raise UsageError(f"{folder}: is a file; name the folder that `suspect ask` wrote")
    found = asking.check(folder, head)
    console = Console(highlight=False, emoji=False)
    console.print(
        f"{plain(folder)}: {plural(found.lines, 'line')}, unbroken and sealed; "
        f"{plural(found.answered, 'answer')}, {plural(found.refused, 'refusal')}, "
        f"{plural(found.failed, 'failure')}."
    )
    if found.told is not None:
        console.print(f"The head that was told is that of line {found.told:,}.")
    console.print(f"Head: {found.head}", soft_wrap=True)


def _print(
    console: Console, gathered: Gathered, out: Path, requests: int, tokens: int | None
) -> None:
    refused = f", {gathered.refused:,} refused" if gathered.refused else ""
    console.print(
        f"{gathered.answered:,} of {plural(gathered.questions, 'question')} answered{refused}; "
        f"{gathered.ended}."
    )
    of_tokens = f" of {tokens:,}" if tokens is not None else ""
    console.print(
        f"Spent: {gathered.requests:,} of {plural(requests, 'request')}, "
        f"{gathered.output_tokens:,}{of_tokens} output tokens."
    )
    if gathered.last_failure is not None:
        console.print(
            f"{plural(gathered.left, 'question')} left, some without a usable answer after several "
            f"tries, the last: {plain(gathered.last_failure)}. The same command asks them again."
        )
    elif gathered.trouble is not None:
        console.print(f"The last that was no answer: {plain(gathered.trouble)}")
    console.print(
        f"{plain(out)}: {plural(gathered.lines, 'line')}. Tell the head to somebody who can vouch "
        "for the day:"
    )
    console.print(gathered.head, soft_wrap=True)
