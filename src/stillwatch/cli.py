"""The command line: parse, call, print."""

from __future__ import annotations

import errno
import json
import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from stillwatch import (
    cli_case,
    cli_case_decide,
    cli_evidence,
    cli_exposure,
    cli_hunt,
    cli_lake,
    cli_licence,
    cli_marks,
    cli_range,
    cli_rules,
    cli_suspect,
    cli_suspect_ask,
    cli_suspect_canary,
    cli_suspect_leads,
    cli_terms,
    cli_watch,
    cli_weights,
    schemas,
)
from stillwatch.cli_options import Config, Format, Licences, Mapping, Since, Until
from stillwatch.errors import OutputError, StillwatchError
from stillwatch.interrupts import Interrupts
from stillwatch.moments import moment
from stillwatch.printing import plain, print_document, print_signals, progress_bar
from stillwatch.version import __version__

DEBUG = "STILLWATCH_DEBUG"
INTERRUPTED = 130
UNEXPECTED = 70
STOPPED = "stopped; the same command goes on"
KEPT = "interrupted; what was done is kept, and the same command goes on"
GOES_ON = ("scan", "lake expire", "lake erase", "range evaluate", "range adapt", "suspect ask")
"""Commands that keep what they did."""
FULL = (errno.ENOSPC, errno.EDQUOT)

app = typer.Typer(
    name="stillwatch",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Finds harvesting campaigns in model API traffic, and spares the innocent.",
)
for act in (
    *(cli_case_decide.note, cli_case_decide.assign),
    *(cli_case_decide.propose, cli_case_decide.approve),
    *(cli_case_decide.appeal, cli_case_decide.uphold, cli_case_decide.reverse),
    cli_case_decide.close,
):
    cli_case.app.command()(act)
app.add_typer(cli_case.app, name="case")
app.add_typer(cli_evidence.app, name="evidence")
app.add_typer(cli_exposure.app, name="exposure")
app.add_typer(cli_lake.app, name="lake")
app.add_typer(cli_licence.app, name="licence")
app.add_typer(cli_marks.app, name="marks")
app.add_typer(cli_range.app, name="range")
app.add_typer(cli_rules.app, name="rules")
cli_suspect.app.command("ask")(cli_suspect_ask.ask)
cli_suspect.app.command("verify")(cli_suspect_ask.verify)
cli_suspect.app.command("same")(cli_suspect_leads.same)
cli_suspect.app.command("style")(cli_suspect_leads.style)
cli_suspect.app.add_typer(cli_suspect_canary.app, name="canary")
app.add_typer(cli_suspect.app, name="suspect")
app.add_typer(cli_terms.app, name="terms")
app.add_typer(cli_weights.app, name="weights")
errors = Console(stderr=True, highlight=False, emoji=False)


def _version(wanted: bool) -> None:
    if wanted:
        Console(highlight=False, emoji=False).print(f"stillwatch {__version__}")
        raise typer.Exit


@app.callback()
def root(
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Finds harvesting campaigns in model API traffic, and spares the innocent."""


@app.command()
def scan(
    paths: Annotated[
        list[str],
        typer.Argument(
            help="API logs: files, folders, globs, URLs of object stores, tables of databases."
        ),
    ],
    out: Annotated[Path, typer.Option(help="Directory for sketches and results.")],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print campaigns.json instead of a table.")
    ] = False,
    since: Since = None,
    until: Until = None,
    after: Annotated[
        Path | None,
        typer.Option(
            help="Results of an earlier scan, whose campaigns keep their ids; those in --out "
            "otherwise."
        ),
    ] = None,
    licences: Licences = None,
    settings: Config = None,
    engine: Annotated[
        str | None,
        typer.Option(help="duckdb, or a Spark: spark://host:7077, sc://host:15002, local[4]."),
    ] = None,
    format: Format = None,
    mapping: Mapping = None,
) -> None:
    """Find harvesting campaigns in API logs."""
    from stillwatch import config
    from stillwatch.scan import scan as find

    chosen = config.with_licences(config.load(settings), licences or ())
    with progress_bar(errors) as progress:
        result = find(
            paths,
            out,
            settings=chosen if engine is None else config.with_engine(chosen, engine),
            since=moment("--since", since),
            until=moment("--until", until),
            after=after,
            format=format,
            mapping=mapping,
            progress=progress,
        )
    if as_json:
        sys.stdout.write(result.document.model_dump_json(by_alias=True, indent=2) + "\n")
    else:
        print_document(Console(emoji=False), result.document, out)


app.command("watch")(cli_watch.watch)
app.command("hunt")(cli_hunt.hunt)
app.command("verify")(cli_evidence.verify)


@app.command("config")
def show_config() -> None:
    """Print all settings with their defaults, as a TOML file to edit."""
    from stillwatch import config

    sys.stdout.write(config.as_toml(config.Settings()))


@app.command("signals")
def show_signals() -> None:
    """List the signals: what each measures, and what it needs."""
    print_signals(Console(emoji=False))


@app.command("schema")
def show_schema(
    name: Annotated[str, typer.Argument(help=f"One of {', '.join(schemas.NAMES)}.")],
) -> None:
    """Print the schema of an input or output, as JSON Schema."""
    sys.stdout.write(json.dumps(schemas.schema(name), indent=2) + "\n")


def main() -> None:
    """Entry point: every failure ends as a sentence and an exit code."""
    interrupts = Interrupts()
    interrupts.note()
    try:
        app()
    except SystemExit as end:
        # Typer makes an interrupt an exit of its own, without a word.
        if end.code == INTERRUPTED:
            _interrupted()
        raise
    except StillwatchError as error:
        _fail(str(error), error.exit_code)
    except KeyboardInterrupt:
        _interrupted()
    except Exception as error:
        # DuckDB ends an interrupted query with a RuntimeError of its own.
        if interrupts.noted:
            _interrupted()
        if isinstance(error, OSError) and error.errno in FULL:
            _fail(f"cannot be written: {error.strerror}; make room", OutputError.exit_code)
        if os.environ.get(DEBUG):
            raise
        _fail(
            f"unexpected {type(error).__name__}; please report it with the traceback that "
            f"{DEBUG}=1 shows",
            UNEXPECTED,
        )


def _interrupted() -> NoReturn:
    if sys.argv[1:2] == ["watch"]:
        # It goes on until it is interrupted: that is how it ends.
        errors.print(STOPPED)
        raise SystemExit(0)
    goes_on = " ".join(sys.argv[1:3]).startswith(GOES_ON)
    _fail(KEPT if goes_on else "interrupted", INTERRUPTED)


def _fail(message: str, code: int) -> NoReturn:
    told = "\n".join(map(plain, message.split("\n")))
    errors.print(f"[bold red]error:[/] {told}", soft_wrap=True)
    raise SystemExit(code)
