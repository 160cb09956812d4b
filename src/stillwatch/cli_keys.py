"""What commands that use keys have in common: where keys come from, who uses them, and for what."""

from __future__ import annotations

import resource
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

import typer
from rich.console import Console

from stillwatch.errors import NoInputError, UsageError
from stillwatch.printing import plain

if TYPE_CHECKING:
    from stillwatch.marks import Master, Opened, Scheme
    from stillwatch.marks.custody import Purpose

MasterFile = Annotated[Path, typer.Option("--master", help="The master key.")]
OtherMaster = Annotated[Path | None, typer.Option("--master", help="The master key.")]
KeyPath = Annotated[
    str, typer.Argument(help="deployment/cohort/account/epoch, as deep as wanted; % escapes.")
]
KeyPaths = Annotated[
    list[str] | None,
    typer.Option(
        "--key", help="deployment/cohort/account/epoch, as deep as wanted; % escapes a slash."
    ),
]
KeyFile = Annotated[
    Path | None, typer.Option("--keys", help="File with such a path a line; # begins a remark.")
]
SealedFile = Annotated[
    Path | None, typer.Option("--sealed", help="A sealed key, in place of the master.")
]
ExaminerFile = Annotated[
    Path | None, typer.Option("--examiner", help="The secret key that it was sealed to.")
]
By = Annotated[
    str | None, typer.Option("--as", help="Who you are, for the custody log; not checked.")
]
Why = Annotated[str | None, typer.Option("--why", help="What for, for the custody log.")]


def master_key(path: Path, by: str | None, why: str | None) -> Master:
    """A master key that a command uses from now on."""
    from stillwatch.marks import Master

    without_core_dumps()
    return Master(path, by=by, why=why)


def names(given: list[str] | None, file: Path | None) -> list[str]:
    """The keys of the options, each once."""
    found = list(given or [])
    if file is not None:
        try:
            lines = [line.strip() for line in file.read_text("utf-8-sig").splitlines()]
        except OSError as error:
            raise NoInputError(f"{file}: cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise NoInputError(f"{file}: no UTF-8 from byte {error.start:,} on") from error
        found += [line for line in lines if not line.startswith("#")]
    found = list(dict.fromkeys(filter(None, found)))
    if not found:
        raise UsageError("name the keys to look for with --key or --keys")
    return found


def open_keys(
    purpose: Purpose,
    keys: list[str],
    master: Path | None,
    sealed: Path | None,
    examiner: Path | None,
    by: str | None,
    why: str | None,
    *,
    deployment: str | None = None,
) -> tuple[Opened, Scheme | None]:
    """The keys of the options, from a master or from a sealed key; and the scheme, where a sealed
    key says which.

    With a master, an account stands for all the epochs that began for it. deployment: one that is
    opened as well.
    """
    from stillwatch.marks import Sealed
    from stillwatch.marks.examiner import read_secret

    if (sealed is None) != (examiner is None):
        raise UsageError("--sealed and --examiner belong together")
    more = [] if deployment is None else [deployment]
    if master is not None and sealed is None:
        found = master_key(master, by, why)
        return found.open(purpose, [*_in_epochs(found, keys), *more]), None
    if master is None and sealed is not None and examiner is not None:
        without_core_dumps()
        there = Sealed.load(sealed)
        return there.open(read_secret(examiner), [*keys, *more]), there.scheme
    raise UsageError("say where the keys come from: --master, or --sealed with --examiner")


def _in_epochs(master: Master, keys: list[str]) -> list[str]:
    """The keys that are to be looked for; of what can hardly be found, it is said why."""
    from stillwatch.marks.keys import LEVELS, path_of, written

    found: list[str] = []
    told = Console(stderr=True, highlight=False, emoji=False)
    for key in keys:
        path = path_of(key)
        epochs = master.epochs(written(path[:3]))
        if len(path) == LEVELS.index("account") + 1 and epochs:
            found += [f"{key}/{quote(epoch, safe='')}" for epoch in epochs]
            continue
        found.append(key)
        if len(path) == len(LEVELS) and path[-1] not in epochs:
            told.print(f"{plain(key)}: by the register, this epoch never began for it.")
        elif len(path) < LEVELS.index("account") + 1 and epochs:
            told.print(
                f"{plain(key)}: only what was marked with this very key is found. Its accounts "
                "mark in epochs, with keys of their own: name the accounts."
            )
    return list(dict.fromkeys(found))


def without_core_dumps() -> None:
    """Keys are in memory; a crash must not put them on the disk."""
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, hard))
