"""Accounts: who signed up, when, from where, and how they pay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from stillwatch.range.clients import equip
from stillwatch.range.places import WORLD, customers
from stillwatch.range.tables import Floats, Ints, Texts, ids, masked, nothing, pick, repeated, where
from stillwatch.range.world import DAY, World

YEARS = 3.0
"""How long ago the provider opened."""


@dataclass
class Accounts:
    """Columns with a row for each account. `places` are addresses it uses, the usual one first."""

    account: Texts
    organization: Texts
    credential: Texts
    payment_mark: Texts
    plan: Texts
    created: Floats
    country: Texts
    offset: Floats
    user_agent: Texts
    tls_fingerprint: Texts
    gateway: Texts
    model: Texts
    max_tokens: Ints
    temperature: Floats
    places: list[tuple[Texts, Texts, Texts]]
    voice: Ints

    def __len__(self) -> int:
        return len(self.account)


@dataclass(frozen=True)
class People:
    """What is usual for the accounts of one kind; every field is a mix or a share.

    `team` is the mean number of accounts an organisation has: they share a payment mark and an
    office. `lost` is the share of accounts about which a field is not known.
    """

    clients: Mapping[str, float] = field(default_factory=lambda: {"browser": 7.0, "mobile": 3.0})
    place: Mapping[str, float] = field(default_factory=lambda: {"home": 8.0, "mobile": 2.0})
    second_place: Mapping[str, float] = field(default_factory=lambda: {"mobile": 6.0, "home": 1.0})
    plans: Mapping[str, float] = field(default_factory=lambda: {"free": 7.0, "starter": 3.0})
    regions: Mapping[str, float] = field(default_factory=lambda: dict(WORLD))
    gateways: Mapping[str, float] = field(default_factory=dict)
    team: float = 1.0
    age: tuple[float, float] | None = None
    best_model: float = 0.0
    max_tokens: Mapping[str, float] = field(default_factory=lambda: {"4096": 1.0})
    temperature: tuple[float, ...] = ()
    lost: float = 0.02
    keys: bool = False


def recruit(world: World, rng: np.random.Generator, who: People, n: int) -> Accounts:
    """`n` accounts of that kind."""
    team = _teams(rng, who.team, n)
    country, offset = customers(rng, who.regions, n)
    country, offset = country[team], offset[team]
    plan = pick(rng, who.plans, n)[team]
    agents, prints = equip(rng, who.clients, n)
    created = _created(world, rng, who, n)
    # Colleagues join after the organisation did.
    created = np.where(
        team == np.arange(n),
        created,
        rng.uniform(created[team], np.maximum(created, created[team])),
    )
    account = ids(rng, "acct_", n)
    temperature = np.full(n, np.nan)
    if who.temperature:
        temperature = rng.choice(who.temperature, n)
    gateway = nothing(n)
    if who.gateways:
        chosen = pick(rng, who.gateways, n)
        gateway = where(chosen != "", chosen, None)
    return Accounts(
        account=account,
        organization=ids(rng, "org_", n)[team],
        credential=masked(rng, ids(rng, "key_", n), 0.0 if who.keys else who.lost),
        payment_mark=payments(rng, plan, team),
        plan=plan,
        created=created,
        country=country,
        offset=offset,
        user_agent=masked(rng, agents, who.lost),
        tls_fingerprint=masked(rng, prints, who.lost),
        gateway=gateway,
        model=world.models(rng, n, who.best_model),
        max_tokens=pick(rng, who.max_tokens, n).astype(np.int64),
        temperature=temperature,
        places=_places(world, rng, who, country, team),
        voice=rng.integers(0, 1 << 31, n)[team],
    )


def payments(rng: np.random.Generator, plan: Texts, team: Ints) -> Texts:
    """Marks of payment instruments: none on free plans, one a team, a few shared by households."""
    n = len(plan)
    marks = ids(rng, "pm_", n)
    payer = team.copy()
    shared = rng.random(n) < 0.01
    payer[shared] = team[np.maximum(np.flatnonzero(shared) - 1, 0)]
    return where(plan != "free", marks[payer], None)


def _teams(rng: np.random.Generator, mean: float, n: int) -> Ints:
    """For each account the row of its team's first account. Sizes are geometric."""
    if mean <= 1:
        return np.arange(n, dtype=np.int64)
    first = rng.random(n) < 1 / mean
    first[:1] = True
    return np.maximum.accumulate(np.where(first, np.arange(n), 0)).astype(np.int64)


def _created(world: World, rng: np.random.Generator, who: People, n: int) -> Floats:
    """Seconds of sign-up: over the years and ever more of them, or within `age` (days ago)."""
    if who.age is not None:
        return -rng.uniform(who.age[0], who.age[1], n) * DAY
    # A provider that grows e-fold in a year has exponential ages, cut at its opening. They count
    # from the end of the window: every day some sign up and start at once.
    return world.length - rng.exponential(365.0, n) % (YEARS * 365) * DAY


def _places(
    world: World, rng: np.random.Generator, who: People, country: Texts, team: Ints
) -> list[tuple[Texts, Texts, Texts]]:
    usual = draw_places(world, rng, who.place, country)
    kinds = usual[3]
    # A team's office has one address for all; at home everybody has their own.
    together = np.isin(kinds, ["office", "campus", "paas"]) & (kinds == kinds[team])
    shared = [np.where(together, column[team], column) for column in usual[:3]]
    second = draw_places(world, rng, who.second_place, country)
    return [(shared[0], shared[1], shared[2]), (second[0], second[1], second[2])]


def draw_places(
    world: World, rng: np.random.Generator, mix: Mapping[str, float], country: Texts
) -> tuple[Texts, Texts, Texts, Texts]:
    """Addresses, networks, countries and kinds of place, one for each country given."""
    n = len(country)
    kinds = pick(rng, mix, n)
    out = [repeated(None, n) for _ in range(3)]
    for kind in mix:
        here = np.flatnonzero(kinds == kind)
        for column, drawn in zip(out, world.places.draw(rng, kind, country[here]), strict=True):
            column[here] = drawn
    return out[0], out[1], out[2], kinds
