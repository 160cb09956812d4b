"""Fits the weights of all signals on the range's training scenarios.

    python training/weights.py [--train 400] [--tune 60] [--quiet 250] [--unplaced 100]

Draws scenarios at random (texts of the train split, seeds of their own), scans each, and counts,
for campaigns and for every innocent family, how often each signal of accounts falls into each bin.
The bits of group signals are fitted together (`together.py`), and once more on scenarios that lost
all columns of who is behind an account. Scenarios of the tune split, among them many without any
campaign, show what a bit is worth. Writes src/stillwatch/signals/weights.json.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
import pyarrow.parquet as pq

from alike import jaccard
from belonging import Asked, asked
from belonging import fit as belonging
from calibration import calibration
from stillwatch.campaigns.apart import apart
from stillwatch.campaigns.candidates import Candidates
from stillwatch.campaigns.posterior import Crowd, Judged, judge
from stillwatch.campaigns.standing import standing
from stillwatch.campaigns.verdicts import reported
from stillwatch.config import Settings
from stillwatch.engine import engine
from stillwatch.evidence import Evidence, evidence
from stillwatch.ingest import ingest
from stillwatch.progress import silent
from stillwatch.range import make
from stillwatch.range.drawn import drawn
from stillwatch.range.split import HELD_BACK, SEEDS, fitting
from stillwatch.signals import registry
from stillwatch.signals.model import GroupSignal
from stillwatch.signals.weights import (
    CAMPAIGN,
    EVERYDAY,
    OTHER,
    ROOMS,
    WHO,
    Alone,
    Weights,
    add,
    as_json,
    packaged,
)
from stillwatch.sketch.lake import Lake
from stillwatch.traffic import sources
from stillwatch.traffic.exchange import COLUMNS, TEXT
from tail import tail
from together import together

OUT = Path("src/stillwatch/signals/weights.json")
ALIKE = 0.3
"""Jaccard index from which a candidate group is the campaign."""
FEWEST = 8
"""Groups of a lookalike below which it is not weighed by itself."""
FEWEST_INNOCENT = 200
"""Innocent groups that a signal must have judged to be fitted. Of what the range does to campaigns
alone, blocking for one, nothing is learned."""
INVENTED = ("members_long_answers", "members_single_turns", "members_use_against_plan")
"""Of how long answers are, who comes back and what a plan is used for, the range shows what its
makers put in. They weigh nothing of a group."""
AGAIN = (
    "members_countermeasure_probing",
    "members_many_techniques",
    "members_script_translation",
    "technique_sweep",
)
"""They look again for what `group_intents` and `members_asks_for_reasoning` look for. Fitted beside
them, each took 1.5 bits from a harvest of plain tasks, for one and the same lack."""
OPTIONAL = (
    "payment_mark",
    "organization",
    "account_created",
    "tls_fingerprint",
    "user_agent",
    "plan",
    "turn",
    "address",
)

ALWAYS = {"exchange_id", "time", "account"}
"""Columns that every log has, besides the texts."""
BESIDES = {"system_template", *(c.name for c in COLUMNS if c.name not in TEXT)} - ALWAYS - WHO
"""Columns that tell neither who is behind an account nor what is asked."""
QUIET_FROM = 4_000
"""Place among the seeds of the tune split from which scenarios without a campaign are drawn."""
BARE = 0.5
"""Share of providers without these, among those who know nothing of who is behind an account."""


@dataclass
class Group:
    """A candidate group: what it is, what was measured of it, who is in it."""

    family: str
    crowd: str
    """Which campaign or crowd of that family most of its accounts are of."""
    likeness: float
    """Jaccard index of its accounts and theirs."""
    values: dict[str, float]
    members: np.ndarray


@dataclass
class Counted:
    """What one scenario shows. Histograms are shares of one campaign's or family's accounts."""

    accounts: list[tuple[str, str, dict[int, float]]] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    total: int = 0
    """Accounts in all."""
    unplaced: bool = False
    """Whether addresses were not logged."""


class Job(NamedTuple):
    """One scenario to count; `alone`: by what is asked and when, and not by who asks; `quiet`:
    without its campaigns; `unplaced`: of a provider who does not log addresses."""

    seed: int
    split: str
    alone: bool = False
    quiet: bool = False
    unplaced: bool = False


def counted(job: Job) -> Counted:
    """Makes, scans and counts one scenario."""
    seed, split, alone, quiet, unplaced = job
    dropped = _dropped(np.random.default_rng(seed + 1), alone)
    if unplaced:
        dropped.add("address")
    with TemporaryDirectory() as folder:
        home = Path(folder)
        scenario = fitting(drawn(seed, split, campaigns=not quiet))
        made = make(scenario, home / "range")
        with Lake.open(home / "scan", write=True) as lake:
            taken = ingest(lake, sources([made.traffic]), None, None, 1, silent)
            with engine(Settings().memory) as opened:
                columns = taken.columns() - dropped
                known, usual = packaged().given(columns), Settings()
                seen = evidence(
                    opened,
                    opened.parquet(taken.parts),
                    columns,
                    # What is measured of accounts and groups hangs on no weights.
                    known,
                    Settings().fewest_accounts,
                    silent,
                )
                # Which groups grow does: those that the last weights hold for likely.
                grown, _ = standing(seen, known, usual.prior_bits, usual.lead_probability)
                found = _count(seen, grown, _families(made.truth))
                found.unplaced = "address" not in columns
                return _timeless(found) if found.unplaced and columns & WHO else found


def _timeless(found: Counted) -> Counted:
    """Without what weighs nothing where nobody knows who sits in one room (`Weights.given`)."""
    for group in found.groups:
        group.values = {n: v for n, v in group.values.items() if n not in ROOMS}
    return found


def _dropped(rng: np.random.Generator, alone: bool) -> set[str]:
    """Columns that a scenario's provider does not have.

    Some are left out at random, so that no signal is only ever seen in the company of all others.
    """
    dropped = {c for c in OPTIONAL if rng.random() < 0.1}
    if not alone:
        return dropped
    further = set(BESIDES) if rng.random() < BARE else set()
    return dropped | WHO | further


def _families(truth: Path) -> dict[str, tuple[str, str]]:
    """Account → (family, which group of it)."""
    table = pq.read_table(truth, columns=["account", "campaign", "kind", "group"])
    votes: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for row in table.to_pylist():
        if row["campaign"]:
            votes[row["account"]][CAMPAIGN, row["campaign"]] += 1_000_000
        elif row["kind"].startswith("lookalike:"):
            votes[row["account"]][row["kind"].split(":")[1], str(row["group"])] += 1
        else:
            votes[row["account"]][EVERYDAY, row["kind"]] += 1
    return {account: vote.most_common(1)[0][0] for account, vote in votes.items()}


def _count(seen: Evidence, grown: Evidence, families: dict[str, tuple[str, str]]) -> Counted:
    result = Counted(total=seen.total)
    rows = seen.accounts.to_pyarrow()
    names = rows["account"].to_pylist()
    keys = rows["account_key"].to_pylist()
    for signal in seen.account_signals:
        values = np.array(rows[signal.about.name].to_pylist(), dtype=float)
        known = ~np.isnan(values)
        bins = np.searchsorted(signal.scale.edges, values, side="right")
        crowds: dict[tuple[str, str], Counter[int]] = defaultdict(Counter)
        for name, index in zip(np.array(names)[known], bins[known], strict=True):
            crowds[families[name]][int(index)] += 1
        for (family, _), histogram in crowds.items():
            total = sum(histogram.values())
            shares = {index: count / total for index, count in histogram.items()}
            result.accounts.append((signal.about.name, family, shares))
    of = dict(zip(keys, (families[name] for name in names), strict=True))
    whole: dict[tuple[str, str], set[int]] = defaultdict(set)
    for key, one in of.items():
        whole[one].add(key)
    crowds = [accounts for (family, _), accounts in whole.items() if family == CAMPAIGN]
    result.asked = asked(seen, crowds)
    new = ~np.isin(grown.found.groups, seen.found.groups)
    for found in (seen.found, grown.found.only(new)):
        result.groups += _groups(found, of, whole)
    return result


def _groups(
    found: Candidates, of: dict[int, tuple[str, str]], whole: dict[tuple[str, str], set[int]]
) -> list[Group]:
    """The groups that are pure enough to teach something."""
    members = found.members.to_pyarrow()
    crowd: dict[int, list[int]] = defaultdict(list)
    for group, key in zip(
        members["group"].to_pylist(), members["account_key"].to_pylist(), strict=True
    ):
        crowd[group].append(key)
    groups = []
    for row, group in enumerate(found.groups):
        inside = set(crowd[int(group)])
        votes = Counter(of[key] for key in inside)
        family = _majority(votes)
        if family:
            most = max(votes, key=lambda one: (one[0] == family, votes[one]))
            groups.append(
                Group(
                    family=family,
                    crowd=most[1],
                    likeness=jaccard(inside, whole[most]),
                    values={name: float(v[row]) for name, v in found.values.items()},
                    members=np.array(sorted(inside)),
                )
            )
    return groups


def _majority(crowd: Counter[tuple[str, str]]) -> str | None:
    """The family of a group; None where it is too mixed to teach anything."""
    total = sum(crowd.values())
    by_family: Counter[str] = Counter()
    for (family, _), count in crowd.items():
        by_family[family] += count
    harvest = by_family[CAMPAIGN] / total
    if harvest >= 0.5:
        return CAMPAIGN
    if harvest > 0.1:
        return None
    family, count = by_family.most_common(1)[0]
    return family if count / total >= 0.5 else EVERYDAY


def fit(train: list[Counted]) -> Weights:
    """Counts of bins by family, the bits of the group signals, and who belongs."""
    accounts: dict[str, dict[str, list[float]]] = defaultdict(dict)
    groups: dict[str, dict[str, list[float]]] = defaultdict(dict)
    scales = {
        s.about.name: len(s.scale.edges) + 1 for s in registry.signals() if hasattr(s, "scale")
    }
    for one in train:
        for name, family, shares in one.accounts:
            add(accounts[name], family, shares, scales[name])
    taught = [pair for one in train for pair in _teaching(one)]
    signals = [s for s in registry.group_signals(_all_columns()) if _teaches(s, taught)]
    seen: dict[str, float] = defaultdict(float)
    for group, count in taught:
        seen[group.family] += count
        for signal in signals if group.family != CAMPAIGN else ():
            name, value = signal.about.name, group.values.get(signal.about.name, np.nan)
            if not np.isnan(value):
                index = int(np.searchsorted(signal.scale.edges, value, side="right"))
                add(groups[name], group.family, {index: count}, scales[name])
    found = sorted(f for f, n in seen.items() if n >= FEWEST and f not in {CAMPAIGN, EVERYDAY})
    weights = Weights.model_validate(
        {
            "made_by": "python training/weights.py",
            "accounts": _rounded(accounts),
            "groups": _rounded(groups),
            "families": found,
            "held_back": sorted(HELD_BACK),
        }
    )
    bits = together(
        np.array([[g.values.get(s.about.name, np.nan) for s in signals] for g, _ in taught]),
        np.array([group.family == CAMPAIGN for group, _ in taught]),
        _counts(taught, weights.shares()),
        signals,
    )
    nothing = {
        s.about.name: [0.0] * (len(s.scale.edges) + 1)
        for s in registry.group_signals(_all_columns())
        if s.about.name in {*INVENTED, *AGAIN}
    }
    who = belonging([row for one in train for row in one.asked])
    return weights.model_copy(update={"together": {**bits, **nothing}, "belonging": who})


def _teaches(signal: GroupSignal, taught: list[tuple[Group, float]]) -> bool:
    """Whether enough of the innocent could be measured; without them a signal keeps its prior."""
    name = signal.about.name
    if name in {*INVENTED, *AGAIN}:
        return False
    known = [group.family for group, _ in taught if not np.isnan(group.values.get(name, np.nan))]
    return sum(family != CAMPAIGN for family in known) >= FEWEST_INNOCENT


def _teaching(one: Counted) -> list[tuple[Group, float]]:
    """The groups of a scenario that teach, and how much each counts.

    Of campaigns the candidate most like each; pieces of one are none by themselves. Wholes and
    their parts are candidates: whichever innocent is in several counts once in all.
    """
    likest = _likest(one)
    often = Counter(key for group in one.groups for key in group.members.tolist())
    return [
        (
            group,
            1.0
            if group.family == CAMPAIGN
            else float(np.mean([1.0 / often[key] for key in group.members.tolist()])),
        )
        for group in one.groups
        if group.family != CAMPAIGN or group is likest.get(group.crowd)
    ]


def _counts(taught: list[tuple[Group, float]], shares: dict[str, float]) -> np.ndarray:
    """How much each group counts where every innocent family has its share of all the innocent."""
    named = [g.family if g.family in {CAMPAIGN, *shares} else OTHER for g, _ in taught]
    of: dict[str, float] = defaultdict(float)
    for family, (_, count) in zip(named, taught, strict=True):
        of[family] += count
    innocents = sum(count for family, count in of.items() if family != CAMPAIGN)
    seen = sum(share for family, share in shares.items() if family in of)
    scale = {f: shares[f] / seen * innocents / n for f, n in of.items() if f != CAMPAIGN}
    return np.array(
        [count * scale.get(f, 1.0) for f, (_, count) in zip(named, taught, strict=True)]
    )


def _likest(one: Counted) -> dict[str, Group]:
    """Of each campaign the candidate that is most like it; pieces of one are none by themselves."""
    found: dict[str, Group] = {}
    for group in one.groups:
        if group.family == CAMPAIGN and group.likeness >= ALIKE:
            best = found.get(group.crowd)
            if best is None or group.likeness > best.likeness:
                found[group.crowd] = group
    return found


def calibrated(weights: Weights, tune: list[Counted]) -> Weights:
    """The weights with the slope and the offset that hold on scenarios they were not fitted on."""
    taught = [pair for one in tune for pair in _teaching(one)]
    judged = _judged(weights, [group for group, _ in taught], 0.0, sum(one.total for one in tune))
    guilty = np.array([group.family == CAMPAIGN for group, _ in taught])
    slope, offset = calibration(judged.total, guilty, _counts(taught, weights.shares()))
    print(f"calibration on the tune split: {slope:.2f} times the bits, {offset:+.2f}")
    bits = {name: [round(slope * b, 4) for b in row] for name, row in weights.together.items()}
    return weights.model_copy(update={"together": bits, "offset": round(offset, 4)})


def with_nulls(counted: list[tuple[Job, Counted]]) -> Weights:
    """The weights fitted, calibrated, and with what the innocent reach where there is no campaign.

    Those who do not log addresses count for the calibration as often as they are drawn, and no
    more; for their null, more of them were counted.
    """
    train = [one for job, one in counted if job.split == "train"]
    tune = [one for job, one in counted if job.split == "tune" and not job.unplaced]
    weights = calibrated(fit(train), tune)
    nulls = {}
    for name, unplaced in (("null", False), ("unplaced", True)):
        reached = [
            stood(weights, one, 0.0)[0].total
            for job, one in counted
            if job.quiet and one.unplaced == unplaced
        ]
        nulls[name] = tail(np.concatenate(reached)) if reached else None
    return weights.model_copy(update=nulls)


def _known(weights: Weights, one: Counted) -> Weights:
    """The weights with the null that is meant for a scenario."""
    return weights.model_copy(update={"null": weights.unplaced}) if one.unplaced else weights


def stood(weights: Weights, one: Counted, prior_bits: float) -> tuple[Judged, np.ndarray]:
    """The groups that stand in one scenario, judged, and which of them are campaigns."""
    ids = np.arange(len(one.groups))
    sizes = [len(group.members) for group in one.groups]
    members = np.concatenate([group.members for group in one.groups])
    total = _judged(weights, one.groups, prior_bits, one.total).total
    left = [
        one.groups[i] for i in np.flatnonzero(apart(ids, np.repeat(ids, sizes), members, total))
    ]
    guilty = np.array([group.family == CAMPAIGN for group in left])
    return _judged(weights, left, prior_bits, one.total), guilty


def _judged(weights: Weights, groups: list[Group], prior_bits: float, total: int) -> Judged:
    signals = registry.group_signals(_all_columns())
    values = {
        s.about.name: np.array([group.values.get(s.about.name, np.nan) for group in groups])
        for s in signals
    }
    crowd = Crowd(np.array([len(group.members) for group in groups], dtype=np.int64), total)
    return judge(values, signals, weights, prior_bits, crowd)


def _all_columns() -> frozenset[str]:
    from stillwatch.sketch import SCHEMA

    return frozenset(SCHEMA.names)


def _rounded(counts: dict[str, dict[str, list[float]]]) -> dict[str, dict[str, list[float]]]:
    return {
        name: {f: [round(c, 3) for c in row] for f, row in sorted(families.items())}
        for name, families in sorted(counts.items())
    }


def _jobs(given: argparse.Namespace, alone: bool) -> list[Job]:
    """What is counted: to fit, then to calibrate."""
    tune = SEEDS["tune"]
    return [
        *(Job(seed, "train", alone) for seed in SEEDS["train"][: given.train]),
        *(Job(seed, "tune", alone) for seed in tune[: given.tune]),
        *(Job(seed, "tune", alone, quiet=True) for seed in tune[QUIET_FROM:][: given.quiet]),
        *(
            Job(seed, "tune", quiet=True, unplaced=True)
            for seed in tune[QUIET_FROM + given.quiet :][: 0 if alone else given.unplaced]
        ),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train", type=int, default=400)
    parser.add_argument("--tune", type=int, default=60)
    parser.add_argument("--quiet", type=int, default=250)
    parser.add_argument("--unplaced", type=int, default=100)
    given = parser.parse_args()
    jobs = [job for alone in (False, True) for job in _jobs(given, alone)]
    results = []
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        for done, result in enumerate(pool.map(counted, jobs), 1):
            results.append(result)
            print(f"\r{done} of {len(jobs)} scenarios", end="", flush=True)
    print()
    told = list(zip(jobs, results, strict=True))
    weights = with_nulls([(job, one) for job, one in told if not job.alone])
    alone = with_nulls([(job, one) for job, one in told if job.alone])
    bare = Alone(
        together=alone.together,
        offset=alone.offset,
        null=alone.unplaced,
        belonging=alone.belonging,
    )
    weights = weights.model_copy(update={"alone": bare})
    OUT.write_text(as_json(weights), "utf-8")
    print(f"{OUT}: {len(weights.families)} innocent families")
    tune = [one for job, one in told if job.split == "tune" and not (job.alone or job.quiet)]
    judged = [stood(_known(weights, one), one, Settings().prior_bits) for one in tune]
    sure = np.concatenate([reported(j, Settings()) for j, _ in judged])
    guilty = np.concatenate([g for _, g in judged])
    total = np.concatenate([j.total for j, _ in judged])
    print(f"tune: {(sure & guilty).sum()} campaigns reported, {(sure & ~guilty).sum()} innocents")
    print("tune: campaigns", np.round(np.sort(total[guilty]), 1))
    print("tune: innocents", np.round(np.sort(total[~guilty])[-25:], 1), f"of {(~guilty).sum()}")


if __name__ == "__main__":
    main()
