"""The commands with which people do something on a case. Each needs a name."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer
from rich.console import Console

from stillwatch.cli_case_store import (
    STORE,
    AsJson,
    By,
    Family,
    Innocent,
    LogFolder,
    Number,
    Store,
    Why,
    cases,
    family_of,
    say,
    who,
)
from stillwatch.errors import NoInputError, UsageError
from stillwatch.moments import moment
from stillwatch.plural import plural
from stillwatch.printing import plain

if TYPE_CHECKING:
    from stillwatch.cases import Measure

DecisionName = Annotated[str, typer.Argument(metavar="DECISION", help="Such as 17-d2.")]
AppealName = Annotated[str, typer.Argument(metavar="APPEAL", help="Such as 17-a1.")]
Accounts = Annotated[
    list[str] | None, typer.Option("--account", help="An account; repeat it for several.")
]


def note(
    case: Number,
    text: Annotated[str, typer.Argument(help="What colleagues should know.")],
    by: By = None,
    store: Store = STORE,
    log: LogFolder = None,
) -> None:
    """Add a note, for colleagues."""
    person = who(by)
    with cases(store, log) as found:
        number = found.number(case)
        found.note(number, text, by=person)
    say(f"Noted on case {number}.")


def assign(
    case: Number,
    to: Annotated[str, typer.Option(help="Who is to look into it.")],
    by: By = None,
    store: Store = STORE,
    log: LogFolder = None,
) -> None:
    """Give a case to somebody."""
    person = who(by)
    with cases(store, log) as found:
        number = found.number(case)
        found.assign(number, to, by=person)
    say(f"Case {number} is {plain(to)}'s.")


def propose(
    case: Number,
    measure: Annotated[
        str,
        typer.Argument(
            help="watch, ask, verify_identity, limit, summarise_reasoning, withhold, suspend or "
            "terminate."
        ),
    ],
    reason: Annotated[str, typer.Option(help="Why, in words for the customer.")],
    clause: Annotated[str, typer.Option(help="Id of the clause of the terms.")],
    until: Annotated[str, typer.Option(help="When it ends, ISO 8601; UTC without a zone.")],
    way_back: Annotated[str, typer.Option(help="What the customer can do, in words for them.")],
    account: Accounts = None,
    all_accounts: Annotated[
        bool, typer.Option("--all-accounts", help="All accounts that the case has now.")
    ] = False,
    grounds: Annotated[
        str | None, typer.Option(help="What beyond the report confirms a harvest.")
    ] = None,
    terms: Annotated[
        list[Path] | None,
        typer.Option(help="Terms, files and folders, that must allow it. Repeatable."),
    ] = None,
    by: By = None,
    store: Store = STORE,
    log: LogFolder = None,
) -> None:
    """Decide on a measure, or propose it where a second person is needed."""
    from stillwatch.terms import load

    person = who(by)
    if bool(account) == all_accounts:
        raise UsageError("which accounts? Say --account, once for each, or --all-accounts")
    end = moment("--until", until)
    assert end is not None  # noqa: S101 - it was given
    with cases(store, log) as found:
        made = found.propose(
            found.number(case),
            cast("Measure", measure),
            None if all_accounts else account,
            reason=reason,
            clause=clause,
            until=end,
            way_back=way_back,
            by=person,
            terms=load(terms) if terms else None,
            grounds=grounds,
        )
    what = f"{made.row.measure} for {plural(len(made.accounts), 'account')} until {_day(end)}"
    if made.since:
        say(f"{made.id}: {what}. It is in force.")
    else:
        say(f"{made.id}: {what}, proposed. Somebody else has to say: case approve {made.id}")


def approve(
    decision: DecisionName, by: By = None, store: Store = STORE, log: LogFolder = None
) -> None:
    """Let a proposal take effect, as the second person."""
    from stillwatch.cases import DecisionId

    person = who(by)
    with cases(store, log) as found:
        made = found.approve(DecisionId.read(decision), by=person)
    say(
        f"{made.id}: {made.row.measure} for {plural(len(made.accounts), 'account')} is in force "
        f"until {_day(made.row.until)}."
    )


def appeal(
    case: Number,
    account: Annotated[str, typer.Option(help="The customer's account.")],
    statement: Annotated[str | None, typer.Option(help="What the customer says.")] = None,
    statement_file: Annotated[
        Path | None, typer.Option(help="A text file that says it, instead.")
    ] = None,
    as_json: AsJson = False,
    by: By = None,
    store: Store = STORE,
    log: LogFolder = None,
) -> None:
    """Enter a customer's appeal, and print what the customer may see."""
    from stillwatch.cli_case_show import print_shown

    person = who(by)
    said = _statement(statement, statement_file)
    with cases(store, log) as found:
        name, shown = found.appeal(found.number(case), account, said, by=person)
    if as_json:
        sys.stdout.write(shown.model_dump_json(indent=2) + "\n")
        return
    say(f"{name}: entered. The measures hold until somebody rules: case uphold or reverse {name}")
    print_shown(Console(highlight=False, emoji=False), shown)


def uphold(
    appeal: AppealName, reason: Why, by: By = None, store: Store = STORE, log: LogFolder = None
) -> None:
    """End an appeal: the measures stay."""
    from stillwatch.cases import AppealId

    person = who(by)
    with cases(store, log) as found:
        found.uphold(AppealId.read(appeal), reason=reason, by=person)
    say(f"{plain(appeal)}: the measures stay.")


def reverse(
    what: Annotated[
        str, typer.Argument(metavar="APPEAL|DECISION", help="Such as 17-a1, or 17-d2.")
    ],
    reason: Why,
    account: Accounts = None,
    innocent: Innocent = False,
    family: Family = None,
    by: By = None,
    store: Store = STORE,
    log: LogFolder = None,
) -> None:
    """Take measures back: on appeal those on its account, else a decision, or a proposal."""
    import json

    from stillwatch.cases import AppealId, DecisionId

    person = who(by)
    kind = family_of(innocent, family)
    with cases(store, log) as found:
        if "a" in what:
            if account:
                raise UsageError("--account: an appeal is of one account; leave it out")
            ruling = found.reverse(AppealId.read(what), reason=reason, by=person, family=kind)
        else:
            ruling = found.take_back(
                DecisionId.read(what), account, reason=reason, by=person, family=kind
            )
    for decision, accounts in json.loads(ruling.reaches).items():
        many = plural(len(accounts), "account")
        done = "turned down" if ruling.outcome == "withdrawn" else "taken back"
        say(f"{ruling.number}-d{decision}: {done} for {many}.")
    if ruling.outcome == "reversed":
        say("Bring weights up to it: stillwatch case learn --into FILE")


def close(
    case: Number,
    reason: Why,
    innocent: Innocent = False,
    family: Family = None,
    by: By = None,
    store: Store = STORE,
    log: LogFolder = None,
) -> None:
    """Close a case."""
    person = who(by)
    kind = family_of(innocent, family)
    with cases(store, log) as found:
        number = found.number(case)
        found.close(number, reason=reason, by=person, family=kind)
    say(f"Case {number} is closed.")


def _statement(text: str | None, file: Path | None) -> str:
    if (text is None) == (file is None):
        raise UsageError("what does the customer say? --statement, or --statement-file")
    if text is not None:
        return text
    assert file is not None  # noqa: S101 - one of them was given
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise NoInputError(f"{file}: cannot be read as text: {error}") from error


def _day(time: object) -> str:
    return f"{time:%Y-%m-%d %H:%M} UTC"
