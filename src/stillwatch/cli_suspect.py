"""`stillwatch suspect`: tests of a model or a text that may come of ours."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from stillwatch.cli_keys import (
    By,
    ExaminerFile,
    KeyFile,
    KeyPaths,
    OtherMaster,
    SealedFile,
    Why,
    names,
    open_keys,
)
from stillwatch.cli_options import TokenizerFile
from stillwatch.cli_suspect_leads import share
from stillwatch.errors import InputError, NoInputError, UsageError
from stillwatch.plural import plural
from stillwatch.printing import plain, progress_bar

if TYPE_CHECKING:
    from stillwatch.marks import Scheme
    from stillwatch.progress import Progress
    from stillwatch.suspects.document import Suspect
    from stillwatch.suspects.evidence import Evidence
    from stillwatch.suspects.traced import Trace

app = typer.Typer(
    no_args_is_help=True, help="Suspects: was that model trained on our outputs, and on whose?"
)
SHOWN = 20
"""Keys and accounts that are printed; the document has all."""

Paths = Annotated[
    list[str] | None,
    typer.Argument(
        help="What the suspect said: transcripts of `suspect ask`, .txt, JSON Lines or Parquet of "
        '{"tokens": [464, ...]} or {"text": "..."}.'
    ),
]
Out = Annotated[Path, typer.Option(help="Directory for the document and the page.")]
Served = Annotated[
    list[str] | None,
    typer.Option(help="Marked texts that were served; only contexts in them count. Repeatable."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the document.")]


@app.callback()
def root() -> None:
    """Suspects: was that model trained on our outputs, and on whose?"""


@app.command("test")
def test(
    out: Out,
    paths: Paths = None,
    weights: Annotated[
        Path | None,
        typer.Option(help="Weights of the suspect, as transformers saves them; reads --served."),
    ] = None,
    served: Served = None,
    master: OtherMaster = None,
    sealed: SealedFile = None,
    examiner: ExaminerFile = None,
    key: KeyPaths = None,
    keys: KeyFile = None,
    scheme: Annotated[
        list[str] | None,
        typer.Option(
            help="green-list, gumbel or tournament; with settings, tournament:depth=20,width=2. "
            "Repeatable: all are corrected for together."
        ),
    ] = None,
    tokenizer: TokenizerFile = None,
    alpha: Annotated[float, typer.Option(help="Family-wise error rate of the verdict.")] = 1e-5,
    as_json: AsJson = False,
    by: By = None,
    why: Why = None,
) -> None:
    """Say whether a suspect was trained on texts that were marked with some keys."""
    from stillwatch.documents import write
    from stillwatch.suspects.page import render
    from stillwatch.suspects.trial import trial

    if bool(paths) == (weights is not None):
        raise UsageError("name what the suspect said, or its --weights: one of them")
    if weights is not None and not served:
        raise UsageError("--weights: name with --served the marked texts that they are to read")
    share("--alpha", alpha)
    given = _schemes(scheme, sealed)
    opened, fixed = open_keys("suspect test", names(key, keys), master, sealed, examiner, by, why)
    schemes = [fixed] if fixed else given
    with progress_bar(Console(stderr=True, highlight=False, emoji=False)) as progress:
        evidence = _evidence(paths, weights, served, tokenizer, schemes, progress)
        found = trial(
            evidence,
            [opened.of(one) for one in schemes],
            source=[*(paths or []), *([str(weights)] if weights else [])],
            served=bool(served),
            alpha=alpha,
            revoked={name: one.since for name, one in opened.revoked.items()},
            progress=progress,
        )
    write(out, "suspect", found, render(found))
    if as_json:
        sys.stdout.write(found.model_dump_json(by_alias=True, indent=2) + "\n")
    else:
        _print_test(Console(highlight=False, emoji=False), found, out)


@app.command("trace")
def trace(
    out: Annotated[Path, typer.Option(help="Directory for the document.")],
    paths: Paths = None,
    served: Served = None,
    master: OtherMaster = None,
    sealed: SealedFile = None,
    examiner: ExaminerFile = None,
    key: KeyPaths = None,
    keys: KeyFile = None,
    scheme: Annotated[
        list[str] | None,
        typer.Option(help="The scheme within the code, one, as for `suspect test`."),
    ] = None,
    tokenizer: TokenizerFile = None,
    alpha: Annotated[float, typer.Option(help="Family-wise error rate: of naming anybody.")] = 1e-3,
    as_json: AsJson = False,
    by: By = None,
    why: Why = None,
) -> None:
    """Say through which accounts it leaked: those whose codewords a suspect learned."""
    from stillwatch.documents import write
    from stillwatch.suspects.traced import traced

    if not paths:
        raise UsageError("name what the suspect said")
    share("--alpha", alpha)
    accounts = names(key, keys)
    deployments = {account.split("/")[0] for account in accounts}
    if len(deployments) > 1:
        raise UsageError(
            f"accounts of {plural(len(deployments), 'deployment')}: each has a book of its own; "
            "trace them one after the other"
        )
    (deployment,) = deployments
    for account in accounts:
        if account.count("/") < 2:
            raise UsageError(f"{account}: is no account, and codewords are accounts'; name those")
    schemes = _schemes(scheme, sealed)
    if len(schemes) > 1:
        raise UsageError("--scheme: a code has one scheme within; trace with one after the other")
    (given,) = schemes
    try:
        opened, fixed = open_keys(
            "suspect trace", accounts, master, sealed, examiner, by, why, deployment=deployment
        )
    except UsageError as error:
        if sealed is None:
            raise
        raise UsageError(
            f"{error}. A trace needs the key of the whole deployment, whose book all codewords are "
            "written with"
        ) from error
    within = fixed or given
    with progress_bar(Console(stderr=True, highlight=False, emoji=False)) as progress:
        (evidence,) = _evidence(paths, None, served, tokenizer, [within], progress)
        found = traced(
            evidence,
            opened.keys[deployment],
            {name: one for name, one in opened.keys.items() if name != deployment},
            source=paths,
            alpha=alpha,
            revoked={name: one.since for name, one in opened.revoked.items()},
            progress=progress,
        )
    write(out, "trace", found)
    if as_json:
        sys.stdout.write(found.model_dump_json(by_alias=True, indent=2) + "\n")
    else:
        _print_trace(Console(highlight=False, emoji=False), found, out)


def _evidence(
    paths: list[str] | None,
    weights: Path | None,
    served: list[str] | None,
    tokenizer: Path | None,
    schemes: list[Scheme],
    progress: Progress,
) -> list[Evidence]:
    from stillwatch.marks import Contexts
    from stillwatch.marks.tokenizer import Tokenizer
    from stillwatch.suspects.listening import listen
    from stillwatch.suspects.reading import read
    from stillwatch.suspects.tokens import said, tokens

    splits = None if tokenizer is None else Tokenizer.load(tokenizer)
    marked = None if served is None else list(tokens(served, splits))
    if marked is not None and not any(map(len, marked)):
        raise NoInputError(f"{', '.join(served or [])}: nothing was served there")
    if weights is None:
        sets = [None if marked is None else Contexts.of(marked, one.width) for one in schemes]
        heard = list(said(paths or [], splits))
        texts = [one.said for one in heard]
        asked = [text for one in heard for text in one.asked]
        made = [
            listen(texts, one, served=some, asked=asked)
            for one, some in zip(schemes, sets, strict=True)
        ]
        if not any(len(one.windows) for one in made):
            behind = "" if served is None else " behind contexts that were served"
            raise InputError(
                f"{', '.join(paths or [])}: nothing to look for a mark in: "
                f"{plural(made[0].tokens, 'token')}, and no window{behind}"
            )
        return made
    from stillwatch.suspects.transformers import Transformer

    model = Transformer.load(weights)
    return [read(model, marked or [], one, progress=progress) for one in schemes]


def _schemes(given: list[str] | None, sealed: Path | None) -> list[Scheme]:
    from stillwatch.marks.schemes import parsed

    if given and sealed is not None:
        raise UsageError(f"{sealed}: says itself which scheme; leave --scheme out")
    return [parsed(text) for text in dict.fromkeys(given or ["green-list"])]


def _print_test(console: Console, found: Suspect, out: Path) -> None:
    table = Table()
    for name in ("scheme", "key", "z", "log10 p", "p, corrected"):
        table.add_column(name, justify="left" if name in {"scheme", "key"} else "right")
    rows = [(key, part) for part in found.parts for key in part.keys]
    rows.sort(key=lambda row: row[0].log10_p)
    for key, part in rows[:SHOWN]:
        bound = "" if part.exact else "≤ "
        p = f"{bound}{key.corrected_p:.2g}"
        log10_p = f"{bound}{key.log10_p:.1f}"
        table.add_row(part.scheme, plain(key.key), f"{key.z:.1f}", log10_p, p)
    console.print(table)
    if len(rows) > SHOWN:
        console.print(f"{len(rows) - SHOWN:,} further keys; the document has all.")
    for line in found.words:
        console.print(plain(line))
    console.print("What this does not say, and how it was tested:", plain(out / "report.html"))


def _print_trace(console: Console, found: Trace, out: Path) -> None:
    for line in found.words:
        console.print(plain(line))
    if found.named:
        table = Table()
        for name in ("account", "log10 p", "p, corrected", "revoked"):
            table.add_column(name, justify="left" if name in {"account", "revoked"} else "right")
        for one in found.accounts[:SHOWN]:
            if one.account in found.named:
                since = "" if one.revoked is None else f"{one.revoked:%Y-%m-%d}"
                p = f"≤ {one.corrected_p:.2g}"
                table.add_row(plain(one.account), f"≤ {one.log10_p:.1f}", p, since)
        console.print(table)
    console.print("All accounts:", plain(out / "trace.json"))
