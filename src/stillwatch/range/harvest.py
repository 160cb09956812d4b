"""Campaigns: one work queue, dealt out over many accounts."""

from __future__ import annotations

import numpy as np

from stillwatch.errors import UsageError
from stillwatch.range.accounts import Accounts
from stillwatch.range.clock import Visits, sample
from stillwatch.range.evasion import LEVELS, Evasion
from stillwatch.range.habits import writing
from stillwatch.range.infrastructure import enlist, pool, route
from stillwatch.range.operation import Operation, cuts, deal, handover, span
from stillwatch.range.populations import POPULATIONS
from stillwatch.range.rows import Draft, Writing, draft
from stillwatch.range.scenario import Campaign
from stillwatch.range.tables import Floats, Ints, Texts, choose, ids, repeated
from stillwatch.range.text import families
from stillwatch.range.world import DAY, RELEASE, World

TOOLS = ("search", "browse", "run_code", "finish")


def harvest(world: World, campaign: Campaign) -> list[Draft]:
    """All exchanges of a campaign, those of its relayed customers among them."""
    rng = world.rng("campaign", campaign.id)
    begin, end = span(world, campaign)
    level = LEVELS[campaign.level]
    accounts = enlist(world, rng, campaign, begin)
    _vary(rng, level, accounts)
    op = Operation(world, rng, campaign, level, accounts, begin, end)
    when = deal(op)
    blocked = cuts(op)
    rows = _queue(op, handover(when, blocked), when.seconds)
    parts = [rows, *_denials(op, rows, blocked), *_customers(op)]
    proxies = pool(world, campaign)
    for part in parts:
        route(rng, campaign, level, proxies, part.columns)
    return parts


def _queue(op: Operation, owner: Ints, seconds: Floats) -> Draft:
    """The prompts of the queue, asked by these accounts at these times."""
    visits = _single(owner, seconds)
    group = f"campaign:{op.campaign.id}"
    rows = draft(
        op.world,
        op.rng,
        group,
        op.accounts,
        visits,
        writing=_letters(op),
        errors=0.01,
        limited=0.01,
    )
    columns, n = rows.columns, len(rows)
    # Every exchange is one prompt of the list, taken in order, and no prompt is asked twice.
    columns["queue"] = np.argsort(np.argsort(columns["seconds"], kind="stable"))
    columns["voice"] = _hands(op, columns["account"])
    columns["home"] = repeated("US", n)
    columns["campaign"] = repeated(op.campaign.id, n)
    columns["kind"] = repeated("campaign", n)
    trajectories = [f.name for f in families(intent="tool_trajectories")]
    for i in np.flatnonzero(np.isin(columns["family"].astype(str), trajectories)).tolist():
        columns["tools"][i] = list(TOOLS)
    if op.world.release is not None:
        # After a release the queue moves to the new model, within a day.
        ready = op.world.release + op.rng.exponential(0.3 * DAY, n)
        moves = (columns["seconds"] > ready) & (op.rng.random(n) < op.campaign.retarget)
        rows.set(moves, model=RELEASE)
    return rows


def _single(owner: Ints, seconds: Floats) -> Visits:
    """Requests that are no conversation."""
    n = len(owner)
    return Visits(owner, seconds, np.arange(n), np.ones(n, dtype=np.int64))


def _letters(op: Operation) -> Writing:
    """The template families the campaign writes from, some for each of its intents."""
    chosen: list[str] = []
    for intent in op.campaign.intents:
        stock = [f.name for f in families(intent=intent, split=op.world.split)]
        chosen += [stock[i] for i in op.rng.permutation(len(stock))[: op.campaign.families]]
    if not chosen:
        asked = ", ".join(op.campaign.intents)
        raise UsageError(
            f"campaign {op.campaign.id!r}: no family of {op.world.split!r} asks {asked}"
        )
    return Writing(families=tuple(chosen), paraphrase=op.level.paraphrase)


def _hands(op: Operation, account: Texts) -> Ints:
    """The wording in use: one for all, or one of several for each account."""
    hands = op.rng.integers(1 << 31, size=op.campaign.hands * op.level.hands)
    names, who = np.unique(account, return_inverse=True)
    return hands[op.rng.integers(len(hands), size=len(names))][who]


def _vary(rng: np.random.Generator, level: Evasion, accounts: Accounts) -> None:
    varied = rng.random(len(accounts)) < level.varied
    some = int(varied.sum())
    accounts.max_tokens[varied] = rng.choice([1024, 2048, 4096, 8192], some)
    accounts.temperature[varied] = rng.choice([0.2, 0.5, 0.7, 0.9, 1.0], some)


def _denials(op: Operation, rows: Draft, blocked: Floats) -> list[Draft]:
    """What a blocked account still tries: two to four requests that are denied."""
    names, first = np.unique(rows.columns["account"], return_index=True)
    known = dict(zip(names.tolist(), first.tolist(), strict=True))
    index: list[int] = []
    seconds: list[float] = []
    for k, cut in enumerate(blocked.tolist()):
        row = known.get(op.accounts.account[2 * k])
        if row is not None:
            tries = int(op.rng.integers(2, 5))
            index += [row] * tries
            seconds += (cut + op.rng.uniform(1, 40, tries)).tolist()
    if not index:
        return []
    columns = {name: column[index] for name, column in rows.columns.items()}
    columns["seconds"] = np.minimum(np.array(seconds), op.world.length - 1)
    columns["exchange_id"] = ids(op.rng, "ex_", len(index))
    columns["status"] = repeated("denied", len(index))
    return [Draft(rows.group, columns)]


def _customers(op: Operation) -> list[Draft]:
    """A relay's accounts also carry what its real customers ask."""
    mixed = op.campaign.mixed_share
    if not mixed:
        return []
    weight = np.exp(op.rng.normal(0, 0.6, len(op.accounts)))
    total = round(op.campaign.exchanges * mixed / (1 - mixed))
    owner = np.repeat(np.arange(len(weight)), op.rng.multinomial(total, weight / weight.sum()))
    # Customers keep their own hours, wherever they live.
    home = op.rng.choice([-5.0, 1.0, 8.0], len(owner))
    seconds = sample(op.world, home, "leisure", op.rng.random(len(owner)))
    visits = _single(owner, op.begin + seconds % op.length)
    rows = draft(
        op.world,
        op.rng,
        f"relay:{op.campaign.id}",
        op.accounts,
        visits,
        writing=writing(op.world, op.rng, POPULATIONS["chat"]),
    )
    rows.columns["voice"] = choose(op.rng, [1.0] * 2000, len(rows))
    rows.columns["kind"] = repeated("relay:customers", len(rows))
    return [rows]
