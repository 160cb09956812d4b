"""From the outcomes of all jobs to the document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from statistics import median

from stillwatch.config import Settings
from stillwatch.range.adapt.document import Adapted
from stillwatch.range.evaluate.figures.calibration import calibration
from stillwatch.range.evaluate.figures.curve import curve
from stillwatch.range.evaluate.figures.document import (
    Ablation,
    Alarms,
    Cost,
    Disclosed,
    Evaluation,
    Populations,
    Rung,
    Variants,
)
from stillwatch.range.evaluate.figures.totals import innocents, lookalikes, pooled
from stillwatch.range.evaluate.outcome import Harvest, Outcome, Scanned
from stillwatch.range.evaluate.plan import Arm
from stillwatch.range.evaluate.work import EVERY
from stillwatch.range.rate import Rate, rate
from stillwatch.range.scenario import load_scenario
from stillwatch.range.split import HELD_BACK
from stillwatch.signals.model import GROUPS
from stillwatch.signals.weights import packaged


def summary(
    outcomes: Sequence[Outcome],
    adapted: Adapted | None,
    made_by: Mapping[str, str],
    *,
    small: bool,
) -> Evaluation:
    """All figures of an evaluation. `made_by` has the version and the digest of the code."""
    quiet = _scans(outcomes, "innocent")
    usual = [s for arm in ("rung", "innocent", "disclosed") for s in _scans(outcomes, arm)]
    levels = list(dict.fromkeys(o.level for o in outcomes if o.level))
    base, bins = calibration([g for s in usual for g in s.groups])
    drawn = [o.seed for o in outcomes if o.arm != "disclosed"]
    return Evaluation(
        version=made_by["version"],
        digest=made_by["digest"],
        made=datetime.now(UTC),
        small=small,
        seeds=(min(drawn), max(drawn)),
        scenarios=len(outcomes),
        adapted=adapted,
        rungs=tuple(_rung(level, _scans(outcomes, "rung", level), quiet) for level in levels),
        variants=_variants(h for s in _scans(outcomes, "rung") for h in s.harvests),
        alarms=tuple(_alarms(outcomes, level) for level in levels),
        disclosed=tuple(row for o in outcomes if o.arm == "disclosed" for row in _disclosed(o)),
        populations=_populations(quiet),
        innocents=innocents(usual),
        lookalikes=lookalikes(usual),
        base_bits=base,
        calibration=bins,
        ablations=tuple(row for level in levels for row in _ablations(outcomes, level)),
        config=Settings().model_dump(mode="json", exclude={"memory", "workers"}),
    )


def _scans(outcomes: Iterable[Outcome], arm: Arm, level: str | None = None) -> list[Scanned]:
    return [
        o.scanned
        for o in outcomes
        if o.arm == arm and o.scanned is not None and level in {None, o.level}
    ]


def _rung(level: str, scans: Sequence[Scanned], quiet: Sequence[Scanned]) -> Rung:
    scores = [s.score for s in scans]
    harvests = [h for s in scans for h in s.harvests]
    found = [h.bits for h in harvests if h.bits is not None]
    return Rung(
        level=level,
        scenarios=len(scans),
        campaigns=pooled(s.campaigns.recall for s in scores),
        asking=_found(h for h in harvests if not h.plain),
        plain=_found(h for h in harvests if h.plain),
        asking_accounts=pooled(rate(h.reported, h.accounts) for h in harvests if not h.plain),
        plain_accounts=pooled(rate(h.reported, h.accounts) for h in harvests if h.plain),
        merged=sum(h.state == "merged" for h in harvests),
        accounts=pooled(s.accounts.recall for s in scores),
        accounts_precision=pooled(s.accounts.precision for s in scores),
        exchanges=pooled(s.exchanges.recall for s in scores),
        exchanges_precision=pooled(s.exchanges.precision for s in scores),
        relay_precision=pooled(s.relay for s in scans),
        reports=pooled(s.campaigns.precision for s in scores),
        innocents=pooled(s.score.false_positives for s in (*scans, *quiet)),
        bits=median(found) if found else None,
        cost=_cost(harvests),
        curve=curve(scans, quiet),
    )


def _found(harvests: Iterable[Harvest]) -> Rate:
    states = [h.state for h in harvests]
    return rate(sum(state == "found" for state in states), len(states))


def _cost(harvests: Sequence[Harvest]) -> Cost | None:
    if not harvests:
        return None
    return Cost(
        accounts=median(1000 * h.accounts / h.harvested for h in harvests),
        hours=median(h.hours for h in harvests),
        wasted=median(1 - h.harvested / h.requests for h in harvests),
    )


def _variants(harvests: Iterable[Harvest]) -> Variants:
    known = list(harvests)

    def found(*, held_back: bool) -> list[bool]:
        return [h.state == "found" for h in known if h.held_back == held_back]

    old, new = found(held_back=False), found(held_back=True)
    return Variants(
        known=rate(sum(old), len(old)),
        held_back=rate(sum(new), len(new)),
        kept_out=set(packaged().held_back) >= HELD_BACK,
    )


def _alarms(outcomes: Iterable[Outcome], level: str) -> Alarms:
    leaks = [leak for o in outcomes if o.arm == "alarm" and o.level == level for leak in o.alarms]
    shares = sorted(leak.share for leak in leaks)
    return Alarms(
        level=level,
        every_hours=EVERY.total_seconds() / 3600,
        shares=tuple(shares),
        alarmed=rate(sum(leak.alarm is not None for leak in leaks), len(leaks)),
        median=median(shares) if shares else None,
    )


def _disclosed(outcome: Outcome) -> Iterable[Disclosed]:
    if outcome.scanned is None:
        return
    title, scanned = load_scenario(outcome.name).title, outcome.scanned
    for harvest in scanned.harvests:
        yield Disclosed(
            scenario=outcome.name,
            title=title,
            campaign=harvest.campaign,
            state=harvest.state,
            accounts=rate(harvest.reported, harvest.accounts),
            bits=harvest.bits,
            false=scanned.score.observed_false,
        )
    if not scanned.harvests:
        yield Disclosed(
            scenario=outcome.name,
            title=title,
            campaign=None,
            state=None,
            accounts=rate(0, 0),
            bits=None,
            false=scanned.score.observed_false,
        )


def _populations(quiet: Sequence[Scanned]) -> Populations:
    false = [s.score.observed_false for s in quiet]
    return Populations(
        populations=len(quiet),
        false=sum(false),
        alarmed=rate(sum(n > 0 for n in false), len(false)),
        fdr=Settings().fdr,
    )


def _ablations(outcomes: Sequence[Outcome], level: str) -> Iterable[Ablation]:
    whole = _scans(outcomes, "rung", level)
    yield _ablation("nothing", level, whole)
    for group in GROUPS:
        left = [s.without[group] for s in whole]
        yield Ablation(
            what=group,
            how="judging",
            level=level,
            campaigns=pooled(w.campaigns for w in left),
            accounts=pooled(w.accounts for w in left),
            innocents=sum(w.innocents for w in left),
        )
    yield _ablation("all metadata", level, _scans(outcomes, "no_metadata", level))
    yield _ablation("all text", level, _scans(outcomes, "no_text", level))


def _ablation(what: str, level: str, scans: Sequence[Scanned]) -> Ablation:
    return Ablation(
        what=what,
        how="traffic",
        level=level,
        campaigns=pooled(s.score.campaigns.recall for s in scans),
        accounts=pooled(s.score.accounts.recall for s in scans),
        innocents=sum(s.score.false_positives.hits for s in scans),
    )
