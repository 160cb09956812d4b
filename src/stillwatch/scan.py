"""The main job, from logs to campaigns. It reads as the way of the data: one line a stage."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa

from stillwatch import ingest, results, rules, window
from stillwatch.campaigns.attribution import attributed
from stillwatch.campaigns.describe import describe
from stillwatch.campaigns.document import Campaign, Reading, Scan, Skipped, Verdict
from stillwatch.campaigns.earlier import earlier
from stillwatch.campaigns.further import further, questions
from stillwatch.campaigns.identity import carried
from stillwatch.campaigns.posterior import Judged
from stillwatch.campaigns.standing import standing
from stillwatch.campaigns.tables import account_table, exchange_table
from stillwatch.campaigns.verdicts import verdicts
from stillwatch.config import Settings
from stillwatch.engine import Engine, engine
from stillwatch.evidence import Evidence, evidence
from stillwatch.ingest import Ingested
from stillwatch.output import write
from stillwatch.progress import Progress, silent
from stillwatch.signals import registry, weights
from stillwatch.signals.lessons import taught
from stillwatch.signals.model import Signal
from stillwatch.sketch.lake import Lake
from stillwatch.version import __version__

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


def scan(
    paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    out: str | os.PathLike[str] | None = None,
    *,
    settings: Settings | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    after: str | os.PathLike[str] | None = None,
    format: str | None = None,
    mapping: str | os.PathLike[str] | None = None,
    progress: Progress = silent,
    witness: Witness | None = None,
) -> Result:
    """Finds harvesting campaigns in API logs.

    Parameters
    ----------
    paths
        Files, folders, globs or object-store URLs of logs, in any format with a reader; tables of
        databases, as `postgres://reader@db.internal/gateway#public.calls`.
    out
        Directory for the sketches and the results; nothing is kept without one.
    since, until
        The window, since <= time < until; all of the traffic without them. With a zone.
    after
        Directory of the results of an earlier scan, whose campaigns keep their ids in this one.
        Without it the results that lie in `out` are followed, if there are any.
    format
        Name of the reader, where detection from content should be overruled.
    mapping
        TOML file that maps the columns of any other tabular log.
    witness
        Called with the evidence, with that of the groups that stand, with their judgement and with
        the weights it rests on. The document names the groups that came closest; a measurement
        needs all of them.

    Raises
    ------
    stillwatch.errors.StillwatchError
        With what was wrong, where, and what to do about it.
    """
    settings = settings or Settings()
    window.check(since, until)
    ingest.check(format, mapping)
    added = rules.signals(rules.load(settings.rules))
    every = [*registry.signals(), *added]
    known = (
        taught(weights.load(settings.weights, every), every)
        if settings.weights
        else weights.packaged()
    )
    # Before anything is made in `out`: where there is nothing to read, nothing is left behind.
    asked = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
    found = ingest.found(asked, format, mapping, since, until)
    with ExitStack() as stack:
        home = Path(out) if out else Path(stack.enter_context(TemporaryDirectory()))
        lake = stack.enter_context(Lake.open(home, write=True))
        before = earlier(home, Path(after) if after else None)
        taken = ingest.ingest(lake, found, format, mapping, settings.workers, progress)
        opened = stack.enter_context(engine(settings.memory, settings.engine, settings.scratch))
        result, repeated = _find(
            opened, taken, known, added, settings, since, until, before, progress, witness
        )
        if out:
            progress("report", 0.0)
            with results.replaced(home) as run:
                write(
                    run,
                    result.document,
                    result.accounts,
                    result.exchanges,
                    [*taken.rejected(), *repeated],
                )
            progress("report", 1.0)
    return result


def _find(
    engine: Engine,
    taken: Ingested,
    known: weights.Weights,
    added: Sequence[Signal],
    settings: Settings,
    since: datetime | None,
    until: datetime | None,
    before: Scan | None,
    progress: Progress,
    witness: Witness | None,
) -> tuple[Result, list[dict[str, Any]]]:
    columns = taken.columns()
    known = known.given(columns)
    sketches = window.within(engine.parquet(taken.parts), since, until)
    same_id = window.same_id(engine, sketches)
    exchanges = window.once(engine, sketches, same_id)
    window.check_filled(exchanges, taken.files)
    seen = evidence(engine, exchanges, columns, known, settings.fewest_accounts, progress, added)
    whole = seen
    seen, judged = standing(whole, known, settings.prior_bits, settings.lead_probability)
    if witness is not None:
        witness(whole, seen, judged, known)
    chosen = verdicts(seen.found.groups, judged, settings)
    reported = [group for group, verdict in chosen.items() if verdict != "spared"]
    weighed = engine.keep("attributed", attributed(reported, seen))
    asked = questions(registry.signals(), columns, known)
    open_ = further(seen.found.groups, reported, seen.found.values, judged, asked, settings)
    described = describe(chosen, seen, judged, weighed, taken.examples(), settings, open_)
    reading = _reading(taken, seen.accounts, same_id)
    made = datetime.now(UTC)
    described, dormant = carried(described, before, reading.last or made)
    document = Scan(
        version=__version__,
        made=made,
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
            for s, missing in registry.starved(columns, added)
        ),
        config=settings.model_dump(mode="json"),
        weights_version=known.version,
    )
    result = Result(
        document=document,
        accounts=account_table(seen, described),
        exchanges=exchange_table(weighed, seen.accounts, described),
    )
    return result, _duplicates(same_id)


def _expected_false(campaigns: Sequence[Campaign]) -> float:
    return len(campaigns) * max((c.q_value for c in campaigns), default=0.0)


def _of(described: Mapping[int, Campaign], verdict: Verdict) -> tuple[Campaign, ...]:
    return tuple(c for c in described.values() if c.verdict == verdict)


def _reading(taken: Ingested, accounts: ir.Table, same_id: ir.Table) -> Reading:
    seen = accounts.aggregate(
        exchanges=accounts.exchanges.sum().fill_null(0),
        accounts=accounts.count(),
        first=accounts.first_seen.min(),
        last=accounts.last_seen.max(),
    )
    row = seen.to_pyarrow().to_pylist()[0]
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
