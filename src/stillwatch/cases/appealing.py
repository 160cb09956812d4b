"""An appeal, and how it ends; decisions that are taken back."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select

from stillwatch.cases import persons
from stillwatch.cases.change import Change, said
from stillwatch.cases.deciding import standing
from stillwatch.cases.ids import AppealId
from stillwatch.cases.standing import Standing, in_force, standings
from stillwatch.cases.tables import Appeal, Freed, Ruling, write_many
from stillwatch.complaints import meant
from stillwatch.errors import UsageError
from stillwatch.plural import plural


def appeal(change: Change, account: str, statement: str, by: str) -> Appeal:
    """Reopens the case with what a customer says against the measures on an account.

    Raises `UsageError` where no measure took effect on it, or an appeal of it is pending.
    """
    by = persons.person(by)
    if not _binding(change, account):
        raise UsageError(f"case {change.number}: no measure took effect on {account}")
    waiting = [one for one in pending(change) if one.account == account]
    if waiting:
        raise UsageError(
            f"{account}: {AppealId(change.number, waiting[0].appeal)} is pending; add a note"
        )
    row = Appeal(
        number=change.number,
        appeal=change.next(Appeal.appeal),
        account=account,
        statement=said("--statement", statement),
        by=by,
        at=change.now,
    )
    change.record(row)
    change.find_by(row.statement)
    change.enter("appealed", by)
    return row


def uphold(change: Change, number: int, reason: str, by: str) -> Ruling:
    """Leaves the measures on an account as they are.

    Raises `UsageError` where the appeal is not pending, or where who proposed one of the gravest
    of them would uphold it.
    """
    by = persons.person(by)
    found = _waiting(change, number)
    for one in _binding(change, found.account):
        if one.row.second and persons.same(by, one.row.by):
            raise UsageError(
                f"{one.id}: was proposed by {one.row.by}; somebody else must rule on an appeal "
                f"against {one.row.measure}"
            )
    return _rule(change, "upheld", {}, reason, by, appeal=found)


def reverse(
    change: Change, number: int, reason: str, by: str, *, family: str | None, known: Collection[str]
) -> Ruling:
    """Takes back the measures on the account of an appeal.

    family: what it was, where it was no harvest, among those that are `known`.
    """
    by = persons.person(by)
    found = _waiting(change, number)
    reaches = {one.row.decision: [found.account] for one in _binding(change, found.account)}
    _check_family(family, known)
    return _rule(change, "reversed", reaches, reason, by, appeal=found, family=family)


def take_back(
    change: Change,
    decision: int,
    accounts: Sequence[str] | None,
    reason: str,
    by: str,
    *,
    family: str | None,
    known: Collection[str],
) -> Ruling:
    """Takes back a decision, or turns down a proposal: for some accounts, or (none) for all.

    Raises `UsageError` where nothing is left to take back.
    """
    by = persons.person(by)
    found = standing(change, decision)
    left = [account for account in found.accounts if account not in found.freed]
    wanted = left if accounts is None else list(dict.fromkeys(accounts))
    strange = [account for account in wanted if account not in set(left)]
    if strange or not wanted:
        raise UsageError(
            f"{found.id}: touches {plural(len(left), 'account')} now"
            + (f", and {strange[0]} is not among them" if strange else "")
        )
    _check_family(family, known)
    outcome = "reversed" if found.since else "withdrawn"
    return _rule(change, outcome, {decision: wanted}, reason, by, family=family)


def close(
    change: Change, reason: str, by: str, *, family: str | None, known: Collection[str]
) -> None:
    """Closes a case; with a family, as no harvest.

    Raises `UsageError` while an appeal or a proposal is pending, and as no harvest while a measure
    holds.
    """
    by = persons.person(by)
    reason = said("--reason", reason)
    if change.case.state == "closed":
        raise UsageError(f"case {change.number}: is closed")
    if waiting := pending(change):
        name = AppealId(change.number, waiting[0].appeal)
        raise UsageError(f"{name}: is pending; uphold or reverse it first")
    decisions = standings(change.session, change.number)
    for one in decisions:
        if one.status(change.now) == "proposed":
            raise UsageError(f"{one.id}: waits for a second person; approve or reverse it first")
    _check_family(family, known)
    if family is not None:
        if in_force(decisions, change.now):
            raise UsageError(
                f"case {change.number}: a measure is in force; if it was no harvest, reverse that"
            )
        _rule(change, "cleared", {}, reason, by, family=family)
    else:
        change.write("note", reason, by)
        change.find_by(reason)
    change.enter("closed", by)


def pending(change: Change) -> list[Appeal]:
    """Appeals on which nobody ruled."""
    ruled = select(Ruling.appeal).where(
        Ruling.number == change.number, Ruling.appeal == Appeal.appeal
    )
    return list(
        change.session.scalars(
            select(Appeal)
            .where(Appeal.number == change.number, ~ruled.exists())
            .order_by(Appeal.appeal)
        )
    )


def _waiting(change: Change, number: int) -> Appeal:
    waiting = pending(change)
    for one in waiting:
        if one.appeal == number:
            return one
    there = ", ".join(str(AppealId(change.number, one.appeal)) for one in waiting) or "none"
    raise UsageError(f"{AppealId(change.number, number)}: is not pending; there are: {there}")


def _binding(change: Change, account: str) -> list[Standing]:
    return [one for one in standings(change.session, change.number) if one.binds(account)]


def _check_family(family: str | None, known: Collection[str]) -> None:
    if family is not None and family not in known:
        raise UsageError(f"--family {family!r}: no family of lookalikes{meant(family, known)}")


def _rule(
    change: Change,
    outcome: str,
    reaches: Mapping[int, Sequence[str]],
    reason: str,
    by: str,
    *,
    appeal: Appeal | None = None,
    family: str | None = None,
) -> Ruling:
    row = Ruling(
        number=change.number,
        ruling=change.next(Ruling.ruling),
        appeal=appeal.appeal if appeal else None,
        outcome=outcome,
        reaches=json.dumps(reaches),
        family=family,
        reason=said("--reason", reason),
        by=by,
        at=change.now,
    )
    before = {one.row.decision: one for one in standings(change.session, change.number)}
    change.record(row)
    change.find_by(row.reason)
    for decision, accounts in reaches.items():
        places = {account: place for place, account in enumerate(before[decision].accounts)}
        rows = [
            {
                "number": change.number,
                "decision": decision,
                "place": places[account],
                "at": change.now,
            }
            for account in accounts
        ]
        write_many(change.session, Freed, rows)
    _tell(change, row, before)
    if outcome != "cleared":
        _enter_next(change, outcome, by)
    return row


def _tell(change: Change, row: Ruling, before: Mapping[int, Standing]) -> None:
    """Leaves word for the stages that a decision had reached."""
    after = {one.row.decision: one for one in standings(change.session, change.number)}
    for decision in map(int, json.loads(row.reaches)):
        if before[decision].since is None:
            continue
        name = str(before[decision].id)
        change.tell("guard", kind="taken back", decision=name)
        if before[decision].row.grounds and after[decision].whole:
            change.tell("forum", kind="retracted", decision=name)


def _enter_next(change: Change, outcome: str, by: str) -> None:
    decisions = standings(change.session, change.number)
    if pending(change):
        return
    if in_force(decisions, change.now) or outcome == "upheld":
        change.enter("decided", by)
    elif outcome == "reversed":
        change.enter("reversed", by)
