"""The command line of hunts: ask, and print what was found."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from stillwatch.cli_options import Since, Until
from stillwatch.moments import moment
from stillwatch.plural import plural
from stillwatch.printing import plain, progress_bar, span

if TYPE_CHECKING:
    from stillwatch.hunts import First
    from stillwatch.hunts.document import Answer, Hunt, Searched

SHOWN = 40
"""Rows of a table on a terminal; `--json` has all."""
FEW = 10
"""Accounts of each indicator where there are several, and first sights told while it works."""
TABLES = 5
"""Indicators whose accounts are listed; beyond, only those of several and the counts."""

NAMED = 8
"""Runs of numbers of indicators beside an account that matches several."""


def hunt(
    indicators: Annotated[
        list[str],
        typer.Argument(
            metavar="INDICATOR",
            help="What to look for, as kind:value. Kinds: account, organization, credential, "
            "network, gateway, address (or a range), payment, agent, tls, template, near, rule, "
            "stix, campaign.",
        ),
    ],
    scans: Annotated[
        list[Path], typer.Option("--in", help="Output directory of a scan; give it for each.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(help="Directory for hunt.json, accounts.parquet and exchanges.parquet."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print hunt.json instead of tables.")
    ] = False,
    since: Since = None,
    until: Until = None,
    settings: Annotated[
        Path | None, typer.Option("--config", help="Settings, of which `memory` is used.")
    ] = None,
) -> None:
    """Look for indicators in the sketches of earlier scans: who, when, how much."""
    from stillwatch import config
    from stillwatch.hunts import hunt as find

    errors = Console(stderr=True, highlight=False, emoji=False)
    with progress_bar(errors) as progress:
        found = find(
            indicators,
            scans,
            since=moment("--since", since),
            until=moment("--until", until),
            out=out,
            memory=config.load(settings).memory,
            progress=progress,
            first=_teller(errors),
        )
    if as_json:
        sys.stdout.write(found.document.model_dump_json(by_alias=True, indent=2) + "\n")
    else:
        _print(Console(highlight=False, emoji=False), found.document)


def _teller(console: Console) -> Callable[[First], None]:
    """Prints what is seen first of each indicator; of many, of the first few."""
    told = 0

    def tell(first: First) -> None:
        nonlocal told
        told += 1
        if told <= FEW:
            when = f", last at {_time(first.last)}" if first.last else ""
            console.print(
                f"{plain(first.indicator)}: {plural(first.exchanges, 'exchange')} of "
                f"{plural(first.accounts, 'account')} so far{when}",
                soft_wrap=True,
            )

    return tell


def _print(console: Console, found: Hunt) -> None:
    _print_searched(console, found.searched)
    if len(found.answers) > 1:
        console.print(_summary(found.answers))
    seen = [answer for answer in found.answers if answer.exchanges]
    if found.several:
        console.print(_several(found))
    for answer in found.answers if len(found.answers) == 1 else seen[:TABLES]:
        _print_answer(console, answer, SHOWN if len(found.answers) == 1 else FEW)
    if len(found.answers) > 1 and len(seen) > TABLES:
        console.print(f"The accounts of {len(seen) - TABLES} more are in --json and --out.")
    if found.set_aside:
        console.print("Not looked for:")
        for one in found.set_aside[:SHOWN]:
            console.print(f"  {plain(one.indicator)}: {plain(one.reason)}", soft_wrap=True)
        if len(found.set_aside) > SHOWN:
            console.print(f"  and {len(found.set_aside) - SHOWN:,} more; --json has all")


def _print_searched(console: Console, searched: Searched) -> None:
    sketches = plural(searched.sketches, "sketch", "sketches")
    console.print(
        f"Searched {sketches} of {plural(searched.days, 'day')} "
        f"({span(searched.first_day, searched.last_day)}), from {plural(searched.logs, 'log')} "
        f"in {plural(searched.scans, 'scan')}.",
        soft_wrap=True,
    )
    if searched.stale_logs:
        console.print(
            f"Left out {plural(searched.stale_logs, 'log')} that another release sketched; scan "
            "again to search them."
        )
    for one in searched.missing:
        theirs = plural(one.sketches, "sketch", "sketches")
        console.print(
            f"Without {one.column}: {one.logs:,} of {plural(searched.logs, 'log')} "
            f"({theirs}, {span(one.first_day, one.last_day)}).",
            soft_wrap=True,
        )


def _summary(answers: Sequence[Answer]) -> Table:
    table = Table(title=f"Indicators{_more(len(answers))}", title_justify="left")
    table.add_column("", justify="right")
    table.add_column("indicator", overflow="fold")
    for name in ("exchanges", "accounts"):
        table.add_column(name, justify="right")
    table.add_column("first")
    table.add_column("last")
    told = any(map(_what, answers))
    if told:
        table.add_column("what it is")
    # What was seen comes first where not all have room.
    numbered = sorted(enumerate(answers, 1), key=lambda each: not each[1].exchanges)
    for number, one in sorted(numbered[:SHOWN], key=lambda each: each[0]):
        counts = (one.exchanges, one.account_count)
        row = [plain(number), plain(one.indicator), *map(plain, counts)]
        row += [_time(one.first), _time(one.last)]
        table.add_row(*row, *([_what(one)] if told else []))
    return table


def _what(answer: Answer) -> str:
    ended = f"(expired {answer.valid_until:%Y-%m-%d})" if answer.expired else ""
    return plain(" ".join(part for part in (answer.title, ended) if part))


def _several(found: Hunt) -> Table:
    title = f"Accounts that match several{_more(len(found.several))}"
    table = Table(title=title, title_justify="left")
    table.add_column("account", overflow="fold")
    for name in ("indicators", "exchanges", "of all"):
        table.add_column(name, justify="right")
    for name in ("first", "last", "which"):
        table.add_column(name)
    numbers = {answer.indicator: number for number, answer in enumerate(found.answers, 1)}
    for one in found.several[:SHOWN]:
        counts = (len(one.indicators), one.matched, one.exchanges)
        which = _runs([numbers[name] for name in one.indicators])
        times = (_time(one.first), _time(one.last))
        table.add_row(plain(one.account), *map(plain, counts), *times, which)
    return table


def _runs(numbers: Sequence[int]) -> str:
    """Ascending numbers, those that follow each other as one, and how many have no room.

    >>> _runs([1, 2, 3, 5, 6])
    '1-3, 5, 6'
    """
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    told = [f"{r[0]}-{r[-1]}" if len(r) > 2 else ", ".join(map(str, r)) for r in runs[:NAMED]]
    more = sum(map(len, runs[NAMED:]))
    return ", ".join(told) + (f" and {more:,} more" if more else "")


def _print_answer(console: Console, answer: Answer, shown: int) -> None:
    title = f" ({plain(answer.title)})" if answer.title else ""
    counts = f"{plural(answer.exchanges, 'exchange')} of {plural(answer.account_count, 'account')}"
    told = f"{plain(answer.indicator)}{title}: {counts}"
    if answer.valid_from and answer.exchanges_before_start:
        begun = f"{answer.valid_from:%Y-%m-%d}"
        told += f"; {answer.exchanges_before_start:,} of them before {begun}, when it begins"
    if answer.exchanges_before_end is not None:
        told += f"; expired, with {answer.exchanges_before_end:,} of them before it did"
    console.print(f"{told}.", soft_wrap=True)
    for one in answer.likeness:
        console.print(
            f"  {one.bands} of 4 bands in common, Jaccard index about {one.jaccard:.2f}: "
            f"{plural(one.exchanges, 'exchange')}"
        )
    if answer.accounts:
        console.print(_accounts(answer, shown))


def _accounts(answer: Answer, shown: int) -> Table:
    title = f"Accounts{_more(answer.account_count, shown)}"
    table = Table(title=title, title_justify="left")
    table.add_column("account", overflow="fold")
    for name in ("exchanges", "of all"):
        table.add_column(name, justify="right")
    table.add_column("first")
    table.add_column("last")
    tokens = answer.output_tokens is not None
    if tokens:
        table.add_column("output tokens", justify="right")
    if answer.likeness:
        table.add_column("bands", justify="right")
    for one in answer.accounts[:shown]:
        row = [plain(one.account), plain(one.matched), plain(one.exchanges)]
        row += [_time(one.first), _time(one.last)]
        row += [_known(one.output_tokens)] if tokens else []
        row += [_known(one.bands)] if answer.likeness else []
        table.add_row(*row)
    return table


def _known(value: int | None) -> str:
    return "" if value is None else plain(value)


def _time(time: datetime | None) -> str:
    return f"{time:%Y-%m-%d %H:%M}" if time else ""


def _more(number: int, shown: int = SHOWN) -> str:
    return f", {shown} of {number:,}; --json has all" if number > shown else ""
