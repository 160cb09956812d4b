"""To propose a measure, and to approve the gravest as a second person."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from datetime import datetime

from stillwatch.cases import persons
from stillwatch.cases.change import Change, said
from stillwatch.cases.ladder import LADDER, Measure
from stillwatch.cases.parts import Seen
from stillwatch.cases.standing import Standing, standings
from stillwatch.cases.tables import Approval, Decision, Facts, Touched, write_many
from stillwatch.complaints import meant
from stillwatch.errors import UsageError
from stillwatch.plural import plural

LONGEST_CLAUSE = 200


def propose(
    change: Change,
    measure: Measure,
    accounts: Sequence[str] | None,
    *,
    reason: str,
    clause: str,
    until: datetime,
    way_back: str,
    by: str,
    grounds: str | None,
    gravest: Collection[str],
) -> Standing:
    """Decides on a measure, or proposes it where it is among the `gravest`.

    accounts: none for all that the case has now. A rule (`rule:<id>`) may propose, too; a second
    person is one.

    Raises `UsageError` for a measure, account, text or time that does not do.
    """
    case, session = change.case, change.session
    if measure not in LADDER:
        raise UsageError(f"there is no measure {measure!r}{meant(measure, LADDER)}")
    if until <= change.now:
        raise UsageError(
            f"--until {until:%Y-%m-%d %H:%M}: lies in the past; a measure needs an end"
        )
    by = persons.decider(by)
    has = Seen.model_validate_json(session.get_one(Facts, (case.number, case.version)).document)
    touched = _touched(has.names if accounts is None else accounts, has.names, case.number)
    reason = _for_the_customer("--reason", reason, has.names)
    way_back = _for_the_customer("--way-back", way_back, has.names)
    clause = said("--clause", clause)
    if len(clause) > LONGEST_CLAUSE:
        raise UsageError(f"--clause: is the id of one, of {LONGEST_CLAUSE} characters at most")
    row = Decision(
        number=case.number,
        decision=change.next(Decision.decision),
        measure=measure,
        accounts=json.dumps(touched),
        reason=reason,
        clause=clause,
        until=until,
        way_back=way_back,
        grounds=None if grounds is None else said("--grounds", grounds),
        version=case.version,
        second=measure in gravest,
        by=by,
        at=change.now,
    )
    change.record(row)
    session.flush()
    write_many(
        session,
        Touched,
        [
            {"number": row.number, "decision": row.decision, "place": place, "account": account}
            for place, account in enumerate(touched)
        ],
    )
    change.find_by(reason, way_back, clause, row.grounds or "")
    made = Standing(row, None, {})
    if row.second:
        if case.state != "appealed":
            change.enter("investigating", by)
    else:
        _takes_effect(change, made, by)
    return made


def approve(change: Change, decision: int, by: str) -> Standing:
    """Lets a proposal take effect.

    Raises `UsageError` where it is none any more, or where it is the same person who proposed it.
    """
    by = persons.person(by)
    found = standing(change, decision)
    if not found.row.second:
        raise UsageError(f"{found.id}: needs no second person; it took effect at once")
    if found.approval:
        raise UsageError(f"{found.id}: was approved by {found.approval.by} already")
    status = found.status(change.now)
    if status != "proposed":
        raise UsageError(f"{found.id}: is {status}; propose it anew")
    if persons.same(by, found.row.by):
        raise UsageError(
            f"{found.id}: was proposed by {found.row.by}; {found.row.measure} needs somebody else "
            "to approve it"
        )
    approval = Approval(number=change.number, decision=decision, by=by, at=change.now)
    change.record(approval)
    made = Standing(found.row, approval, found.freed)
    _takes_effect(change, made, by)
    return made


def standing(change: Change, decision: int) -> Standing:
    """A decision of the case. Raises `UsageError` where there is none of that number."""
    known = standings(change.session, change.number)
    for one in known:
        if one.row.decision == decision:
            return one
    there = ", ".join(str(one.id) for one in known) or "none"
    raise UsageError(f"case {change.number} has no decision {decision}; there are: {there}")


def _takes_effect(change: Change, made: Standing, by: str) -> None:
    if change.case.state != "appealed":
        change.enter("decided", by)
    change.tell("guard", kind="in force", decision=str(made.id))
    if made.row.grounds:
        change.tell("forum", kind="confirmed", decision=str(made.id))


def _touched(named: Sequence[str], known: Sequence[str], number: int) -> list[str]:
    """The accounts named, each once. Raises `UsageError` for one that the case does not have."""
    wanted = list(dict.fromkeys(named))
    strange = [account for account in wanted if account not in set(known)]
    if strange or not wanted:
        what = ", ".join(strange[:5]) or "none"
        raise UsageError(
            f"--account {what}: not among the {plural(len(known), 'account')} that case {number} "
            "has now"
        )
    if any("\0" in account for account in wanted):
        raise UsageError("--account: one has a null character in it, which a store cannot hold")
    return wanted


def _for_the_customer(option: str, text: str, accounts: Collection[str]) -> str:
    """A text that a customer will read. Raises `UsageError` where an account is named in it."""
    text = said(option, text)
    # Names are looked up by the pieces of the text, since there may be very many of them.
    known = set(accounts)
    pieces = {piece.strip(".,;:!?()[]{}\"'") for piece in re.split(r"\s+", text)}
    if named := sorted(pieces & known):
        raise UsageError(
            f"{option}: names the account {named[0]}, and the customer of another may read it; "
            "what is for colleagues goes into a note"
        )
    return text
