"""Fits the weights of all signals on the range's training scenarios.

    python training/weights.py [--train 400] [--tune 60] [--quiet 250] [--unplaced 500]

Draws scenarios at random (texts of the train split, seeds of their own), scans each, and counts,
for campaigns and for every innocent family, how often each signal of accounts falls into each bin.
The bits of group signals are fitted together (`together.py`), and once more on scenarios that lost
all columns of who is behind an account. Scenarios of the tune split, among them many without any
campaign, show how high the innocent come. Writes src/stillwatch/signals/weights.json.

What was counted is kept under .bench/weights (`keeping.py`): cut off and run again, it goes on.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np

from belonging import fit as belonging
from counting import Counted, Group, Job
from keeping import all_counted
from stillwatch.campaigns.apart import apart
from stillwatch.campaigns.posterior import Crowd, Judged, evidence, judge
from stillwatch.campaigns.verdicts import reported
from stillwatch.config import Settings
from stillwatch.range.split import HELD_BACK, SEEDS
from stillwatch.signals import registry
from stillwatch.signals.model import GroupSignal
from stillwatch.signals.weights import (
    CAMPAIGN,
    EVERYDAY,
    OTHER,
    Alone,
    Weights,
    add,
    as_json,
)
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
QUIET_FROM = 4_000
"""Place among the seeds of the tune split from which scenarios without a campaign are drawn."""
QUIET = 250
UNPLACED = 500
"""Scenarios without a campaign, of providers who log addresses and of such who do not."""


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
    signals = [s for s in _signals() if _teaches(s, taught)]
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
        for s in _signals()
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


def with_nulls(counted: list[tuple[Job, Counted]]) -> Weights:
    """The weights fitted, and with what the innocent reach where there is no campaign.

    Providers who do not log addresses have a null of their own.
    """
    weights = fit([one for job, one in counted if job.split == "train"])
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
    total = _evidence(weights, one.groups) + prior_bits
    stands = np.flatnonzero(apart(ids, np.repeat(ids, sizes), members, total))
    left = [one.groups[i] for i in stands]
    guilty = np.array([group.family == CAMPAIGN for group in left])
    crowd = Crowd(np.array(sizes, dtype=np.int64)[stands], one.total)
    return judge(_values(left), _signals(), weights, prior_bits, crowd), guilty


def _evidence(weights: Weights, groups: list[Group]) -> np.ndarray:
    return evidence(_values(groups), _signals(), weights)


def _values(groups: list[Group]) -> dict[str, np.ndarray]:
    return {
        s.about.name: np.array([group.values.get(s.about.name, np.nan) for group in groups])
        for s in _signals()
    }


def _signals() -> tuple[GroupSignal, ...]:
    return registry.group_signals(_all_columns())


def _all_columns() -> frozenset[str]:
    from stillwatch.sketch import SCHEMA

    return frozenset(SCHEMA.names)


def _rounded(counts: dict[str, dict[str, list[float]]]) -> dict[str, dict[str, list[float]]]:
    return {
        name: {f: [round(c, 3) for c in row] for f, row in sorted(families.items())}
        for name, families in sorted(counts.items())
    }


def _jobs(given: argparse.Namespace, alone: bool) -> list[Job]:
    """What is counted: to fit, then to see what the fit is worth."""
    tune = SEEDS["tune"]
    return [
        *(Job(seed, "train", alone) for seed in SEEDS["train"][: given.train]),
        *(Job(seed, "tune") for seed in tune[: 0 if alone else given.tune]),
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
    parser.add_argument("--quiet", type=int, default=QUIET)
    parser.add_argument("--unplaced", type=int, default=UNPLACED)
    given = parser.parse_args()
    jobs = [job for alone in (False, True) for job in _jobs(given, alone)]
    told = list(zip(jobs, all_counted(jobs), strict=True))
    weights = with_nulls([(job, one) for job, one in told if not job.alone])
    alone = with_nulls([(job, one) for job, one in told if job.alone])
    bare = Alone(
        together=alone.together,
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
