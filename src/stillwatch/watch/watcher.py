"""One turn after the other: take what is new, join small sources, look if it is time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from opentelemetry import trace

from stillwatch import results
from stillwatch.campaigns.earlier import earlier
from stillwatch.campaigns.joined import joined
from stillwatch.errors import InputError, StillwatchError, UsageError
from stillwatch.find import Knowledge, find
from stillwatch.ingest import Ingested
from stillwatch.plural import plural
from stillwatch.progress import silent
from stillwatch.sketch.lake import Lake
from stillwatch.sketch.manifest import Manifest
from stillwatch.sketch.merge import merge, mergeable
from stillwatch.watch import alarms
from stillwatch.watch.looks import Look, Plan, Window, due, newest
from stillwatch.watch.metrics import Metrics
from stillwatch.watch.news import Versions, may_join
from stillwatch.watch.take import Feed, Took, take
from stillwatch.watch.taken import Whole, together, watched

PLACES: dict[Window, Path] = {"recent": Path(results.RECENT), "whole": Path()}
"""Where the results of each window lie, below the output."""
Tell = Callable[[str], None]
Version = tuple[int, int, int] | None
"""Inode, size and time of change of a file, if it is there."""
tracer = trace.get_tracer("stillwatch")


@dataclass
class Watcher:
    """Follows traffic into a directory. All that must outlive it lies there."""

    out: Path
    feed: Feed
    plan: Plan
    known: Knowledge
    metrics: Metrics
    tell: Tell
    strict: bool = False
    """Whether trouble ends the turn as an error, instead of being told."""
    _quiet: Versions = field(default_factory=dict)
    _told: set[str] = field(default_factory=set)
    _failed: dict[Window, datetime] = field(default_factory=dict)
    _ends: dict[Window, tuple[Version, datetime | None]] = field(default_factory=dict)
    _trouble: StillwatchError | None = None

    def begin(self) -> None:
        """Makes up for alarms that the end of an earlier watch cut off."""
        for window, place in PLACES.items():
            if document := earlier(self.out / place, None):
                alarms.raised(self.out, document, window, place)
                self._measure(window, document.until, len(document.campaigns))

    @tracer.start_as_current_span("watch.turn")
    def turn(self, now: datetime) -> None:
        """Takes all there is, and looks if it is time.

        Raises
        ------
        UsageError
            What is followed cannot be, as it is named.
        StillwatchError
            A turn that is `strict` failed.
        """
        try:
            with Lake.open(self.out, write=True) as lake:
                while self._take(lake, now).full:
                    pass
                self._look(lake, now)
        except UsageError:
            raise
        except (StillwatchError, OSError) as error:
            # A disk may be full, or a store away, and come back.
            if self.strict:
                raise
            self.metrics.failures.labels("turn").inc()
            self._once(str(error))
        else:
            self.metrics.turn.set_to_current_time()
        if self._trouble is not None:
            raise self._trouble

    @tracer.start_as_current_span("watch.take")
    def _take(self, lake: Lake, now: datetime) -> Took:
        took = take(lake, self.feed, now, self._quiet, self._note)
        for trouble in took.troubles:
            self._troubled("source", trouble)
        self.metrics.lost.inc(took.lost)
        self.metrics.skipped.inc(took.late)
        self.metrics.open.set(took.open)
        if took.late:
            self.tell(
                f"{plural(took.late, 'file')} changed after more than a day and will not be read "
                "again"
            )
        if took.manifests:
            rows = sum(m.rows for m in took.manifests)
            aside = sum(sum(m.rejected.values()) for m in took.manifests)
            more = f", {plural(aside, 'record')} set aside" if aside else ""
            self.tell(
                f"took {plural(rows, 'exchange')} from {plural(len(took.manifests), 'source')}"
                f"{more}"
            )
        self._join(lake, now)
        return took

    def _note(self, manifest: Manifest) -> None:
        self.metrics.exchanges.inc(manifest.rows)
        for reason, count in manifest.rejected.items():
            self.metrics.rejected.labels(reason).inc(count)

    @tracer.start_as_current_span("watch.join")
    def _join(self, lake: Lake, now: datetime) -> None:
        while few := mergeable([m for m in watched(lake.manifests()) if _joinable(m, now)]):
            merge(lake, few, together)
        self.metrics.sources.set(len(watched(lake.manifests())))

    def _look(self, lake: Lake, now: datetime) -> None:
        manifests = watched(lake.manifests())
        latest = newest(manifests, now)
        if latest:
            self.metrics.newest.set(latest.timestamp())
        ended = {w: self._ended(w) for w in PLACES}
        for look in due(self.plan, latest, ended["recent"], ended["whole"]):
            if self._failed.get(look.window) == look.until:
                continue
            try:
                self._at(lake, manifests, look)
            except InputError:
                # There is nothing in it: logs that begin with this hour, or a silent day.
                self._failed[look.window] = look.until
            except StillwatchError as error:
                self._failed[look.window] = look.until
                told = f"the look at {_shown(look)} failed: {error}"
                self._troubled("look", type(error)(told))

    def _ended(self, window: Window) -> datetime | None:
        """Where the last look ended. Its document is read when it is another: scans write, too."""
        version = _version(self.out / PLACES[window] / results.CAMPAIGNS)
        if window not in self._ends or self._ends[window][0] != version:
            before = earlier(self.out / PLACES[window], None)
            self._ends[window] = version, before.until if before else None
        return self._ends[window][1]

    @tracer.start_as_current_span("watch.look")
    def _at(self, lake: Lake, manifests: list[Manifest], look: Look) -> None:
        trace.get_current_span().set_attribute("stillwatch.window", look.window)
        begun = monotonic()
        place = PLACES[look.window]
        other = PLACES["whole" if look.window == "recent" else "recent"]
        before = joined(earlier(self.out / place, None), earlier(self.out / other, None))
        taken = Ingested(lake, tuple(_within(manifests, look)), ())
        if not taken.parts:
            raise InputError("no exchange lies in it")
        found = find(taken, self.known, look.since, look.until, before, silent)
        (self.out / place).mkdir(exist_ok=True)
        found.publish(self.out / place)
        document = found.result.document
        fresh = alarms.raised(self.out, document, look.window, place)
        took = monotonic() - begun
        self.metrics.took.labels(look.window).set(took)
        self.metrics.looks.labels(look.window).inc()
        self.metrics.alarms.inc(len(fresh))
        self._measure(look.window, look.until, len(document.campaigns))
        self.tell(
            f"looked at {_shown(look)} in {took:.0f} s: "
            f"{plural(document.reading.exchanges, 'exchange')} of "
            f"{plural(document.reading.accounts, 'account')}, "
            f"{plural(len(document.campaigns), 'campaign')}, {plural(len(document.leads), 'lead')}"
        )
        for campaign in fresh:
            self.tell(
                f"ALARM {campaign.id}: {plural(campaign.account_count, 'account')}, "
                f"{plural(campaign.exchanges, 'exchange')}; see {self.out / place}/report.html"
            )

    def _measure(self, window: Window, until: datetime | None, campaigns: int) -> None:
        self.metrics.campaigns.labels(window).set(campaigns)
        if until:
            self.metrics.until.labels(window).set(until.timestamp())

    def _troubled(self, what: str, trouble: StillwatchError) -> None:
        """Tells and counts what went wrong, while the rest goes on."""
        self.metrics.failures.labels(what).inc()
        if self.strict and self._trouble is None:
            self._trouble = trouble
        else:
            self._once(str(trouble))

    def _once(self, trouble: str) -> None:
        """Tells what goes on from turn to turn one time only."""
        if trouble not in self._told:
            self._told.add(trouble)
            self.tell(trouble)


def _version(path: Path) -> Version:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


def _joinable(manifest: Manifest, now: datetime) -> bool:
    return may_join((Whole(*one) for one in manifest.meta["wholes"]), now)


def _within(manifests: list[Manifest], look: Look) -> list[Manifest]:
    """The manifests, with only the parts of the days that a window touches."""
    first, last = (f"{t.astimezone(UTC):%Y-%m-%d}" for t in (look.since, look.until))
    cut = [replace(m, parts=tuple(p for p in m.parts if first <= p.day <= last)) for m in manifests]
    return [m for m in cut if m.parts]


def _shown(look: Look) -> str:
    return f"{look.since:%Y-%m-%d %H:%M} to {look.until:%Y-%m-%d %H:%M} UTC"
