"""Brings cases up to a scan: a campaign becomes a case, and stays that one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from stillwatch import results
from stillwatch.campaigns import document
from stillwatch.campaigns.document import Campaign as Group
from stillwatch.campaigns.document import Scan
from stillwatch.campaigns.lesson import showed
from stillwatch.cases import persons
from stillwatch.cases.change import Change, record
from stillwatch.cases.kin import Kin, kin
from stillwatch.cases.parts import Concluded, concluded, seen, tactics
from stillwatch.cases.tables import Campaign, Case, Facts, Inference, Kinship
from stillwatch.cases.words import index
from stillwatch.signals.lesson import Lesson
from stillwatch.signals.registry import signals


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a scan, as cases need it.

    digest: SHA-256 of its campaigns.json, in hexadecimal; lessons: campaign or lead → what weights
    would learn of it.
    """

    scan: Scan
    digest: str
    lessons: Mapping[str, Lesson]


@dataclass(slots=True)
class Taken:
    """What became of the groups of a scan: numbers of cases."""

    opened: list[int] = field(default_factory=list)
    updated: list[int] = field(default_factory=list)
    reopened: list[int] = field(default_factory=list)
    """Those of the updated that were closed, and have accounts that no version had."""
    unchanged: list[int] = field(default_factory=list)
    """Those that had this scan already."""
    newer: list[int] = field(default_factory=list)
    """Those that have a newer scan than this one, and were left as they are."""


def result(scan_dir: Path) -> Result:
    """Reads the output directory of a scan.

    Raises `NoInputError` where none is there, and `FormatError` where it is broken or of another
    version.
    """
    path = scan_dir / results.CAMPAIGNS
    scan = document.load(path)
    known = signals()
    lessons = {g.id: showed(scan_dir, g, "harvest", known, scan.made) for g in scan.reported}
    return Result(scan, hashlib.sha256(path.read_bytes()).hexdigest(), lessons)


def take(session: Session, found: Result, now: datetime, *, leads: bool) -> Taken:
    """Opens a case for each campaign, and each lead if wanted, that has none, and brings those
    up to the scan that have one. Whoever calls it keeps others from doing so meanwhile."""
    groups = found.scan.groups
    related = kin(session, groups)
    taken = Taken()
    cases: dict[str, int] = {}
    for group in groups:
        number = related.heir.get(group.id)
        if number is not None:
            case = session.get_one(Case, number, with_for_update=True)
            _update(Change(session, case, now), group, found, taken)
        elif group.verdict == "campaign" or (group.verdict == "lead" and leads):
            number = _open(session, group, found, now)
            taken.opened.append(number)
        else:
            continue
        cases[group.id] = number
    _note_kinship(session, groups, related, cases, found.digest)
    return taken


def _open(session: Session, group: Group, found: Result, now: datetime) -> int:
    case = Case(
        campaign=group.id,
        state="open",
        version=0,
        verdict=group.verdict,
        probability=group.probability,
        accounts=group.account_count,
        exchanges=group.exchanges,
        opened=now,
        last_seen=group.last_seen,
    )
    session.add(case)
    session.flush()
    change = Change(session, case, now)
    _version(change, group, found)
    change.write("state", "open", persons.SCAN)
    return case.number


def _update(change: Change, group: Group, found: Result, taken: Taken) -> None:
    case = change.case
    if change.session.scalar(
        select(Facts.version).where(Facts.number == case.number, Facts.scan == found.digest)
    ):
        taken.unchanged.append(case.number)
        return
    latest = change.session.get_one(Facts, (case.number, case.version))
    if latest.made > found.scan.made:
        taken.newer.append(case.number)
        return
    joined = _version(change, group, found)
    taken.updated.append(case.number)
    if joined and case.state == "closed":
        change.enter("open", persons.SCAN)
        taken.reopened.append(case.number)


def _version(change: Change, group: Group, found: Result) -> bool:
    """Writes facts and inference of a group as the next version; whether accounts joined."""
    session, case, scan = change.session, change.case, found.scan
    facts, inference = seen(group, scan), concluded(group, scan, found.lessons.get(group.id))
    case.version += 1
    record(
        session,
        Facts(
            number=case.number,
            version=case.version,
            scan=found.digest,
            made=scan.made,
            taken=change.now,
            campaign=group.id,
            document=facts.model_dump_json(),
        ),
    )
    record(
        session,
        Inference(
            number=case.number,
            version=case.version,
            verdict=group.verdict,
            probability=group.probability,
            bits=group.bits,
            document=inference.model_dump_json(),
        ),
    )
    case.campaign, case.verdict, case.probability = group.id, group.verdict, group.probability
    case.accounts, case.exchanges = group.account_count, group.exchanges
    case.last_seen = group.last_seen
    if session.get(Campaign, (group.id, case.number)) is None:
        session.add(Campaign(campaign=group.id, number=case.number))
    fresh = index(session, case.number, _terms(group, inference))
    return any(kind == "account" for kind, _ in fresh)


def _terms(group: Group, inference: Concluded) -> Iterable[tuple[str, str]]:
    yield from (("account", member.account) for member in group.accounts)
    yield from (("tactic", tactic) for tactic in tactics(inference))
    yield from (("thing", f"{link.kind}:{link.value}") for link in group.links)
    yield from (("thing", f"{one.kind}:{one.template}") for one in group.templates)


def _note_kinship(
    session: Session, groups: Iterable[Group], related: Kin, cases: Mapping[str, int], digest: str
) -> None:
    """Links cases that went into each other, or split off."""
    told: set[tuple[int, str, int]] = set()
    for group in groups:
        here = cases.get(group.id)
        if here is None:
            continue
        past = group.past
        merged = related.known(past.merged if past else ()) | related.merged.get(group.id, set())
        split = related.known(past.split_from if past else ()) | related.split.get(group.id, set())
        told |= {(other, "merged_into", here) for other in merged if other != here}
        told |= {(here, "split_from", other) for other in split if other != here}
    for number, kind, other in sorted(told):
        if session.get(Kinship, (number, kind, other)) is None:
            record(session, Kinship(number=number, kind=kind, other=other, scan=digest))
