"""Candidate groups in words and numbers: the parts of `campaigns.json`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from stillwatch.campaigns.candidates import Candidates
from stillwatch.campaigns.document import (
    Campaign,
    Count,
    Further,
    Innocence,
    Link,
    Member,
    Moment,
    Template,
    Verdict,
    Weight,
)
from stillwatch.campaigns.identity import identity
from stillwatch.campaigns.posterior import Judged
from stillwatch.campaigns.verdicts import kept_from
from stillwatch.config import Settings
from stillwatch.portable import seconds
from stillwatch.signals.catalogue.asks_for_reasoning import CLEAR
from stillwatch.signals.model import AccountSignal, GroupSignal
from stillwatch.weighing import Evidence

MEMBERS_EXPLAINED = 100
"""Members with a waterfall of their own in the document; all are in `accounts.parquet`."""
LINKS_SHOWN = 40
CARRIERS_NAMED = 200
TEMPLATES_SHOWN = 12
INTERVALS = 48
TOO_LITTLE = "too little to tell"

Row = dict[str, Any]


def describe(
    chosen: Mapping[int, Verdict],
    seen: Evidence,
    judged: Judged,
    attributed: ir.Table,
    examples: Mapping[tuple[str, int], str],
    settings: Settings,
    further: Mapping[int, Further],
) -> dict[int, Campaign]:
    """The chosen groups as documents, in the order of their bits.

    `chosen` maps a group to its verdict; `attributed` holds the weighed exchanges of those
    groups; `examples` maps (kind, template) to a masked text; `further` groups to what would
    decide most of them.
    """
    keep = ibis.memtable(pa.table({"group": pa.array(list(chosen), pa.int64())}))
    found = seen.found
    told = {group for group, verdict in chosen.items() if verdict != "spared"}
    members = _members(found.members.semi_join(keep, "group"), seen.accounts, attributed, told)
    shared = _things(found.shared.semi_join(keep, "group"), seen.accounts, seen.things)
    activity = _activity(attributed)
    asked = ibis.ifelse(attributed.intent_bits >= CLEAR, attributed.intent, "ordinary")
    models = _counts(attributed, attributed.model)
    intents = _counts(attributed, asked)
    names = {s.about.name: s.about.title for s in seen.links}
    wording = {s.about.name for s in seen.links if s.text}
    place = {int(g): i for i, g in enumerate(found.groups)}
    bars = kept_from(judged, settings)
    described: dict[int, Campaign] = {}
    for group, verdict in chosen.items():
        row = place[group]
        people = members[group]
        spared = verdict == "spared"
        explained = MEMBERS_EXPLAINED if group in told else 0
        described[group] = Campaign(
            id=identity(str(p["account"]) for p in people),
            verdict=verdict,
            bits=_tidy(judged.total[row]),
            probability=_tidy(judged.probability[row], 9),
            q_value=_tidy(judged.q_value[row], 9),
            account_fpr=_tidy(judged.account_fpr[row], 12),
            kept_from=tuple(bar for bar, kept in bars.items() if kept[row]),
            first_seen=min(p["harvest_first"] or p["first_seen"] for p in people),
            last_seen=max(p["harvest_last"] or p["last_seen"] for p in people),
            exchanges=sum((p["exchanges"] if spared else p["harvest"]) or 0 for p in people),
            account_count=len(people),
            models=models[group],
            intents=intents[group],
            waterfall=_waterfall(row, found, judged, seen.group_signals, settings.prior_bits),
            innocents=_innocents(row, judged),
            links=_links(shared[group], names, wording),
            templates=_templates(shared[group], wording, examples),
            timeline=activity[group],
            accounts=tuple(
                _member(p, seen.account_signals if i < explained else ())
                for i, p in enumerate(people)
            ),
            further=further.get(group),
        )
    return dict(sorted(described.items(), key=lambda item: (-item[1].bits, item[1].id)))


def _waterfall(
    row: int,
    found: Candidates,
    judged: Judged,
    signals: Sequence[GroupSignal],
    prior_bits: float,
) -> tuple[Weight, ...]:
    prior = Weight(
        signal="prior",
        title="Before any evidence",
        group="prior",
        value=None,
        reading=f"one candidate group in {2**-prior_bits + 1:.0f} is a campaign",
        bits=prior_bits,
    )
    weighed = [
        Weight(
            signal=s.about.name,
            title=s.about.title,
            group=s.about.group,
            value=None if np.isnan(value) else _tidy(value),
            reading="too little to tell"
            if np.isnan(value)
            else s.scale.reading.format(value=value),
            bits=_tidy(judged.weights[row, column]),
        )
        for column, s in enumerate(signals)
        for value in [float(found.values[s.about.name][row])]
    ]
    return (prior, *sorted(weighed, key=lambda w: -w.bits))


def _innocents(row: int, judged: Judged) -> tuple[Innocence, ...]:
    ranked = sorted(zip(judged.against[row], judged.families, strict=True))
    return tuple(
        Innocence(family=f, title=f.replace("_", " "), bits=_tidy(b)) for b, f in ranked[:6]
    )


def _members(
    members: ir.Table, accounts: ir.Table, attributed: ir.Table, told: set[int]
) -> dict[int, list[Row]]:
    """The members of each group, the surest first; the first of the groups `told` with all that
    was measured of them.
    """
    harvest = (
        attributed.filter(attributed.bits > 0)
        .group_by("account_key")
        .agg(
            harvest=lambda t: t.count(),
            harvest_first=lambda t: t.time.min(),
            harvest_last=lambda t: t.time.max(),
        )
    )
    narrow = accounts.select(
        "account_key", "account", "own_bits", "exchanges", "first_seen", "last_seen"
    )
    joined = (
        members.join(narrow, "account_key")
        .left_join(harvest, "account_key")
        .mutate(total=lambda t: t.link_bits + t.own_bits)
        .order_by(ibis.desc("total"), "account")
    )
    grouped = _by_group(joined.to_pyarrow().to_pylist())
    first = [person for group in told for person in grouped[group][:MEMBERS_EXPLAINED]]
    keys = pa.array([person["account_key"] for person in first], pa.int64())
    measured = accounts.semi_join(ibis.memtable(pa.table({"account_key": keys})), "account_key")
    rows = {row["account_key"]: row for row in measured.to_pyarrow().to_pylist()}
    for person in first:
        person.update(rows[person["account_key"]])
    return grouped


def _member(row: Row, signals: Sequence[AccountSignal]) -> Member:
    capped = _capped(row, signals)
    weights = [
        Weight(
            signal=s.about.name,
            title=s.about.title,
            group=s.about.group,
            value=_tidy(row[s.about.name]),
            reading=s.scale.reading.format(value=row[s.about.name]),
            bits=_tidy(row[f"{s.about.name}:bits"] * capped[s.about.group]),
        )
        for s in signals
        if row[s.about.name] is not None
    ]
    if signals:
        weights.append(
            Weight(
                signal="links",
                title="Shares rare things with the others",
                group="links",
                value=None,
                reading="see the things the campaign shares",
                bits=_tidy(row["link_bits"]),
            )
        )
    return Member(
        account=row["account"],
        bits=_tidy(row["total"]),
        exchanges=row["exchanges"],
        harvest_exchanges=row["harvest"] or 0,
        first_seen=row["first_seen"],
        last_seen=row["last_seen"],
        waterfall=tuple(sorted(weights, key=lambda w: -w.bits)),
    )


def _capped(row: Row, signals: Sequence[AccountSignal]) -> dict[str, float]:
    """Group of signals → what the cap leaves of each of its bars, so that they add up."""
    sums: dict[str, float] = defaultdict(float)
    for signal in signals:
        sums[signal.about.group] += row[f"{signal.about.name}:bits"]
    return {group: row[f"{group}_bits"] / total if total else 1.0 for group, total in sums.items()}


def _things(shared: ir.Table, accounts: ir.Table, things: ir.Table) -> dict[int, list[Row]]:
    held = shared.join(accounts.select("account_key", "account", "exchanges"), "account_key")
    heaviest = ibis.window(group_by=["group", "node"], order_by=[ibis.desc("exchanges"), "account"])
    held = held.mutate(place=ibis.row_number().over(heaviest))
    named = (
        held.group_by("group", "node")
        .agg(
            inside=lambda t: t.inside.max(),
            bits=lambda t: t.bits.max(),
            uses=lambda t: (t.share * t.exchanges).sum().round().cast("int64"),
            carried_by=lambda t: t.account.collect(where=t.place < CARRIERS_NAMED),
        )
        .join(things, "node")
        .order_by(ibis.desc("inside"), ibis.desc("bits"), "kind", "value")
    )
    return _by_group(named.to_pyarrow().to_pylist())


def _links(things: list[Row], names: Mapping[str, str], wording: set[str]) -> tuple[Link, ...]:
    """The things that hold the group together: many accounts, much surprise, every kind."""
    ranked = sorted(things, key=lambda t: -t["inside"] * t["bits"])
    by_kind: dict[str, int] = defaultdict(int)
    shown: list[Link] = []
    for thing in ranked:
        by_kind[thing["kind"]] += 1
        if by_kind[thing["kind"]] <= LINKS_SHOWN // 4 and len(shown) < LINKS_SHOWN:
            value = thing["value"]
            shown.append(
                Link(
                    kind=thing["kind"],
                    title=names[thing["kind"]],
                    value=_hex(value) if thing["kind"] in wording else value,
                    accounts=thing["inside"],
                    accounts_elsewhere=thing["carriers"] - thing["inside"],
                    bits=_tidy(thing["bits"]),
                    members=tuple(sorted(thing["carried_by"])),
                )
            )
    return tuple(shown)


def _templates(
    things: list[Row], wording: set[str], examples: Mapping[tuple[str, int], str]
) -> tuple[Template, ...]:
    families = [t for t in things if t["kind"] in wording and t["kind"] != "near"]
    ranked = sorted(families, key=lambda t: -t["uses"])
    return tuple(
        Template(
            kind=t["kind"],
            template=_hex(t["value"]),
            example=examples.get((t["kind"], int(t["value"]))),
            accounts=t["inside"],
            exchanges=t["uses"],
        )
        for t in ranked[:TEMPLATES_SHOWN]
    )


def _activity(attributed: ir.Table) -> dict[int, tuple[Moment, ...]]:
    harvest = attributed.filter(attributed.bits > 0)
    span = harvest.aggregate(first=harvest.time.min(), last=harvest.time.max())
    bounds = span.to_pyarrow().to_pylist()[0]
    activity: dict[int, tuple[Moment, ...]] = defaultdict(tuple)
    if bounds["first"] is None:
        return activity
    step = _interval((bounds["last"] - bounds["first"]).total_seconds())
    moments = (
        harvest.mutate(at=(seconds(harvest.time) // step) * step)
        .group_by("group", "at")
        .agg(exchanges=lambda t: t.count(), accounts=lambda t: t.account_key.nunique())
        .mutate(time=lambda t: t["at"].cast("int64").as_timestamp("s"))
        .order_by("group", "at")
    )
    for group, rows in _by_group(moments.to_pyarrow().to_pylist()).items():
        activity[group] = tuple(
            Moment(
                time=r["time"].replace(tzinfo=bounds["first"].tzinfo),
                exchanges=r["exchanges"],
                accounts=r["accounts"],
            )
            for r in rows
        )
    return activity


def _interval(seconds: float) -> int:
    """The shortest round interval that divides a span into at most `INTERVALS` parts."""
    rounds = (60, 300, 600, 1800, 3600, 7200, 21_600, 43_200, 86_400, 604_800)
    return next((r for r in rounds if seconds / r <= INTERVALS), rounds[-1])


def _counts(attributed: ir.Table, names: ir.StringColumn) -> dict[int, tuple[Count, ...]]:
    rows = (
        attributed.mutate(name=names)
        .filter(lambda t: (t.bits > 0) & t.name.notnull())
        .group_by("group", "name")
        .agg(exchanges=lambda t: t.count())
        .order_by("group", ibis.desc("exchanges"), "name")
        .to_pyarrow()
        .to_pylist()
    )
    counts: dict[int, tuple[Count, ...]] = defaultdict(tuple)
    for group, found in _by_group(rows).items():
        counts[group] = tuple(Count(name=r["name"], exchanges=r["exchanges"]) for r in found[:12])
    return counts


def _by_group(rows: list[Row]) -> dict[int, list[Row]]:
    grouped: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[row["group"]].append(row)
    return grouped


def _hex(value: str) -> str:
    return f"{int(value) & 0xFFFF_FFFF_FFFF_FFFF:016x}"


def _tidy(value: float, digits: int = 4) -> float:
    return round(float(value), digits)
