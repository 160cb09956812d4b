"""From the sketches to campaigns. It reads as the way of the data: one line a stage."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa

from stillwatch import licences, results, rules, window
from stillwatch.campaigns.attribution import attributed
from stillwatch.campaigns.describe import describe
from stillwatch.campaigns.document import Campaign, Reading, Scan, Skipped, Verdict
from stillwatch.campaigns.further import further, questions
from stillwatch.campaigns.identity import carried
from stillwatch.campaigns.licensed import licensed
from stillwatch.campaigns.posterior import Judged
from stillwatch.campaigns.standing import standing
from stillwatch.campaigns.tables import account_table, exchange_table
from stillwatch.campaigns.verdicts import verdicts
from stillwatch.config import Settings
from stillwatch.engine import engine
from stillwatch.ingest import Ingested
from stillwatch.output import write
from stillwatch.progress import Progress
from stillwatch.signals import registry, weights
from stillwatch.signals.lessons import taught
from stillwatch.signals.model import Signal
from stillwatch.version import __version__
from stillwatch.weighing import Evidence, evidence

Witness = Callable[[Evidence, Evidence, Judged, weights.Weights], None]


@dataclass(frozen=True, slots=True)
class Result:
    """What a scan found: the document, and two tables.

    `accounts`: one row an account; `exchanges`: the exchanges attributed to campaigns. Both are
    as in `accounts.parquet` and `exchanges.parquet`.
    """

    document: Scan
    accounts: pa.Table
    exchanges: pa.Table

    @property
    def campaigns(self) -> tuple[Campaign, ...]:
        """The campaigns reported, the surest first."""
        return self.document.campaigns


@dataclass(frozen=True, slots=True)
class Found:
    """A result, and what it rests on and leaves out: `repeated`, copies of exchanges."""

    result: Result
    taken: Ingested
    repeated: list[dict[str, Any]]

    def publish(self, home: Path) -> None:
        """Puts the result in place of the one that lies in a directory."""
        with results.replaced(home) as run:
            write(
                run,
                self.result.document,
                self.result.accounts,
                self.result.exchanges,
                [*self.taken.rejected(), *self.repeated],
            )


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What a scan goes by: settings, weights, the signals that rules add, and licences."""

    settings: Settings
    weights: weights.Weights
    added: Sequence[Signal]
    licences: Sequence[licences.Licence]


def knowledge(settings: Settings) -> Knowledge:
    """The weights, rules and licences that the settings name. Raises `UsageError` for such as are
    none."""
    added = rules.signals(rules.load(settings.rules))
    every = [*registry.signals(), *added]
    known = (
        taught(weights.load(settings.weights, every), every)
        if settings.weights
        else weights.packaged()
    )
    return Knowledge(settings, known, added, licences.load(settings.licences))


def find(
    taken: Ingested,
    known: Knowledge,
    since: datetime | None,
    until: datetime | None,
    before: Scan | None,
    progress: Progress,
    witness: Witness | None = None,
) -> Found:
    """The campaigns in sketches of a window, under the ids they have in the scan `before`."""
    settings = known.settings
    with engine(settings.memory, settings.engine, settings.scratch) as opened:
        columns = taken.columns()
        fitted = known.weights.given(columns)
        sketches = window.within(opened.parquet(taken.parts), since, until)
        same_id = window.same_id(opened, sketches)
        exchanges = window.once(opened, sketches, same_id)
        window.check_filled(exchanges, taken.files)
        every = opened.parquet(taken.every_part()) if known.licences else sketches
        allowed = licences.granted(opened, every, exchanges, known.licences)
        covered = allowed.covered if allowed else None
        if covered is not None:
            exchanges = licences.parted(exchanges, covered)
        fewest = settings.fewest_accounts
        seen = evidence(opened, exchanges, columns, fitted, fewest, progress, known.added, covered)
        whole = seen
        seen, judged = standing(whole, fitted, settings.prior_bits, settings.lead_probability)
        if witness is not None:
            witness(whole, seen, judged, fitted)
        chosen = verdicts(seen.found.groups, judged, settings)
        reported = [group for group, verdict in chosen.items() if verdict != "spared"]
        weighed = opened.keep("attributed", attributed(reported, seen))
        asked = questions(registry.signals(), columns, fitted)
        open_ = further(seen.found.groups, reported, seen.found.values, judged, asked, settings)
        described = describe(chosen, seen, judged, weighed, taken.examples(), settings, open_)
        reading = _reading(taken, seen, same_id)
        if allowed:
            described = licensed(described, allowed)
        made = datetime.now(UTC)
        described, dormant = carried(described, before, reading.last or made)
        document = Scan(
            version=__version__,
            made=made,
            since=since,
            until=until,
            reading=reading,
            fdr=settings.fdr,
            account_fpr=settings.account_fpr,
            expected_false=_expected_false(_of(described, "campaign")),
            weighed=len(judged.total),
            campaigns=_of(described, "campaign"),
            leads=_of(described, "lead"),
            spared=_of(described, "spared"),
            after=before.made if before else None,
            dormant=dormant,
            skipped=tuple(
                Skipped(signal=s.about.name, title=s.about.title, missing=missing)
                for s, missing in registry.starved(columns, known.added)
            ),
            licences=allowed.uses(reading.last) if allowed else (),
            config=settings.model_dump(mode="json"),
            weights_version=fitted.version,
        )
        result = Result(
            document=document,
            accounts=account_table(seen, described),
            exchanges=exchange_table(weighed, seen.accounts, described),
        )
        return Found(result, taken, _duplicates(same_id))


def _expected_false(campaigns: Sequence[Campaign]) -> float:
    return len(campaigns) * max((c.q_value for c in campaigns), default=0.0)


def _of(described: Mapping[int, Campaign], verdict: Verdict) -> tuple[Campaign, ...]:
    return tuple(c for c in described.values() if c.verdict == verdict)


def _reading(taken: Ingested, seen: Evidence, same_id: ir.Table) -> Reading:
    read = seen.accounts.select("exchanges", "first_seen", "last_seen", account=1)
    if seen.sides is not None:
        doubled = seen.sides.doubled
        read = read.union(doubled.select("exchanges", "first_seen", "last_seen", account=0))
    whole = read.aggregate(
        exchanges=read.exchanges.sum().fill_null(0),
        accounts=read.account.sum().fill_null(0),
        first=read.first_seen.min(),
        last=read.last_seen.max(),
    )
    row = whole.to_pyarrow().to_pylist()[0]
    if seen.sides is not None:
        row["licensed"] = seen.sides.table.exchanges.sum().fill_null(0).to_pyarrow().as_py()
    ids = same_id.aggregate(
        duplicates=(same_id.copies - 1).sum().fill_null(0),
        shared_ids=(same_id.accounts > 1).sum().fill_null(0),
    )
    return Reading(
        files=taken.files,
        rejected=taken.reasons(),
        unread=taken.unread(),
        unmatched=taken.unmatched(),
        gone=taken.gone(),
        **ids.to_pyarrow().to_pylist()[0],
        **row,
    )


def _duplicates(same_id: ir.Table) -> list[dict[str, Any]]:
    copied = same_id.filter(same_id.copies > 1).order_by("exchange_id")
    return [
        {
            "file": None,
            "line": None,
            "field": "exchange_id",
            "reason": "duplicate exchange_id",
            "detail": f"copy {copy}; the earliest counts",
            "exchange_id": row["exchange_id"],
        }
        for row in copied.to_pyarrow().to_pylist()
        for copy in range(2, row["copies"] + 1)
    ]
