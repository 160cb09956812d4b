"""`stillwatch evidence`: the log of what was known and decided; and `stillwatch verify`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from stillwatch import cli_timestamp
from stillwatch.cli_timestamp import contents
from stillwatch.errors import OutputError, UsageError
from stillwatch.plural import plural
from stillwatch.printing import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stillwatch.evidence import Checkpoint, Entry, Log

app = typer.Typer(
    no_args_is_help=True, help="A log of what was known and decided, that others can check."
)
app.add_typer(cli_timestamp.app, name="timestamp")
Directory = Annotated[Path, typer.Argument(metavar="LOG", help="Directory of the log.")]
KeyFile = Annotated[
    Path, typer.Option("--key", help="Public key of the log (log.vkey), got by a way of its own.")
]
By = Annotated[str | None, typer.Option("--as", help="Who you are, for the log; not checked.")]
Why = Annotated[str | None, typer.Option("--why", help="What for, for the log.")]
LONGEST = 120
"""Characters of what an entry says that are printed; the file has all."""


@app.command()
def new(
    log: Directory,
    origin: Annotated[
        str, typer.Option(help="Its name in all that is signed, such as provider.example/evidence.")
    ],
) -> None:
    """Make a log, and the key that signs for it."""
    from stillwatch.evidence import Log

    with Log.create(log, origin) as made:
        console = _console()
        console.print(f"A log is in {plain(log)}. Its key, to be given to whoever is to check:")
        console.print(plain(made.key), soft_wrap=True)


@app.command()
def add(
    log: Directory,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Files to register.")],
    subject: Annotated[str, typer.Option(help="What they are about, such as the id of a case.")],
    by: By = None,
    why: Why = None,
) -> None:
    """Register files by name, size and SHA-256. They stay where they are."""
    from stillwatch.evidence.documents import document

    entries = [document(path, subject, _said(by, why)) for path in files]
    with _open(log) as held:
        indices = held.append(entries)
        checkpoint = held.checkpoint()
    console = _console()
    for index, path in zip(indices, files, strict=True):
        console.print(f"{index}  {plain(path)}")
    _print_signed(console, checkpoint)


@app.command()
def show(
    log: Directory,
    subject: Annotated[str | None, typer.Option(help="Only entries about this.")] = None,
    last: Annotated[int | None, typer.Option(min=1, help="Only so many, the last.")] = None,
) -> None:
    """Show what is in a log, as far as it is signed."""
    from collections import deque

    from stillwatch.evidence import PUBLIC, PUBLIC_KEY, Reader, read_key

    reader = Reader(log / PUBLIC, read_key(log / PUBLIC_KEY))
    found = (one for one in reader.entries() if subject in (None, one[1].subject))
    console = _console()
    console.print(_table(deque(found, last)))
    _print_signed(console, reader.checkpoint)


@app.command()
def checkpoint(log: Directory) -> None:
    """Sign all that is in a log, and print the checkpoint, to be sent to a witness."""
    with _open(log) as held:
        signed = held.checkpoint()
    sys.stdout.write(signed.note.decode())


@app.command()
def prove(
    log: Directory,
    indices: Annotated[list[int], typer.Argument(metavar="INDEX...", help="Entries, from 0.")],
    out: Annotated[Path, typer.Option(help="File for the proof.")],
    since: Annotated[
        Path | None,
        typer.Option(help="A checkpoint of then: show that the log goes on from it, too."),
    ] = None,
    by: By = None,
    why: Why = None,
) -> None:
    """Write a file that proves entries to whoever has the key. That it was made is logged."""
    from stillwatch.durable import replaced
    from stillwatch.evidence.exports import export

    if out.exists():
        raise OutputError(f"{out}: is there already; a proof is never replaced")
    earlier = None if since is None else contents(since)
    with _open(log) as held:
        data = export(held, indices, _said(by, why), earlier)
    try:
        with replaced(out) as fresh:
            fresh.write_bytes(data)
    except OSError as error:
        raise OutputError(f"{out}: cannot be written: {error.strerror}") from error
    _console().print(f"{plain(out)}: {plural(len(set(indices)), 'entry', 'entries')}")


@app.command()
def consistent(
    earlier: Annotated[Path, typer.Argument(metavar="CHECKPOINT", help="What was signed then.")],
    public: Annotated[Path, typer.Argument(metavar="PUBLIC", help="Copy of the log's public/.")],
    key: KeyFile,
) -> None:
    """Say whether a log is still the one that a checkpoint was signed of."""
    from stillwatch.evidence import Reader, read_checkpoint, read_key

    reader = Reader(public, read_key(key))
    old = read_checkpoint(earlier, reader.keys)
    reader.goes_on_from(old)
    more = reader.checkpoint.size - old.size
    _console().print(
        f"The same log: the {plural(old.size, 'entry', 'entries')} of then are its first, "
        f"unchanged; {more:,} came after them."
    )


@app.command()
def rotate(log: Directory) -> None:
    """Make a new key for a log. The old one names it, and is deleted."""
    with _open(log) as held:
        made = held.rotate()
    console = _console()
    console.print("From now on this key signs; whoever has the old one is led to it:")
    console.print(plain(made), soft_wrap=True)


def verify(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="A proof, or a copy of public/.")],
    key: KeyFile,
) -> None:
    """Check a proof, or a whole log, with nothing but its public key."""
    from stillwatch.evidence import read_key

    given = read_key(key)
    console = _console()
    if path.is_dir():
        from stillwatch.evidence.audit import audited

        found = audited(path, given)
        kinds = ", ".join(f"{n:,} {kind}" for kind, n in sorted(found.kinds.items()))
        console.print(f"Whole: all files are as {found.keys[-1].label} signed them ({kinds}).")
        _print_signed(console, found.checkpoint)
        return
    from stillwatch.evidence.proof import verified

    proven = verified(contents(path), given, str(path))
    console.print(_table(proven.entries, None))
    made = proven.made
    console.print(
        "It holds: this is in the log, and is all that was put into this proof "
        f"({plural(len(proven.entries), 'entry', 'entries')})."
    )
    by = f" by {plain(made.body['by'])}" if "by" in made.body else ""
    why = f": {plain(made.body['why'])}" if "why" in made.body else ""
    console.print(f"Made {made.at:%Y-%m-%d %H:%M:%S} UTC{by}{why}.")
    if proven.since is not None:
        console.print(
            f"The log is still the one that was signed at "
            f"{plural(proven.since.size, 'entry', 'entries')}, root {proven.since.root.hex()}.",
            soft_wrap=True,
        )
    _print_signed(console, proven.checkpoint)
    console.print(
        "That they are true, it does not say; and of when, only what somebody can say who got a "
        "checkpoint then."
    )


def _open(log: Path) -> Log:
    from stillwatch.evidence import Log

    held = Log.open(log)
    if held.recovered is not None:
        Console(stderr=True, highlight=False, emoji=False).print(plain(held.recovered))
    return held


def _said(by: str | None, why: str | None) -> dict[str, str]:
    for option, text in (("--as", by), ("--why", why)):
        if text is not None and not 0 < len(text) <= 500:
            raise UsageError(f"{option}: 1 to 500 characters")
    return {name: text for name, text in (("by", by), ("why", why)) if text is not None}


def _console() -> Console:
    return Console(highlight=False, emoji=False)


def _print_signed(console: Console, signed: Checkpoint) -> None:
    console.print(
        f"Signed: {plain(signed.origin)}, {plural(signed.size, 'entry', 'entries')}, "
        f"root {signed.root.hex()}",
        soft_wrap=True,
    )


def _table(entries: Iterable[tuple[int, Entry]], longest: int | None = LONGEST) -> Table:
    import json

    table = Table()
    for name in ("index", "when (UTC)", "kind", "about", "what"):
        table.add_column(name, overflow="fold")
    for index, one in entries:
        what = json.dumps(dict(one.body), ensure_ascii=False)
        table.add_row(
            f"{index:,}",
            f"{one.at:%Y-%m-%d %H:%M:%S}",
            one.kind,
            plain(one.subject),
            plain(what if longest is None or len(what) <= longest else what[: longest - 1] + "…"),
        )
    return table
