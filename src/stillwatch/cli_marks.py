"""`stillwatch marks`: keys for marks, and what they find."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from stillwatch import cli_custody, cli_export
from stillwatch.cli_keys import (
    By,
    ExaminerFile,
    KeyFile,
    KeyPath,
    KeyPaths,
    MasterFile,
    OtherMaster,
    SealedFile,
    Why,
    master_key,
    names,
    open_keys,
    without_core_dumps,
)
from stillwatch.cli_options import TokenizerFile
from stillwatch.cli_suspect_leads import share
from stillwatch.errors import InputError, UsageError
from stillwatch.plural import plural
from stillwatch.printing import plain

if TYPE_CHECKING:
    from stillwatch.marks import Found, Opened, Scheme
    from stillwatch.marks.register import Revocation

app = typer.Typer(no_args_is_help=True, help="Marks in outputs: keys, and what they find.")
app.add_typer(cli_custody.app, name="custody")
app.add_typer(cli_export.examiner, name="examiner")
app.command("export")(cli_export.export)
SHOWN = 20
"""Keys that are printed; the document has all."""


@app.command("new")
def new(
    path: Annotated[Path, typer.Argument(help="File for the secret of all keys.")],
    by: By = None,
    why: Why = None,
) -> None:
    """Make a master key. Whoever has it can forge and remove every mark: back it up, sealed."""
    from stillwatch.marks import Master

    without_core_dumps()
    made = Master.create(path, by=by, why=why)
    console = Console(emoji=False)
    console.print(f"Made {plain(path)}, for its owner alone to read.")
    console.print(f"Its use is written down in {plain(made.log.path.name)}, beside it.")


@app.command("rotate")
def rotate(
    key: KeyPath,
    master: MasterFile,
    epoch: Annotated[
        str | None, typer.Option(help="Name of the epoch; the time, without it.")
    ] = None,
    by: By = None,
    why: Why = None,
) -> None:
    """Begin an epoch: accounts of a deployment or cohort, or one account, mark with new keys."""
    name = master_key(master, by, why).rotate(key, epoch)
    Console(emoji=False).print(f"From now on {plain(key)} marks in the epoch {plain(name)}.")


@app.command("revoke")
def revoke(
    key: KeyPath,
    master: MasterFile,
    why: Annotated[str, typer.Option(help="For whoever finds its mark.")],
    by: By = None,
) -> None:
    """Let a key, and all below it, mark nothing more."""
    master_key(master, by, why).revoke(key)
    Console(emoji=False).print(
        f"{plain(key)} marks nothing more. What it marked can still be found; whoever had it can "
        "have written a mark."
    )


@app.command("detect")
def detect(
    paths: Annotated[
        list[str],
        typer.Argument(
            help='Texts: Parquet, or JSON Lines of {"tokens": [464, ...]} or {"text": "..."}; .txt '
            "files; transcripts."
        ),
    ],
    master: OtherMaster = None,
    sealed: SealedFile = None,
    examiner: ExaminerFile = None,
    key: KeyPaths = None,
    keys: KeyFile = None,
    scheme: Annotated[
        str | None,
        typer.Option(help="green-list, which it is without it, gumbel or tournament."),
    ] = None,
    tokenizer: TokenizerFile = None,
    width: Annotated[
        int | None, typer.Option(help="Tokens that the choice of the next hangs on.")
    ] = None,
    green: Annotated[
        float | None, typer.Option(help="Share of green tokens of a green list; 0.25 without it.")
    ] = None,
    depth: Annotated[
        int | None, typer.Option(help="Layers of a tournament; 30 without it.")
    ] = None,
    alpha: Annotated[float, typer.Option(help="Family-wise error rate of the verdict.")] = 1e-3,
    as_json: Annotated[bool, typer.Option("--json", help="Print all keys as JSON.")] = False,
    by: By = None,
    why: Why = None,
) -> None:
    """Say whether texts carry the marks of keys."""
    from stillwatch.marks import detect as look
    from stillwatch.marks.schemes import chosen
    from stillwatch.marks.tokenizer import Tokenizer
    from stillwatch.suspects.tokens import tokens

    if sealed is not None and (scheme, width, green, depth) != (None, None, None, None):
        raise UsageError(f"{sealed}: says itself which scheme; leave the options of schemes out")
    given = chosen(
        "green-list" if scheme is None else scheme,
        width,
        0.25 if green is None else green,
        30 if depth is None else depth,
    )
    share("--alpha", alpha)
    wanted = names(key, keys)
    opened, fixed = open_keys("detect", wanted, master, sealed, examiner, by, why)
    by_scheme = fixed or given
    splits = None if tokenizer is None else Tokenizer.load(tokenizer)
    told = look(tokens(paths, splits), by_scheme, opened.of(by_scheme))
    if not told.windows:
        raise InputError(
            f"{', '.join(paths)}: nothing to look for a mark in: {plural(told.tokens, 'token')}, "
            f"and no text is longer than {by_scheme.width}"
        )
    if as_json:
        document = _document(told, by_scheme, alpha, opened)
        sys.stdout.write(json.dumps(document, indent=2) + "\n")
    else:
        _print(Console(emoji=False), told, alpha, opened, by_scheme)


def _document(found: Found, scheme: Scheme, alpha: float, opened: Opened) -> dict[str, object]:
    return {
        "schema": "stillwatch.marks/1",
        "scheme": scheme.name,
        "tokens": found.tokens,
        "windows": found.windows,
        "alpha": alpha,
        "found": found.named(alpha),
        "keys": [
            {
                "key": name,
                "statistic": score.statistic,
                "expected": score.expected,
                "z": score.z,
                "log10_p": score.log10_p,
                "corrected_p": found.corrected[name],
                "revoked": opened.revoked[name].model_dump(mode="json")
                if name in opened.revoked
                else None,
            }
            for name, score in sorted(found.scores.items(), key=lambda item: item[1].log_p)
        ],
    }


def _print(console: Console, found: Found, alpha: float, opened: Opened, scheme: Scheme) -> None:
    console.print(
        f"{scheme.name}: {plural(found.tokens, 'token')}, "
        f"{plural(found.windows, 'distinct window')}, {plural(len(found.scores), 'key')}."
    )
    table = Table()
    for name in ("key", "z", "log10 p", "p, corrected"):
        table.add_column(name, justify="left" if name == "key" else "right")
    order = sorted(found.scores.items(), key=lambda item: item[1].log_p)
    for name, score in order[:SHOWN]:
        p = f"{found.corrected[name]:.2g}"
        table.add_row(plain(name), f"{score.z:.1f}", f"{score.log10_p:.1f}", p)
    console.print(table)
    if len(order) > SHOWN:
        console.print(f"{len(order) - SHOWN:,} further keys; --json has all.")
    named = found.named(alpha)
    if named:
        console.print(
            f"Marked by {plural(len(named), 'key')}, at a family-wise error rate of {alpha:g}: "
            f"{', '.join(map(plain, named[:SHOWN]))}."
        )
        for name in named:
            if name in opened.revoked:
                console.print(_warning(name, opened.revoked[name]))
    else:
        console.print(
            f"No mark at a family-wise error rate of {alpha:g}. That is no proof that there was "
            "none: a paraphrase removes it, and short texts cannot show it."
        )


def _warning(name: str, found: Revocation) -> str:
    above = "" if found.key == name else f", with {plain(found.key)}"
    return (
        f"{plain(name)} is revoked since {found.since:%Y-%m-%d %H:%M} UTC{above} "
        f"({plain(found.why)}). Whoever had it can have written this mark: it speaks against the "
        "account only in a text that is known to be older than the leak."
    )
