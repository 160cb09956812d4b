"""Habits and alterations that several lookalikes share."""

from __future__ import annotations

import numpy as np

from stillwatch.range.accounts import People
from stillwatch.range.habits import Habit
from stillwatch.range.populations import EDITOR_TOOLS
from stillwatch.range.rows import Draft
from stillwatch.range.tables import Texts, position, repeated
from stillwatch.range.text import family
from stillwatch.range.world import World

SERVER = Habit(
    People(
        clients={"sdk": 7, "raw": 3},
        place={"cloud": 8, "office": 1},
        second_place={"cloud": 1},
        plans={"team": 4, "scale": 4, "enterprise": 2},
        max_tokens={"512": 1, "1024": 2, "4096": 2},
        temperature=(0.0, 0.2, 0.7),
    ),
    workloads=("app",),
    per_day=100,
    skew=0.9,
    arrival="service",
    away=0.3,
)

EVALUATION = Habit(
    People(
        clients={"sdk": 9, "raw": 1},
        place={"cloud": 9, "office": 1},
        second_place={"cloud": 1},
        plans={"team": 5, "scale": 5},
        team=1.5,
        best_model=0.4,
        max_tokens={"1024": 1, "4096": 1, "8192": 1},
        temperature=(0.0,),
    ),
    workloads=("evaluation",),
    per_day=100,
    skew=0.5,
    away=0.1,
    curious=0.0,
)

AGENT = Habit(
    People(
        clients={"agent": 1},
        place={"home": 6, "office": 3},
        second_place={"home": 2, "vpn": 1},
        plans={"starter": 6, "team": 4},
        best_model=0.5,
        max_tokens={"8192": 1, "32000": 1},
    ),
    workloads=("coding_agent",),
    per_day=12,
    rhythm="work",
    turns=12,
    gap=10,
    conversations=True,
    curious=0.0,
    tools=EDITOR_TOOLS,
)


def questions(world: World, rows: Draft, suite: int) -> None:
    """Let every account go through the same questions in the same order.

    Families with a set of their own keep to its size; of others `suite` numbers are used.
    """
    columns = rows.columns
    order = np.lexsort((columns["seconds"], columns["account"]))
    _, owner = np.unique(columns["account"][order], return_inverse=True)
    item = np.empty(len(rows), dtype=np.int64)
    item[order] = position(owner.astype(np.int64)) % suite
    # The n-th question is of the n-th family, whoever asks it.
    stock = np.array(sorted(set(columns["family"].tolist())), dtype=object)
    sizes = np.array([family(name).items or suite for name in stock], dtype=np.int64)
    if len(rows):
        columns["item"] = item // len(stock) % sizes[item % len(stock)]
        columns["family"] = stock[item % len(stock)]
    # A question set has one wording, whoever asks.
    columns["voice"] = np.full(len(rows), world.seed & 0xFFFF)


def fresh_places(world: World, rng: np.random.Generator, rows: Draft, kind: str, by: Texts) -> None:
    """A new address for each value of `by`, as runners and proxies have."""
    _, which = np.unique(by.astype(str), return_inverse=True)
    n = int(which.max()) + 1 if len(which) else 0
    for name, drawn in zip(
        ("address", "network", "country"),
        world.places.draw(rng, kind, repeated("US", n)),
        strict=True,
    ):
        rows.columns[name] = drawn[which]


def keep(rows: Draft, mask: np.ndarray) -> Draft:
    """Only the rows of the mask."""
    return Draft(rows.group, {k: v[mask] for k, v in rows.columns.items()})
