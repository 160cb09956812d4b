"""What commands that use keys have in common: where keys come from, who uses them, and for what."""

from __future__ import annotations

import resource
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stillwatch.errors import NoInputError, UsageError

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
KeyFile = Annotated[Path | None, typer.Option("--keys", help="File with such a path a line.")]
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
            found += [line.strip() for line in file.read_text("utf-8").splitlines()]
        except (OSError, UnicodeDecodeError) as error:
            raise NoInputError(f"{file}: cannot be read: {error}") from error
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
) -> tuple[Opened, Scheme | None]:
    """The keys of the options, from a master or from a sealed key; and the scheme, where a sealed
    key says which."""
    from stillwatch.marks import Sealed
    from stillwatch.marks.examiner import read_secret

    if (sealed is None) != (examiner is None):
        raise UsageError("--sealed and --examiner belong together")
    if master is not None and sealed is None:
        return master_key(master, by, why).open(purpose, keys), None
    if master is None and sealed is not None and examiner is not None:
        without_core_dumps()
        there = Sealed.load(sealed)
        return there.open(read_secret(examiner), keys), there.scheme
    raise UsageError("say where the keys come from: --master, or --sealed with --examiner")


def without_core_dumps() -> None:
    """Keys are in memory; a crash must not put them on the disk."""
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, hard))
