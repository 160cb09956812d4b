"""`stillwatch marks custody`: who had which key, and whether the log of it is whole."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from stillwatch.cli_keys import By, OtherMaster, Why, master_key
from stillwatch.errors import InputError, NoInputError, TamperedError, UsageError
from stillwatch.plural import plural
from stillwatch.printing import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stillwatch.marks.chain import Content, Head
    from stillwatch.marks.custody import Entry

app = typer.Typer(no_args_is_help=True, help="The custody log: who used which key, and when.")
Log = Annotated[Path, typer.Argument(help="The log beside a master key, or a copy of it.")]
SHOWN = 3
"""Keys of an entry that are printed; the file has all."""


@app.command()
def show(
    log: Log,
    of: Annotated[
        str | None, typer.Option(help="Only who had the key of this path; needs --master.")
    ] = None,
    master: OtherMaster = None,
    by: By = None,
    why: Why = None,
) -> None:
    """Show who used which keys, when and what for."""
    console = Console(highlight=False, emoji=False)
    if of is None:
        console.print(_table(_read(log).lines))
        return
    if master is None:
        raise UsageError("--of: only the master can tell whose a pseudonym is; name it, --master")
    found = master_key(master, by, why).uses(of, log)
    if not found:
        console.print(f"Nobody had the key of {plain(of)}, by this log.")
        return
    console.print(_table(found))
    if any(one.endswith("/*") for entry in found for one in entry.keys):
        console.print("Of many keys the log names the deployments only: /* may be it or not.")


@app.command()
def verify(
    log: Log,
    master: OtherMaster = None,
    head: Annotated[
        str | None, typer.Option(help="What was printed then: the log must have gone through it.")
    ] = None,
    by: By = None,
    why: Why = None,
) -> None:
    """Say whether a log is as it was written."""
    wanted = None if head is None else _head(head)
    content = _read(log) if master is None else master_key(master, by, why).audited(log)
    if wanted is not None and not content.went_through(wanted):
        raise TamperedError(
            f"{log}: never had the head {wanted}. It ends at {content.head}: its end was cut off, "
            "or it was written anew"
        )
    if not content.lines:
        raise InputError(f"{log}: holds no entry; is it the log?")
    unlogged = 0 if master is None else master_key(master, by, why).unlogged(content)
    _print(Console(highlight=False, emoji=False), log, content, master is not None, unlogged)


def _read(log: Path) -> Content[Entry]:
    from stillwatch.marks import custody

    if not log.is_file():
        raise NoInputError(f"{log}: there is no such log")
    return custody.at(log).read()


def _head(text: str) -> Head:
    from stillwatch.marks.chain import Head

    found = re.fullmatch(r"([0-9]{1,12}):([0-9a-f]{64})", text.strip())
    if found is None:
        raise UsageError(f"--head {text!r}: a number, a colon and 64 hexadecimal digits")
    return Head(int(found[1]), found[2])


def _print(
    console: Console, log: Path, content: Content[Entry], sealed: bool, unlogged: int
) -> None:
    from stillwatch.marks.chain import TORN

    entries = plural(len(content.lines), "entry", "entries")
    if unlogged:
        console.print(
            f"{entries}, each sealed by this master. But of {plural(unlogged, 'change')} of the "
            "register it has none: it is an older copy, or entries were cut off its end, or could "
            "not be written then. Compare it with another copy."
        )
    elif sealed:
        console.print(f"Whole: {entries}, each sealed by this master; the register is as they say.")
    else:
        console.print(
            f"Whole: {entries}, each bound to the one before. The last is bound to nothing, and "
            "who has the master can write another log: --master checks the seals."
        )
    if content.lines and content.lines[0].purpose != "new":
        console.print(
            "It does not begin with the making of the master: the log before it is elsewhere, or "
            "the master is older than the log."
        )
    if content.unfinished:
        console.print("A line at its end was never finished. Its key was not handed out.")
    if log.with_name(log.name + TORN).exists():
        console.print(f"Lines that were never finished are in {plain(log.name + TORN)}.")
    console.print(f"Head: {content.head}", soft_wrap=True)
    console.print("Tell it to somebody outside: a log that was cut off is whole, only shorter.")


def _table(entries: Iterable[Entry]) -> Table:
    table = Table()
    for name in ("when (UTC)", "who", "what for", "keys", "why"):
        table.add_column(name, overflow="fold")
    for one in entries:
        who = f"{one.user}@{one.host}" + (f", as {one.name}" if one.name else "")
        what = one.purpose if one.to is None else f"{one.purpose} to the examiner {one.to}"
        keys = ", ".join(one.keys[:SHOWN]) + (", ..." if len(one.keys) > SHOWN else "")
        many = f" ({one.count:,})" if one.count > 1 else ""
        table.add_row(
            f"{one.at:%Y-%m-%d %H:%M:%S}",
            plain(who),
            what,
            plain(keys) + many,
            plain(one.why or ""),
        )
    return table
