"""Counts what one scenario of the range shows of every signal: the raw material of the weights."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
import pyarrow.parquet as pq

from alike import jaccard
from belonging import Asked, asked
from stillwatch.campaigns.candidates import Candidates
from stillwatch.campaigns.standing import standing
from stillwatch.config import Settings
from stillwatch.engine import engine
from stillwatch.ingest import ingest
from stillwatch.progress import silent
from stillwatch.range import make
from stillwatch.range.drawn import drawn
from stillwatch.range.split import fitting
from stillwatch.signals.weights import CAMPAIGN, EVERYDAY, ROOMS, WHO, packaged
from stillwatch.sketch.lake import Lake
from stillwatch.traffic import sources
from stillwatch.traffic.exchange import COLUMNS, TEXT
from stillwatch.weighing import Evidence, evidence

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
    held = found.held()
    groups = []
    for row, group in enumerate(found.groups.tolist()):
        # In the order of their keys, so that a tie is no matter of the engine's threads.
        votes = Counter(of[key] for key in held[group].tolist())
        inside = set(held[group].tolist())
        family = _majority(votes)
        if family:
            most = max(votes, key=lambda one: (one[0] == family, votes[one]))
            groups.append(
                Group(
                    family=family,
                    crowd=most[1],
                    likeness=jaccard(inside, whole[most]),
                    values={name: float(v[row]) for name, v in found.values.items()},
                    members=held[group],
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
