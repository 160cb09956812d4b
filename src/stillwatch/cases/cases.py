"""The cases of a store: what the command line, a notebook and a service work with."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from stillwatch.cases import (
    appealing,
    checking,
    deciding,
    effective,
    figures,
    learning,
    listing,
    outbox,
    persons,
    store,
    taking,
    told,
)
from stillwatch.cases import shown as evidence
from stillwatch.cases.allowed import people
from stillwatch.cases.change import Change, said
from stillwatch.cases.ids import AppealId, DecisionId
from stillwatch.cases.ladder import GRAVEST, Measure
from stillwatch.cases.log import Opener
from stillwatch.cases.standing import Standing
from stillwatch.cases.tables import Campaign, Case, Ruling
from stillwatch.errors import StillwatchError, UsageError
from stillwatch.signals.weights import Weights
from stillwatch.terms import Versions

_TAKING = 0x5711CA5E
"""Number of an advisory lock of PostgreSQL: one scan is taken at a time."""
OTHER = "other"
"""What was no harvest, and is of no family that has a name."""


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


class Cases:
    """A store of cases.

    place: path of a file, or a URL of PostgreSQL. log: opens what records are entered into, for as
    long as it takes; without one they wait. clock: what tells the time. gravest: measures that need
    a second person. families: what the innocent can be; those that the packaged weights know where
    none are given.

    Leaving it as a context lets go of the store. Names of persons are taken as they are given: who
    calls this has to know who it is.
    Everything raises `StillwatchError`, with what to do about it.
    """

    def __init__(
        self,
        place: str | Path,
        log: Opener | None = None,
        *,
        make: bool = False,
        clock: Callable[[], datetime] = now,
        gravest: Collection[Measure] = GRAVEST,
        families: Collection[str] | None = None,
    ) -> None:
        self.place = str(place)
        self.log = log
        self.clock = clock
        self.gravest = frozenset(gravest)
        self.complaint: str | None = None
        """Why the log could not be brought up to the store after the last change, if so."""
        self._families = families
        self._engine = store.engine(self.place, make=make)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._engine.dispose()

    # What scans found

    def open(self, scan_dir: str | Path, *, leads: bool = False) -> taking.Taken:
        """Opens a case for each campaign of a scan (and each lead) that has none, and brings the
        others up to it. The same scan twice changes nothing."""
        found = taking.result(Path(scan_dir))
        with self._writing() as session:
            if self._engine.dialect.name == "postgresql":
                session.execute(text("select pg_advisory_xact_lock(:n)"), {"n": _TAKING})
            return taking.take(session, found, self.clock(), leads=leads)

    # What is there

    def page(self, asked: listing.Asked, limit: int = listing.PAGE) -> list[listing.Row]:
        """A page of cases, the newest first."""
        with self._reading() as session:
            return listing.page(session, asked, limit)

    def case(self, name: int | str) -> told.Told:
        """All of a case, by its number or the id of its campaign."""
        number = self.number(name)
        with self._reading() as session:
            return told.told(session, session.get_one(Case, number), self.clock())

    def number(self, name: int | str) -> int:
        """The number of a case, from that or from the id of its campaign."""
        with self._reading() as session:
            if isinstance(name, int) or name.isdecimal():
                found = session.scalar(select(Case.number).where(Case.number == int(name)))
            else:
                found = session.scalar(
                    select(func.max(Campaign.number)).where(Campaign.campaign == name)
                )
        if found is None:
            raise UsageError(f"{name}: there is no such case; `stillwatch case list` has them")
        return found

    def effective(self, at: datetime | None = None) -> list[effective.Effective]:
        """The measures in force at a time, by account."""
        with self._reading() as session:
            return effective.effective(session, at or self.clock())

    def figures(self) -> figures.Figures:
        """How often people were right, and what the innocent were."""
        with self._reading() as session:
            return figures.figures(session)

    def taught(self, weights: Weights) -> learning.Learned:
        """Weights brought up to what people know from the cases."""
        with self._reading() as session:
            return learning.taught(session, weights)

    # What people do

    def note(self, case: int, text: str, *, by: str) -> None:
        """Adds a note."""
        with self._changing(case) as change:
            found = said("note", text)
            change.write("note", found, persons.person(by))
            change.find_by(found)

    def assign(self, case: int, to: str, *, by: str) -> None:
        """Gives a case to somebody, who looks into it."""
        with self._changing(case) as change:
            assignee, who = persons.person(to, "--to"), persons.person(by)
            change.case.assignee = assignee
            change.write("assignee", assignee, who)
            if change.case.state in ("open", "closed", "reversed"):
                change.enter("investigating", who)

    def propose(
        self,
        case: int,
        measure: Measure,
        accounts: Sequence[str] | None,
        *,
        reason: str,
        clause: str,
        until: datetime,
        way_back: str,
        by: str,
        grounds: str | None = None,
        terms: Versions | None = None,
    ) -> Standing:
        """Decides on a measure; one of the gravest is proposed, and waits for a second person.

        accounts: those it touches, or (none) all that the case has now. grounds: what beyond the
        report confirms a harvest, if anything does. terms: must allow it, and say how many people
        it needs, beyond the gravest, which always need two.
        """
        with self._changing(case) as change:
            gravest = self.gravest
            if terms is not None and people(terms, clause, measure, change.now) > 1:
                gravest |= {measure}
            return deciding.propose(
                change,
                measure,
                accounts,
                reason=reason,
                clause=clause,
                until=until,
                way_back=way_back,
                by=by,
                grounds=grounds,
                gravest=gravest,
            )

    def approve(self, decision: DecisionId, *, by: str) -> Standing:
        """Lets a proposal take effect, as the second person."""
        with self._changing(decision.number) as change:
            return deciding.approve(change, decision.decision, by)

    def appeal(
        self, case: int, account: str, statement: str, *, by: str
    ) -> tuple[AppealId, evidence.Shown]:
        """Enters an appeal; and what the customer may see."""
        with self._changing(case) as change:
            row = appealing.appeal(change, account, statement, by)
            change.session.flush()
            return AppealId(case, row.appeal), evidence.shown(change.session, row)

    def uphold(self, appeal: AppealId, *, reason: str, by: str) -> Ruling:
        """Ends an appeal; the measures stay."""
        with self._changing(appeal.number) as change:
            return appealing.uphold(change, appeal.appeal, reason, by)

    def reverse(
        self, appeal: AppealId, *, reason: str, by: str, family: str | None = None
    ) -> Ruling:
        """Ends an appeal; the measures on its account are taken back.

        family: what it was, where it was no harvest.
        """
        known = self.families
        with self._changing(appeal.number) as change:
            return appealing.reverse(change, appeal.appeal, reason, by, family=family, known=known)

    def take_back(
        self,
        decision: DecisionId,
        accounts: Sequence[str] | None = None,
        *,
        reason: str,
        by: str,
        family: str | None = None,
    ) -> Ruling:
        """Takes back a decision, or turns down a proposal, for some accounts or (none) all."""
        known = self.families
        with self._changing(decision.number) as change:
            return appealing.take_back(
                change, decision.decision, accounts, reason, by, family=family, known=known
            )

    def close(self, case: int, *, reason: str, by: str, family: str | None = None) -> None:
        """Closes a case; with a family, as no harvest."""
        known = self.families
        with self._changing(case) as change:
            appealing.close(change, reason, by, family=family, known=known)

    @property
    def families(self) -> frozenset[str]:
        """What the innocent can be."""
        if self._families is None:
            from stillwatch.signals import weights

            self._families = weights.packaged().families
        return frozenset({*self._families, OTHER})

    # What others are told

    def waiting(self, topic: str) -> list[outbox.Waiting]:
        """Messages for a stage (`guard`, `forum`), the oldest first, until it says `fetched`."""
        with store.told(self.place):
            return outbox.waiting(self._engine, topic)

    def fetched(self, messages: Iterable[outbox.Waiting]) -> None:
        """Messages that a stage has for good."""
        with store.told(self.place):
            outbox.fetched(self._engine, messages)

    def behind(self) -> int:
        """Records that the log does not have yet."""
        with store.told(self.place):
            return outbox.behind(self._engine)

    def deliver(self) -> None:
        """Brings the log up to the store. What cannot be, waits; `complaint` says why."""
        self.complaint = None
        if self.log is None:
            return
        try:
            with store.told(self.place):
                if outbox.behind(self._engine):
                    with self.log() as log:
                        outbox.deliver(self._engine, log, self.clock())
        except (StillwatchError, OSError) as error:
            self.complaint = str(error)

    def check(self) -> checking.Agreement:
        """Whether store and log agree. Raises `UsageError` without a log."""
        if self.log is None:
            raise UsageError("no log was named to check the store against")
        with self.log() as log, self._reading() as session:
            return checking.agreement(session, log)

    @contextmanager
    def _reading(self) -> Iterator[Session]:
        with store.told(self.place), store.reading(self._engine) as session:
            yield session

    @contextmanager
    def _writing(self) -> Iterator[Session]:
        with store.told(self.place), store.writing(self._engine) as session, session.begin():
            yield session
        self.deliver()

    @contextmanager
    def _changing(self, number: int) -> Iterator[Change]:
        with self._writing() as session:
            case = session.get(Case, number, with_for_update=True)
            if case is None:
                raise UsageError(f"{number}: there is no such case; see `stillwatch case list`")
            yield Change(session, case, self.clock())
