"""`stillwatch marks`: keys for marks, and what they find."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import unquote

import typer
from rich.console import Console
from rich.table import Table

from stillwatch.errors import NoInputError, UsageError
from stillwatch.plural import plural
from stillwatch.printing import plain

if TYPE_CHECKING:
    from stillwatch.marks import Found, Key, Scheme

app = typer.Typer(no_args_is_help=True, help="Marks in outputs: keys, and what they find.")
SHOWN = 20
"""Keys that are printed; the document has all."""


@app.command("new")
def new(path: Annotated[Path, typer.Argument(help="File for the secret of all keys.")]) -> None:
    """Make a master key. Whoever has it can forge and remove every mark: back it up, sealed."""
    from stillwatch.marks import Master

    Master.create(path)
    Console(emoji=False).print(f"Made {plain(path)}, for its owner alone to read.")


@app.command("detect")
def detect(
    paths: Annotated[
        list[str],
        typer.Argument(
            help='Texts: Parquet, or JSON Lines of {"tokens": [464, ...]} or {"text": "..."}; .txt '
            "files; transcripts."
        ),
    ],
    master: Annotated[Path, typer.Option(help="The master key.")],
    key: Annotated[
        list[str] | None,
        typer.Option(help="deployment/cohort/account/epoch, as deep as wanted; % escapes a slash."),
    ] = None,
    keys: Annotated[Path | None, typer.Option(help="File with such a path a line.")] = None,
    tokenizer: Annotated[
        Path | None,
        typer.Option(help="tokenizer.json of the model that marked, for texts without tokens."),
    ] = None,
    scheme: Annotated[str, typer.Option(help="green-list, gumbel or tournament.")] = "green-list",
    width: Annotated[
        int | None, typer.Option(help="Tokens that the choice of the next hangs on.")
    ] = None,
    green: Annotated[float, typer.Option(help="Share of green tokens of a green list.")] = 0.25,
    depth: Annotated[int, typer.Option(help="Layers of a tournament.")] = 30,
    alpha: Annotated[float, typer.Option(help="Family-wise error rate of the verdict.")] = 1e-3,
    as_json: Annotated[bool, typer.Option("--json", help="Print all keys as JSON.")] = False,
) -> None:
    """Say whether texts carry the marks of keys."""
    from stillwatch.marks import Master
    from stillwatch.marks import detect as look
    from stillwatch.marks.tokenizer import Tokenizer
    from stillwatch.suspects.tokens import tokens

    chosen = _scheme(scheme, width, green, depth)
    root = Master.load(master)
    names = _names(key or [], keys)
    secrets = {}
    for name in names:
        found: Key = root
        for part in name.split("/"):
            found = found.child(unquote(part))
        secrets[name] = found.of(chosen)
    splits = None if tokenizer is None else Tokenizer.load(tokenizer)
    told = look(tokens(paths, splits), chosen, secrets)
    if as_json:
        sys.stdout.write(json.dumps(_document(told, chosen, alpha), indent=2) + "\n")
    else:
        _print(Console(emoji=False), told, alpha)


def _scheme(name: str, width: int | None, green: float, depth: int) -> Scheme:
    from stillwatch.marks import GreenList, Gumbel, Tournament
    from stillwatch.marks.windows import WIDEST

    if width is not None and not 1 <= width <= WIDEST:
        raise UsageError(f"--width {width}: 1 to {WIDEST} tokens")
    if not 0 < green < 1:
        raise UsageError(f"--green {green}: a share, between 0 and 1")
    if not 1 <= depth <= 64:
        raise UsageError(f"--depth {depth}: 1 to 64 layers")
    if name == "green-list":
        return GreenList(green=green, width=width or 2)
    if name == "gumbel":
        return Gumbel(width=width or 3)
    if name == "tournament":
        return Tournament(depth=depth, width=width or 3)
    raise UsageError(f"--scheme {name!r}: there are green-list, gumbel and tournament")


def _names(given: list[str], file: Path | None) -> list[str]:
    names = list(given)
    if file is not None:
        try:
            names += [line.strip() for line in file.read_text("utf-8").splitlines()]
        except (OSError, UnicodeDecodeError) as error:
            raise NoInputError(f"{file}: cannot be read: {error}") from error
    names = list(dict.fromkeys(filter(None, names)))
    if not names:
        raise UsageError("name the keys to look for with --key or --keys")
    return names


def _document(found: Found, scheme: Scheme, alpha: float) -> dict[str, object]:
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
            }
            for name, score in sorted(found.scores.items(), key=lambda item: item[1].log_p)
        ],
    }


def _print(console: Console, found: Found, alpha: float) -> None:
    console.print(
        f"{plural(found.tokens, 'token')}, {plural(found.windows, 'distinct window')}, "
        f"{plural(len(found.scores), 'key')}."
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
    else:
        console.print(
            f"No mark at a family-wise error rate of {alpha:g}. That is no proof that there was "
            "none: a paraphrase removes it, and short texts cannot show it."
        )
