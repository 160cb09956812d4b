"""Companies: many people behind one address, one key, one payment or one gateway."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from stillwatch.range.accounts import draw_places
from stillwatch.range.clients import equip
from stillwatch.range.habits import live
from stillwatch.range.lookalikes.registry import Size, lookalike
from stillwatch.range.lookalikes.stock import SERVER
from stillwatch.range.populations import BUSINESS_TOOLS, POPULATIONS
from stillwatch.range.rows import Draft
from stillwatch.range.tables import choose, ids, repeated
from stillwatch.range.text import families
from stillwatch.range.world import World


@lookalike(accounts=14, per_day=110, fires="round the clock; one system prompt on every request")
def support_chat(world: World, rng: np.random.Generator, size: Size) -> Draft:
    """Shops whose customers chat with the model."""
    habit = replace(
        SERVER,
        workloads=("support",),
        per_day=size.per_day,
        conversations=True,
        tools=BUSINESS_TOOLS,
    )
    return live(world, rng, size.group, habit, size.accounts)[1]


@lookalike(accounts=12, per_day=130, fires="round the clock without idle periods")
def follow_the_sun_support(world: World, rng: np.random.Generator, size: Size) -> Draft:
    """A support team on three continents that hands over and never idles."""
    habit = replace(
        SERVER, workloads=("support",), per_day=size.per_day, rhythm="flat", cv=(1.0, 1.4), skew=0.4
    )
    habit = replace(
        habit,
        who=replace(habit.who, plans={"enterprise": 1}, team=size.accounts, clients={"tool": 1}),
    )
    accounts, rows = live(world, rng, size.group, habit, size.accounts)
    # Three offices, eight hours each; every account is used in all of them.
    shift = ((rows.columns["seconds"] / 3600 + world.start.hour) % 24 // 8).astype(np.int64)
    offices = world.places.draw(rng, "office", np.array(["IN", "PL", "US"], dtype=object))
    for name, column in zip(("address", "network", "country"), offices, strict=True):
        rows.columns[name] = column[shift]
    rows.columns["payment_mark"] = repeated(accounts.payment_mark[0], len(rows))
    return rows


@lookalike(accounts=140, per_day=10, fires="very many accounts behind one address and one agent")
def corporate_gateway(world: World, rng: np.random.Generator, size: Size) -> Draft:
    """A large employer whose staff reach the model through one gateway."""
    office = POPULATIONS["office"]
    habit = replace(
        office,
        per_day=size.per_day,
        who=replace(office.who, plans={"enterprise": 1}, team=1, regions={"europe": 1}),
    )
    _, rows = live(world, rng, size.group, habit, size.accounts)
    here = world.places.draw(rng, "office", repeated("DE", 1))
    for name, column in zip(("address", "network", "country"), here, strict=True):
        rows.columns[name] = repeated(column[0], len(rows))
    agent, print_ = equip(rng, {"raw": 1}, 1)
    rows.columns["user_agent"] = repeated(agent[0], len(rows))
    rows.columns["tls_fingerprint"] = repeated(print_[0], len(rows))
    rows.columns["gateway"] = repeated("gw-corporate", len(rows))
    rows.columns["payment_mark"] = repeated(rows.columns["payment_mark"][0], len(rows))
    rows.columns["organization"] = repeated(rows.columns["organization"][0], len(rows))
    return rows


@lookalike(accounts=8, per_day=90, fires="one credential on many addresses and user agents")
def shared_team_keys(world: World, rng: np.random.Generator, size: Size) -> Draft:
    """Teams that pass one key around: a dozen people, machines and programs on one account."""
    developer = POPULATIONS["developer"]
    habit = replace(developer, per_day=size.per_day, skew=0.5)
    habit = replace(habit, who=replace(habit.who, plans={"starter": 1, "team": 1}, keys=True))
    _, rows = live(world, rng, size.group, habit, size.accounts)
    columns = rows.columns
    colleagues = 12
    _, owner = np.unique(columns["account"], return_inverse=True)
    person = owner * colleagues + choose(rng, [1 / k for k in range(1, 13)], len(rows))
    n = (int(owner.max()) + 1) * colleagues if len(rows) else 0
    country = np.array(["US", "GB", "IN", "DE"], dtype=object)[rng.integers(4, size=n)]
    *places, _ = draw_places(world, rng, {"home": 6, "office": 3, "cloud": 2}, country)
    for name, column in zip(("address", "network", "country"), places, strict=True):
        columns[name] = column[person]
    agents, prints = equip(rng, {"sdk": 5, "raw": 3, "tool": 1}, n)
    columns["user_agent"], columns["tls_fingerprint"] = agents[person], prints[person]
    return rows


@lookalike(accounts=24, per_day=70, fires="accounts that share payment and addresses; a gateway")
def reseller(world: World, rng: np.random.Generator, size: Size) -> Draft:
    """A reseller: its own accounts, balanced over real customers who ask all kinds of things."""
    habit = replace(
        SERVER,
        workloads=("chat", "writing", "coding", "support"),
        per_day=size.per_day,
        cv=(1.0, 1.8),
        skew=0.4,
    )
    habit = replace(
        habit,
        who=replace(habit.who, team=size.accounts / 2, clients={"raw": 1}, place={"cloud": 1}),
    )
    _, rows = live(world, rng, size.group, habit, size.accounts)
    columns = rows.columns
    # A handful of servers, and a hand of its own for each customer of theirs.
    servers = world.places.draw(rng, "cloud", repeated("US", 6))
    server = rng.integers(6, size=len(rows))
    for name, column in zip(("address", "network", "country"), servers, strict=True):
        columns[name] = column[server]
    columns["gateway"] = repeated("gw-bazaar", len(rows))
    if rng.random() < 0.5:
        # An organisation for each customer, and the reseller's cards for all of them.
        _, customer = np.unique(columns["account"].astype(str), return_inverse=True)
        columns["organization"] = ids(rng, "org_", len(rows))[customer]
    columns["voice"] = rng.integers(0, 400, len(rows))
    return rows


@lookalike(accounts=6, per_day=90, fires="technique sweeps and probing of safeguards")
def red_team(world: World, rng: np.random.Generator, size: Size) -> Draft:
    """A red team with permission, which tries every known trick."""
    office = POPULATIONS["developer"]
    sweep = ("safeguard_probing", "technique_sweep", "reasoning_reconstruction")
    habit = replace(
        office,
        per_day=size.per_day,
        skew=0.5,
        workloads=("red_team",),
        intents=tuple(i for i in sweep if families(intent=i, split=world.split)),
        asked=0.6,
        turns=20,
        gap=20.0,
        who=replace(office.who, plans={"enterprise": 1}, team=size.accounts, place={"office": 1}),
    )
    _, rows = live(world, rng, size.group, habit, size.accounts)
    refused = (rng.random(len(rows)) < 0.35) & (rows.columns["status"] == "ok")
    rows.set(refused, status="refused")
    return rows
