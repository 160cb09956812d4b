"""How alike accounts act: what those of a group do, against what everybody does.

Strangers may come through the proxies of a campaign or use its client. What they share with it
says that they belong; that they act in another way says that they do not. Accounts driven by one
program ask for one model with the same settings, and pause and work alike, whatever it is that the
program does: so a group is the measure of its own accounts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import ibis.util
import numpy as np
import numpy.typing as npt

from stillwatch.campaigns.candidates import Ground
from stillwatch.campaigns.graph import Ints
from stillwatch.campaigns.posterior import Floats

HABITS: Mapping[str, tuple[str, ...]] = {
    "settings": ("model", "max_tokens", "temperature"),
    "customer": ("plan",),
}
"""Kinds of likeness that come from what an account asks for most of the time. The groups of the
account signals are further kinds, and the size of its organisation is one of `customer`."""
ORGANIZATION = "organization"
STRENGTH = 8.0
"""Accounts that outweigh what everybody does, in what a group does."""
LARGEST_TRAIT = 3.0
"""Bits that one trait may say at most, for or against."""


@dataclass(frozen=True, slots=True)
class Trait:
    """`codes` (n,): what each account does, -1 where it is not known; `usual`: shares of codes."""

    kind: str
    codes: Ints
    usual: Floats


@dataclass(frozen=True, slots=True)
class Traits:
    """All traits of all accounts; `keys` (n,): account keys, ascending."""

    keys: Ints
    traits: tuple[Trait, ...]

    def likeness(self, members: Ints, asked: Ints) -> dict[str, Floats]:
        """Kind → (len(asked),): log2 of how much likelier members act so than everybody does.

        `members` and `asked` are account keys. The likelihood of a group is that of its members,
        shrunk towards everybody's (Dirichlet prior; Gelman et al., Bayesian Data Analysis, 3.4); a
        member is left out of its own group. Traits of one kind are added up.
        """
        inside = np.searchsorted(self.keys, members)
        rows = np.searchsorted(self.keys, asked)
        own = np.isin(asked, members).astype(np.float64)
        found = {trait.kind: np.zeros(len(asked)) for trait in self.traits}
        for trait in self.traits:
            codes, theirs = trait.codes[rows], trait.codes[inside]
            known = codes >= 0
            counts = np.bincount(theirs[theirs >= 0], minlength=len(trait.usual)).astype(np.float64)
            code, left = codes[known], own[known]
            usual = trait.usual[code]
            share = (counts[code] - left + STRENGTH * usual) / (counts.sum() - left + STRENGTH)
            bits = np.clip(np.log2(share / usual), -LARGEST_TRAIT, LARGEST_TRAIT)
            found[trait.kind][known] += bits
        return found


def traits(ground: Ground) -> Traits:
    """What each account does: the bins of its signals, its settings, what customer it is."""
    names = [signal.about.name for signal in ground.account_signals]
    table = ground.accounts.select("account_key", *names).to_pyarrow().sort_by("account_key")
    keys = table["account_key"].to_numpy()
    found = []
    for signal in ground.account_signals:
        values = table[signal.about.name].cast("float64").to_numpy(zero_copy_only=False)
        codes = np.searchsorted(signal.scale.edges, values, side="right")
        codes[np.isnan(values)] = -1
        found.append(_trait(signal.about.group, codes, len(signal.scale.edges) + 1))
    habits = _habits(ground)
    for kind, columns in HABITS.items():
        found += [
            _coded(kind, keys, _favourite(habits, column))
            for column in columns
            if column in habits.columns
        ]
    if ORGANIZATION in habits.columns:
        found.append(_coded("customer", keys, _colleagues(habits)))
    return Traits(keys, tuple(found))


def _habits(ground: Ground) -> ir.Table:
    """account_key, each column of `HABITS` that there is, and how many exchanges go together so.

    Far fewer rows than exchanges, since an account's settings hardly change.
    """
    columns = [ORGANIZATION, *(column for columns in HABITS.values() for column in columns)]
    used = [column for column in columns if column in ground.exchanges.columns]
    counts = ground.exchanges.group_by("account_key", *used).agg(seen=lambda t: t.count())
    # One evidence may be judged several times.
    return ground.engine.keep(ibis.util.gen_name("habits"), counts)


def _favourite(habits: ir.Table, column: str) -> ir.Table:
    """account_key, value: what most of an account's exchanges have in that column."""
    known = habits.filter(habits[column].notnull())
    counts = known.group_by("account_key", value=known[column].cast("string")).agg(
        seen=lambda t: t.seen.sum()
    )
    order = [ibis.desc(counts.seen), counts["value"]]
    place = ibis.row_number().over(ibis.window(group_by="account_key", order_by=order))
    ranked = counts.mutate(place=place)
    return ranked.filter(ranked.place == 0).select("account_key", "value")


def _colleagues(habits: ir.Table) -> ir.Table:
    """account_key, value: how many accounts its organisation has, in powers of two."""
    known = habits.filter(habits[ORGANIZATION].notnull())
    of = known.group_by("account_key").agg(organization=lambda t: t[ORGANIZATION].max())
    sizes = of.group_by("organization").agg(accounts=lambda t: t.count())
    sized = of.join(sizes, "organization")
    power = sized.accounts.cast("float64").log2().round()
    return sized.select("account_key", value=power.cast("int64").cast("string"))


def _coded(kind: str, keys: Ints, values: ir.Table) -> Trait:
    rows = values.to_pyarrow()
    known, code = np.unique(rows["value"].to_numpy(zero_copy_only=False), return_inverse=True)
    codes = np.full(len(keys), -1, dtype=np.int64)
    codes[np.searchsorted(keys, rows["account_key"].to_numpy())] = code
    return _trait(kind, codes, len(known))


def _trait(kind: str, codes: npt.NDArray[np.integer], bins: int) -> Trait:
    counts = np.bincount(codes[codes >= 0], minlength=bins) + 1.0
    return Trait(kind, np.asarray(codes, dtype=np.int64), counts / counts.sum())
